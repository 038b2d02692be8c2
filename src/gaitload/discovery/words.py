"""What names of files and folders may mean: kinds of trials, bodies that carry sensors, and parts that mean nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STATIC = _words(
    "static statics stat stand standing calib calibration cal neutral npose tpose apose anatomical "
    "statisch kalib kalibrierung kalibrering stehen stehend stehversuch standversuch "
    "estatico estatica calibracion statico statica calibrazione statique calibrage estatic"
)
REFERENCE = _words("ref reference referenz referens referencia pose")
"""Words of a static trial where no word of a motion stands beside them (`reference`, but not `walk_ref01`)."""
WALK = _words("walk walking gait gehen geht gang gangart marcha caminar caminata andar marche cammino lopen wandelen")
RUN = _words("run running runs jog jogging sprint sprinting lauf laufen rennen correr carrera courir corsa corrida")
OTHER = _words(
    "squat squats jump jumping jumps cmj hop hopping lunge lunges stairs stair sts sit cutting cut turn "
    "turning landing kick throw rom functional balance dj dropjump djump stepup stepdown tug "
    "sprung kniebeuge treppe salto sentadilla escaleras saut escalier"
)
KINDS = _words(
    "markers marker mocap motion capture omc optical trajectories trc c3d raw data forces force grf grfs "
    "kinetics mot fp plate plates imu imus sensors sensor xsens dot apdm inertial trial trials session "
    "ses recordings recording export exports measured tracking treadmill overground belt tm og file files "
    "day visit pre post baseline followup old new misc sitzung messung messungen daten versuch "
    "versuche laufband sesion datos ensayo ensayos "
    "seance essai essais donnees sessione prova dati sessao dados input output elaborated elaborations processed "
    "dynamic dynamics take takes participants subjects patients probanden teilnehmer sujetos sujets soggetti"
)
"""Words that say what a file or folder holds, never whose it is; all words are without accents (`plain_letters`)."""

_BODY = {
    "pelvis": _words("pelvis pelv sacrum sacral waist hips"),
    "torso": _words("torso trunk chest sternum thorax back"),
    "femur": _words("femur thigh upperleg"),
    "tibia": _words("tibia shank lowerleg calf"),
    "calcn": _words("calcn calcaneus foot shoe heel"),
}
_BODY_OF_WORD = {word: body for body, words in _BODY.items() for word in words}
_SIDE_OF_WORD = {"r": "r", "right": "r", "rechts": "r", "l": "l", "left": "l", "links": "l"}
_MIDDLE = ("pelvis", "torso")
_DATE = re.compile(r"(19|20)\d\d([-_. ]?)(0[1-9]|1[0-2])\2[0-3]\d|[0-3]?\d([-_. ])[0-3]?\d\4(19|20)?\d\d")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "œ": "oe", "ł": "l", "Ł": "L", "đ": "d"})
"""Letters that Unicode does not take apart into one without an accent and its accent."""
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ID_START = re.compile(
    r"(?:subject|participant|patient|volunteer|athlete|runner|player|child|proband|teilnehmer|versuchsperson|person"
    r"|försöksperson|deltagare|sujeto|sujet|soggetto|paciente|[^\W\d_]{1,6})[-_ ]?\d{1,5}(?!\d)",
    re.IGNORECASE,
)


def plain_letters(text: str) -> str:
    """The text without accents: `Gång` is `Gang`, `Groß` is `Gross`, whichever way Unicode spells them."""
    return unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode()


def tokens(name: str) -> tuple[str, ...]:
    """Words and numbers of a name in lower case, without accents: `RBDS001runT25` gives rbds, 001, run, t, 25."""
    return tuple(part.lower() for part in _PART.findall(plain_letters(name)))


def kind_of(name: str) -> str | None:
    """Activity that a name speaks of (`static`, `walk`, `run`, `other`), or None; `other` words outrank gaits."""
    words = set(tokens(name))
    for kind, known in (("static", STATIC), ("other", OTHER), ("run", RUN), ("walk", WALK), ("static", REFERENCE)):
        if words & known:
            return kind
    return None


def meaningful(name: str) -> tuple[str, ...]:
    """The tokens of a name that are not words for what a file holds."""
    return tuple(word for word in tokens(name) if word not in KINDS)


def says_no_name(folder: str) -> bool:
    """Whether a folder is called after what it holds or its day (`static`, `walk 2`, `2024-01-31`), not after somebody.

    A folder that begins with somebody's id names that person, whatever else it says (`S03_static`).
    """
    if _DATE.fullmatch(folder.strip()):
        return True
    if id_at_start(folder):
        return False
    words = [word for word in tokens(folder) if not word.isdigit()]
    return (
        bool(words)
        and all(word in KINDS | STATIC | REFERENCE | WALK | RUN | OTHER or len(word) == 1 for word in words)
        and (any(len(word) > 1 for word in words))
    )


def id_at_start(stem: str) -> str | None:
    """What looks like somebody's id at the start of a file's name (`S01` of `S01_walk`), or None."""
    match = _ID_START.match(stem)
    if match is None or kind_of(match[0]) or set(tokens(match[0])) & KINDS:
        return None
    return match[0]


def identifier(text: str) -> str:
    """The text as an id of the tables: letters, digits, `_` and `-`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", plain_letters(text)).strip("_-") or "x"


def body_of(name: str) -> str | None:
    """Body of the model that a sensor's name speaks of (`thigh_r`, `LeftFoot`, `femur_l`), or None."""
    words = list(tokens(name))
    words += ["".join(pair) for pair in pairwise(words)]
    bodies = {_BODY_OF_WORD[word] for word in words if word in _BODY_OF_WORD}
    sides = {_SIDE_OF_WORD[word] for word in words if word in _SIDE_OF_WORD}
    if len(bodies) != 1:
        return None
    (body,) = bodies
    if body in _MIDDLE:
        return body
    return f"{body}_{sides.pop()}" if len(sides) == 1 else None


def by_word(body: str, names: Sequence[str]) -> str | None:
    """A pattern for files of a body by the word that names it in all of them, `*` standing for the rest; or None.

    Parameters
    ----------
    body : str
        Of the model, such as `tibia_r`.
    names : sequence of str
        Of its files, one or more a trial, without `#name`.
    """
    stems, suffixes = zip(*(name.rpartition(".")[::2] for name in names), strict=True)
    words = {_word(body, stem) for stem in stems}
    if len(words) != 1 or None in words or len(set(suffixes)) != 1:
        return None
    (word,) = words
    places = [stem.index(word) for stem in stems]
    before = _alike([stem[:place][-1:] for stem, place in zip(stems, places, strict=True)])
    after = _alike([stem[place + len(word) :][:1] for stem, place in zip(stems, places, strict=True)])
    start = "" if not any(places) else f"*{before}"
    ends = all(stem.endswith(word) for stem in stems)
    return f"{start}{word}{'' if ends else f'{after}*'}.{suffixes[0]}"


def _word(body: str, stem: str) -> str | None:
    """The shortest stretch of a name that tells its body, from one part to another; None where there is none."""
    parts = list(_PART.finditer(stem))
    stretches = [stem[first.start() : last.end()] for at, first in enumerate(parts) for last in parts[at : at + 3]]
    told = [stretch for stretch in stretches if body_of(stretch) == body]
    return min(told, key=len, default=None)


def _alike(characters: Sequence[str]) -> str:
    """The separator that stands there in all names, or nothing."""
    return characters[0] if len(set(characters)) == 1 and not characters[0].isalnum() else ""
