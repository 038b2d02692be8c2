"""One spelling for the names of markers, however a laboratory writes them.

`P1:RASI`, `Subject_R.ASI`, `right asi` and `ASI_R` are the same marker. Names are compared by their `key`: the side,
and the rest in lower case without separators.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

Key = tuple[str, str]
"""Side (`r`, `l`, or empty), and the rest of a name in lower-case letters and digits."""

_SIDE_OF_WORD = {"r": "r", "right": "r", "rt": "r", "rechts": "r", "l": "l", "left": "l", "lt": "l", "links": "l"}
_SUFFIXES = ("study",)
"""Words behind a name that say where it comes from, not where the marker is: OpenCap's augmented markers."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SEPARATOR = re.compile(r"[^A-Za-z0-9]+")
_PREFIX = re.compile(r"[A-Za-z0-9]+[ _.:-]+")
PREFIX_SHARE = 0.8
"""A word that this share of the names of a recording begins with is the name of a subject, not part of theirs. Some
points of a file (unlabelled ones, other objects) lack it."""


def key_of(name: str) -> Key:
    """The key of a name: a word for the side, first, last or between others, else a leading r or l of three letters.

    A name without a side that begins with r or l (`Lumbar`) gets a side that it does not mean; the name of the same
    marker in a set gets it too, so that both still agree.
    """
    parts = [part for part in _SEPARATOR.split(name.rpartition(":")[2]) if part]
    while len(parts) > 1 and parts[-1].lower() in _SUFFIXES:
        parts.pop()
    plain = "".join(parts)
    found = _sided(parts, separated=True) or _sided(_WORD.findall(plain), separated=False) or _attached(plain.lower())
    return found or ("", plain.lower())


def _sided(words: list[str], *, separated: bool) -> Key | None:
    """Side and rest of a name in words of which one says the side; None where none does, or only a number is left."""
    for place in sorted(range(len(words)), key=lambda index: (0 < index < len(words) - 1, index)):
        rest = "".join(words[:place] + words[place + 1 :]).lower()
        # Capitals right behind capitals are an abbreviation that ends in R or L.
        shouted = not separated and place > 0 and words[place].isupper() and words[place - 1].isupper()
        if words[place].lower() in _SIDE_OF_WORD and rest and not rest.isdigit() and not shouted:
            return _SIDE_OF_WORD[words[place].lower()], rest
    return None


def _attached(plain: str) -> Key | None:
    for word in ("right", "left"):
        for rest in (plain.removeprefix(word), plain.removesuffix(word)):
            if rest and rest != plain:
                return word[0], rest
    return (plain[0], plain[1:]) if len(plain) > 2 and plain[0] in "rl" else None


def without_subject(names: Sequence[str]) -> dict[str, str]:
    """Every name with the same without the subject's prefix, which most names of a recording share.

    A prefix ends at a separator, and what is left must still tell all names apart. Words for a side are no prefix.
    """
    plain = {name: name.rpartition(":")[2].strip() or name for name in names}
    starts = Counter(match[0] for match in map(_PREFIX.match, plain.values()) if match)
    if starts and len(plain) > 2:
        prefix, count = starts.most_common(1)[0]
        word = _SEPARATOR.sub("", prefix).lower()
        if count >= PREFIX_SHARE * len(plain) and word not in _SIDE_OF_WORD:
            plain = {name: short.removeprefix(prefix) or short for name, short in plain.items()}
    return plain if len(set(plain.values())) == len(plain) else {name: name for name in names}


def matched(names: Sequence[str], known: dict[str, Collection[str]]) -> dict[str, str]:
    """Names of a recording with the known marker that each is; names of none are left out.

    Equal spelling counts before equal keys. A marker that two names fit equally well is left open: it could be either.

    Parameters
    ----------
    names : sequence of str
    known : dict of str to collection of str
        Marker names, each with its aliases.
    """
    plain = without_subject(names)
    spelled = {spelling: marker for marker, aliases in known.items() for spelling in (*aliases, marker)}
    found = {name: spelled[text] for name in names for text in (name, plain[name]) if text in spelled}
    by_key: dict[Key, str | None] = {}
    for spelling, marker in spelled.items():
        key = key_of(spelling)
        by_key[key] = marker if by_key.get(key, marker) == marker else None
    taken = set(found.values())
    alike = {name: by_key.get(key_of(plain[name])) for name in names if name not in found}
    counts = Counter(alike.values())
    return found | {
        name: marker for name, marker in alike.items() if marker and marker not in taken and counts[marker] == 1
    }
