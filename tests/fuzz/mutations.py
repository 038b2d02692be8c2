"""Ways in which files are damaged: bytes, lines, cells, encodings, and the counts of C3D headers and parameters."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from random import Random

_NUMBER = re.compile(rb"(?<![\w.+-])[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_SPELLINGS = (
    b"nan", b"NaN", b"inf", b"-inf", b"1e400", b"-1e400", b"1e308", b"1e-320", b"", b" ", b"-", b"--1", b"1_0", b"0x10",
    b"1,5", b"true", b"null", b"[]", "١٢".encode(), "１".encode(), "−1".encode(), b"\xff", b"0", b"-1", b"65535",
    b"65536", b"4294967296", b"99999999999999999999", b"1e5", b"0.0", b"=1+1",
)  # fmt: skip
_DELIMITERS = (b"\t", b",", b";", b" ", b"|", b"\n", b"\r", b"\x0b", b"\x1c", b"\x85", b"\xe2\x80\xa8")
_ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "cp037", "utf-7")
_COUNTS = (0, 1, 2, 3, 4, 5, 127, 128, 255, 256, 16384, 16385, 32767, 32768, 40000, 65534, 65535)

Mutation = Callable[[bytes, Random], bytes]


def flip(content: bytes, random: Random) -> bytes:
    """One bit of one to four bytes."""
    damaged = bytearray(content)
    for _ in range(random.randint(1, 4)):
        if damaged:
            damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def overwrite(content: bytes, random: Random) -> bytes:
    """A few bytes by others."""
    place = random.randrange(len(content) + 1)
    piece = random.randbytes(random.randint(1, 8))
    return content[:place] + piece + content[place + len(piece) :]


def insert(content: bytes, random: Random) -> bytes:
    """Bytes or a spelling put in."""
    place = random.randrange(len(content) + 1)
    piece = random.choice((random.randbytes(random.randint(1, 40)), random.choice(_SPELLINGS)))
    return content[:place] + piece + content[place:]


def delete(content: bytes, random: Random) -> bytes:
    """A stretch left out."""
    place = random.randrange(len(content) + 1)
    return content[:place] + content[place + random.choice((1, 1, 2, 3, 10, 100, 512)) :]


def truncate(content: bytes, random: Random) -> bytes:
    """The end left out."""
    return content[: random.randrange(len(content) + 1)]


def swap_blocks(content: bytes, random: Random) -> bytes:
    """Two stretches that change places."""
    size = random.choice((1, 2, 8, 64, 512))
    first, second = sorted(random.randrange(len(content) + 1) for _ in range(2))
    if second < first + size:
        return content
    return (
        content[:first]
        + content[second : second + size]
        + content[first + size : second]
        + content[first : first + size]
        + content[second + size :]
    )


def repeat(content: bytes, random: Random) -> bytes:
    """A stretch that stands there twice."""
    place, size = random.randrange(len(content) + 1), random.choice((1, 4, 16, 300, 512))
    return content[: place + size] + content[place:]


def lines(content: bytes, random: Random) -> bytes:
    """Lines doubled, left out, moved, or put in another order."""
    rows = content.splitlines(keepends=True)
    if not rows:
        return content
    first, second = (random.randrange(len(rows)) for _ in range(2))
    match random.randrange(5):
        case 0:
            rows.insert(second, rows[first])
        case 1:
            del rows[first : first + random.randint(1, 3)]
        case 2:
            rows[first], rows[second] = rows[second], rows[first]
        case 3:
            rows[min(first, second) : max(first, second)] = rows[min(first, second) : max(first, second)][::-1]
        case 4:
            rows.insert(first, random.choice((b"\n", b"   \n", b"//\n", b"#\n", b"\t\t\t\n")))
    return b"".join(rows)


def delimiter(content: bytes, random: Random) -> bytes:
    """A delimiter by another, in one place, in one line or everywhere."""
    old, new = (random.choice(_DELIMITERS) for _ in range(2))
    places = [match.start() for match in re.finditer(re.escape(old), content)]
    if not places:
        return content
    match random.randrange(3):
        case 0:
            return content.replace(old, new)
        case 1:
            rows = content.splitlines(keepends=True)
            row = random.randrange(len(rows))
            return b"".join([*rows[:row], rows[row].replace(old, new), *rows[row + 1 :]])
    place = random.choice(places)
    return content[:place] + random.choice((new, b"", old + old)) + content[place + len(old) :]


def number(content: bytes, random: Random) -> bytes:
    """One number by another spelling, or by another number; every other time one of the first lines."""
    head = len(b"".join(content.splitlines(keepends=True)[:8])) if random.random() < 0.5 else len(content)
    found = list(_NUMBER.finditer(content, 0, head))
    if not found:
        return content
    match = random.choice(found)
    other = random.choice((random.choice(_SPELLINGS), random.choice(found).group(), _near(match.group(), random)))
    return content[: match.start()] + other + content[match.end() :]


def encoding(content: bytes, random: Random) -> bytes:
    """The whole in another encoding, or with other ends of lines."""
    if random.random() < 0.4:
        return content.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\x0c", b"\x00")))
    text = content.decode("latin-1")
    return text.encode(random.choice(_ENCODINGS), errors="replace")


def c3d_counts(content: bytes, random: Random) -> bytes:
    """A count of the header, or a length, type, dimension or value of a parameter; sometimes of two that agree."""
    damaged = bytearray(content)
    fields = [(place, 2) for place in (2, 4, 6, 8, 10, 16, 18)] + [(12, 4), (20, 4), (0, 1), (512 + 2, 1), (512 + 3, 1)]
    fields += parameter_fields(content)
    value = random.choice(_COUNTS)
    for place, size in random.sample(fields, random.choice((1, 1, 2))):
        if place + size <= len(damaged):
            damaged[place : place + size] = _stored(value, size, random)
    return bytes(damaged)


def parameter_fields(content: bytes) -> list[tuple[int, int]]:
    """Place and size of everything that says how parameters are stored, and of their first values."""
    fields, place = [], 512 + 4
    while place + 4 < len(content):
        length, group = struct.unpack_from("<bb", content, place)
        after = place + 2 + abs(length)
        if not length or not group or after + 6 > len(content):
            break
        (offset,) = struct.unpack_from("<h", content, after)
        fields += [(place, 1), (place + 1, 1), (after, 2)]
        if group > 0:
            count = content[after + 3]
            fields += [(after + 2, 1), (after + 3, 1), *((after + 4 + index, 1) for index in range(count))]
            fields += [(after + 4 + count, 2), (after + 4 + count, 4)]
        if offset <= 0:
            break
        place = after + offset
    return fields


ANY: tuple[Mutation, ...] = (flip, overwrite, insert, delete, truncate, swap_blocks, repeat)
TEXT: tuple[Mutation, ...] = (*ANY, lines, lines, delimiter, number, number, number, encoding)
C3D: tuple[Mutation, ...] = (*ANY, c3d_counts, c3d_counts, c3d_counts, c3d_counts)


def damage(content: bytes, random: Random, mutations: tuple[Mutation, ...]) -> tuple[bytes, tuple[str, ...]]:
    """A damaged copy, and what was done to it: one thing in three of five cases, which is the hardest to notice."""
    chosen = random.choices(mutations, k=random.choice((1, 1, 1, 2, 4)))
    for mutation in chosen:
        content = mutation(content, random)
    return content, tuple(mutation.__name__ for mutation in chosen)


def _near(spelled: bytes, random: Random) -> bytes:
    place = random.randrange(len(spelled))
    return spelled[:place] + random.choice((b"", b"9", b".", b"-", b"e", b"e5", b"_")) + spelled[place + 1 :]


def _stored(value: int, size: int, random: Random) -> bytes:
    if size == 4:
        others = (-1.0, -float(value), 1e30, 1e-30, float("nan"), float("inf"))
        return struct.pack("<f", random.choice((float(value), *others)))
    return value.to_bytes(2, "little")[:size]
