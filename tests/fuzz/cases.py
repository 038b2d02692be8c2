"""One case: a damaged file, read within limits of time and memory, and judged."""

from __future__ import annotations

import resource
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from gaitload.errors import GaitloadError
from tests.fuzz.mutations import Mutation, damage

SECONDS_MAX = 5.0
"""Of the processor: another's work on the machine makes no reader slow."""
MEMORY_MAX_BYTES = 1 << 30
_PAGE_BYTES = resource.getpagesize()


@dataclass(frozen=True)
class Seed:
    """An undamaged file.

    Attributes
    ----------
    name : str
    content : bytes
    suffix : str
        With which it is written, where a reader looks at it.
    options : dict
        What the reader is told beside the path.
    beside : dict
        Other files of the same folder, which are not damaged: content by name.
    file : str
        Name under which it is written; `case` and the suffix by default.
    """

    name: str
    content: bytes
    suffix: str = ""
    options: dict = field(default_factory=dict)
    beside: dict[str, bytes] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True)
class Target:
    """A reader under test.

    Attributes
    ----------
    read : callable
        `read(path, **options)`.
    judge : callable
        `judge(seed, content, result, whole)`: what is wrong with a result, in words, or None; `whole` is what the
        undamaged seed reads to.
    """

    name: str
    seeds: Callable[[Path | None], list[Seed]]
    read: Callable
    judge: Callable
    mutations: tuple[Mutation, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one case: `refused` with its code, `read`, or `finding` with what went wrong."""

    kind: str
    what: str
    seed: str
    done: tuple[str, ...]
    content: bytes
    seconds: float


class TooSlow(BaseException):
    """Past every `except Exception` of a reader."""


def run(target: Target, cases: range, folder: Path, shared: Path | None, *, key: str = "gaitload") -> Iterator[Outcome]:
    """Outcomes of numbered cases; the same number is the same case on every machine that has the same seeds."""
    seeds = target.seeds(shared)
    whole = {seed.name: target.read(_written(seed, seed.content, folder), **seed.options) for seed in seeds}
    for number in cases:
        random = Random(f"{key}/{target.name}/{number}")
        seed = random.choice(seeds)
        content, done = damage(seed.content, random, target.mutations)
        path = _written(seed, content, folder)
        began = time.perf_counter()
        kind, what = _judged(target, seed, path, content, done, whole[seed.name])
        yield Outcome(kind, what, seed.name, done, content, time.perf_counter() - began)


def counts(outcomes: Iterator[Outcome]) -> tuple[Counter, list[Outcome], float]:
    """How often what came about, the findings, and the seconds of the slowest case."""
    seen, findings, slowest = Counter(), [], 0.0
    for outcome in outcomes:
        seen[outcome.kind if outcome.kind != "refused" else outcome.what] += 1
        slowest = max(slowest, outcome.seconds)
        if outcome.kind == "finding":
            findings.append(outcome)
    return seen, findings, slowest


def _judged(
    target: Target, seed: Seed, path: Path, content: bytes, done: tuple[str, ...], whole: object
) -> tuple[str, str]:
    try:
        with limits(), warnings.catch_warnings():
            warnings.simplefilter("error")
            result = target.read(path, **seed.options)
    except GaitloadError as error:
        answers = (error.expected, error.found, error.where, error.do)
        if error.code == error.default_code or not all(answers):
            return "finding", f"an error without a code or an answer: {error}"
        return "refused", error.code
    except TooSlow:
        return "finding", f"longer than {SECONDS_MAX} s"
    except Exception as error:
        return "finding", f"{type(error).__name__}: {str(error)[:160]}"
    if content == seed.content:
        return "read", ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wrong = target.judge(seed, content, result, whole)
    except Exception as error:
        wrong = f"the judge cannot tell: {type(error).__name__}: {error}"
    return ("finding", wrong) if wrong else ("read", "")


@contextmanager
def limits() -> Iterator[None]:
    """`TooSlow` after `SECONDS_MAX`, `MemoryError` beyond `MEMORY_MAX_BYTES` more than there are now."""

    def stop(*_: object) -> None:
        raise TooSlow

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE_BYTES if Path("/proc").is_dir() else 0
    if used:
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_MAX_BYTES, hard))
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_MAX)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _written(seed: Seed, content: bytes, folder: Path) -> Path:
    place = folder / seed.name
    place.mkdir(parents=True, exist_ok=True)
    for name, other in seed.beside.items():
        (place / name).write_bytes(other)
    path = place / (seed.file or f"case{seed.suffix}")
    path.write_bytes(content)
    return path
