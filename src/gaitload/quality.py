"""Verdicts: what a gate measured, what it wanted, and what follows.

A gate never stops anything. Bad input raises an error of `gaitload.errors`; a poor result is data, and this is it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from gaitload.dependencies import EVERYTHING
from gaitload.documents import parse_json
from gaitload.errors import DataError


class Verdict(StrEnum):
    """Answer of a gate or of a trial, in rising order of gravity.

    `NOT_JUDGED`: there is no ground to judge on. `NOT_MEASURED`: what a label depends on was not recorded, so that the
    label has no values; that is no fault of the trial.
    """

    PASSED = "passed"
    NOT_JUDGED = "not_judged"
    NOT_MEASURED = "not_measured"
    WARNED = "warned"
    FAILED = "failed"
    REFUSED = "refused"


REMEDY = "Delete the file and run the same command again: only what is missing is made again."
"""What to do about products that are not as their stages left them."""
_GRAVITY = {verdict: rank for rank, verdict in enumerate(Verdict)}
_NO_ANSWER = (Verdict.NOT_JUDGED, Verdict.NOT_MEASURED)
CAUSES = (
    *("FORCE_DEAD", "FORCE_HELD", "FORCE_JUMP", "FORCE_SATURATED"),
    *("MARKERS_FILLED", "MARKERS_FROZEN", "MARKERS_FRAMES_REPEATED", "MARKERS_FRAMES_LOST", "MARKERS_TREMBLE"),
    *("BODY_UNLIKE_STATIC", "LABELS_SWAPPED", "LABELS_MISNAMED"),
    *("FORCE_ACCELERATION", "FORCE_CLOCK"),
    *("FORCE_DIRECTION", "FORCE_SIDEWAYS_GAIN", "MASS_IN_FORCE", "FORCE_IMPULSE", "FORCE_DRIFT"),
    *("FORCE_LAG", "MARKER_DRIFT", "MARKER_MOVED"),
    *("FREE_MOMENT", "COP_STILL", "FLOOR_HEIGHT", "COP_ASIDE", "COP_HEADS", "COP_AHEAD", "COP_IN_FOOT", "FORCE_ORIGIN"),
    *("LABELS_MISSING", "SEGMENT_LOST", "MARKERS_MISSING", "LABELS", "FOOT_SHAPE", "FORCE_BASELINE", "COP", "CONTACT"),
    *("STATIC", "SCALE", "IK"),
)
"""Beginnings of codes, the causes that explain most others first. A dead channel explains a pressure that stands still,
a body of another participant names that fit nowhere, a wrong rate a lag, a lag a pressure off its place; marker errors
of the model, residuals and reserves follow from anything."""


@dataclass(frozen=True)
class Gate:
    """One question asked of one result.

    Attributes
    ----------
    code : str
        Reason code in upper snake case, for example `RESERVE_ANKLE_R`.
    verdict : Verdict
    value, limit : float or None
        The number measured and the number it was held against, in `unit`.
    unit : str
    reason : str
        One sentence a person can act on; names markers, joints or times where it can.
    questions : tuple of str
        Terms of `gaitload.dependencies`: labels that depend on one of them are concerned.
    phase : str
        `swing` where the gate speaks of swing alone; empty otherwise.
    """

    code: str
    verdict: Verdict
    value: float | None
    limit: float | None
    unit: str
    reason: str
    questions: tuple[str, ...] = (EVERYTHING,)
    phase: str = ""


@dataclass(frozen=True)
class GroupVerdict:
    """Verdict on a group of label columns.

    Attributes
    ----------
    verdict : Verdict
        The gravest of its columns.
    passed, warned, failed, not_judged : int
        Columns with each verdict.
    reasons : tuple of str
        Codes of the gates that doubt one of them, the gravest first; else of those that say that it was not measured.
    not_measured : int
        Columns without a value because what they depend on was not recorded.
    """

    verdict: Verdict
    passed: int
    warned: int
    failed: int
    not_judged: int
    reasons: tuple[str, ...]
    not_measured: int = 0


@dataclass(frozen=True)
class Quality:
    """What one stage has to say about one trial (or one subject).

    Attributes
    ----------
    stage, where : str
    gates : tuple of Gate
    numbers : dict
    groups : mapping of str to GroupVerdict
        Of the label groups, where the stage makes labels.
    """

    stage: str
    where: str
    gates: tuple[Gate, ...] = ()
    numbers: dict = field(default_factory=dict)
    groups: dict[str, GroupVerdict] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of the gates; of labels: failed when every group is, warned when any column is in doubt.
        A stage that found nothing measured says so.

        Gates that could not judge, and groups that were not measured, do not drag a trial down.
        """
        if not self.groups:
            unmeasured = self.gates and all(gate.verdict is Verdict.NOT_MEASURED for gate in self.gates)
            return Verdict.NOT_MEASURED if unmeasured else gravest(self.gates)
        verdicts = {group.verdict for group in self.groups.values()}
        if len(verdicts) == 1:
            return verdicts.pop()
        return Verdict.WARNED if verdicts & {Verdict.FAILED, Verdict.WARNED} else Verdict.PASSED

    @property
    def summary(self) -> str:
        """How much of the labels can be used, and which groups cannot: `41 of 58 label columns usable; excluded:
        ...`."""
        usable = sum(group.passed + group.warned for group in self.groups.values())
        total = usable + sum(group.failed + group.not_judged + group.not_measured for group in self.groups.values())
        line = f"{usable} of {total} label columns usable"
        failed = [f"{name} ({_in_words(one.reasons[0])})" for name, one in self.groups.items() if one.failed]
        unjudged = [name for name, one in self.groups.items() if one.not_judged]
        line += f"; excluded: {', '.join(failed)}" if failed else ""
        unmeasured = [name for name, one in self.groups.items() if one.not_measured]
        line += f"; not judged: {', '.join(unjudged)}" if unjudged else ""
        return line + (f"; not measured: {', '.join(unmeasured)}" if unmeasured else "")

    def to_json(self) -> str:
        """Serialise with sorted keys, so that equal results are equal bytes; NaN becomes null."""
        document = {"stage": self.stage, "where": self.where, "verdict": self.verdict}
        document |= {"gates": [asdict(gate) for gate in self.gates], "numbers": self.numbers}
        if self.groups:
            groups = {name: asdict(group) for name, group in self.groups.items()}
            document |= {"groups": groups, "summary": self.summary}
        return json.dumps(_without_nan(document), indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Quality:
        """Inverse of `to_json`.

        Raises
        ------
        ValueError, KeyError, TypeError
            The text is not what `to_json` writes of anything: its verdict is not that of its gates, for example.
        """
        document = parse_json(text)
        gates = tuple(
            Gate(**{**gate, "verdict": Verdict(gate["verdict"]), "questions": tuple(gate["questions"])})
            for gate in document["gates"]
        )
        groups = {
            name: GroupVerdict(**{**group, "verdict": Verdict(group["verdict"]), "reasons": tuple(group["reasons"])})
            for name, group in document.get("groups", {}).items()
        }
        quality = cls(document["stage"], document["where"], gates, document["numbers"], groups)
        typed = isinstance(quality.numbers, dict) and all(map(_typed, gates))
        if not typed or json.loads(quality.to_json()) != document:
            raise ValueError("it contradicts itself, or holds what no stage writes")
        return quality


def read_quality(path: Path) -> Quality:
    """Quality file of a stage; raises `DataError` (QUALITY_DAMAGED) unless it is as the stage wrote it."""
    try:
        return Quality.from_json(path.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            expected="a quality file as its stage wrote it",
            found=f"{type(error).__name__}: {error}",
            where=str(path),
            do=REMEDY,
            code="QUALITY_DAMAGED",
        ) from error


def _typed(gate: Gate) -> bool:
    texts = (gate.code, gate.unit, gate.reason, gate.phase, *gate.questions)
    numbers = (gate.value, gate.limit)
    return all(isinstance(each, str) for each in texts) and all(
        each is None or (isinstance(each, (int, float)) and not isinstance(each, bool)) for each in numbers
    )


def gravest(gates: Iterable[Gate], *, default: Verdict = Verdict.PASSED) -> Verdict:
    """The gravest verdict of some gates; those that could not judge, or for which nothing was measured, do not count.
    The default is for no others."""
    judged = [gate.verdict for gate in gates if gate.verdict not in _NO_ANSWER]
    return max(judged, key=_GRAVITY.__getitem__, default=default)


def reasons(gates: Iterable[Gate]) -> tuple[str, ...]:
    """Codes of the gates that warned or failed, the likeliest cause first, each once."""
    return tuple(dict.fromkeys(gate.code for gate in ranked(gates)))


def ranked(gates: Iterable[Gate]) -> list[Gate]:
    """Gates that warned or failed, the likeliest cause first, and failures before warnings of the same cause."""
    doubts = [gate for gate in gates if gate.verdict in (Verdict.FAILED, Verdict.WARNED)]
    return sorted(doubts, key=lambda gate: (_cause_rank(gate.code), -_GRAVITY[gate.verdict]))


def _cause_rank(code: str) -> int:
    """Place of a code among `CAUSES`, by its longest beginning; codes that are none of them come last."""
    places = [(len(start), -place) for place, start in enumerate(CAUSES) if code.startswith(start)]
    return -max(places)[1] if places else len(CAUSES)


def _in_words(code: str) -> str:
    return code.lower().replace("_", " ")


def judge(
    code: str,
    value: float,
    *,
    unit: str,
    reason: str,
    warn_above: float | None = None,
    fail_above: float | None = None,
    questions: Iterable[str] = (EVERYTHING,),
    phase: str = "",
) -> Gate:
    """Hold a number against its limits.

    A value above `fail_above` fails, above `warn_above` warns; NaN cannot be judged. The limit reported is the one that
    decided (for a pass, the tightest one given).
    """
    limits = [limit for limit in (warn_above, fail_above) if limit is not None]
    if math.isnan(value):
        # The sentence of the gate speaks of a number and its causes; here there is neither.
        missing = f"not known: the recording has nothing to measure {_in_words(code)} by"
        return not_judged(code, reason=missing, questions=questions, phase=phase)
    if fail_above is not None and value > fail_above:
        verdict, limit = Verdict.FAILED, fail_above
    elif warn_above is not None and value > warn_above:
        verdict, limit = Verdict.WARNED, warn_above
    else:
        verdict, limit = Verdict.PASSED, min(limits, default=None)
    return Gate(code, verdict, float(value), limit, unit, reason, tuple(questions), phase)


def outside(value: float, low: float, high: float) -> float:
    """How far a number lies outside a range, 0 inside; NaN is not judged."""
    return value if math.isnan(value) else max(low - value, value - high, 0.0)


def not_judged(code: str, *, reason: str, questions: Iterable[str] = (EVERYTHING,), phase: str = "") -> Gate:
    """A gate that has no ground to stand on, and says why."""
    return Gate(code, Verdict.NOT_JUDGED, None, None, "", reason, tuple(questions), phase)


def not_measured(code: str, *, reason: str, questions: Iterable[str] = (EVERYTHING,)) -> Gate:
    """A gate that says that what it questions was not recorded."""
    return Gate(code, Verdict.NOT_MEASURED, None, None, "", reason, tuple(questions))


def _without_nan(value):
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if hasattr(value, "item") else value
