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

from gaitload.documents import parse_json
from gaitload.errors import DataError


class Verdict(StrEnum):
    """Answer of a gate or of a trial, in rising order of gravity."""

    PASSED = "passed"
    NOT_JUDGED = "not_judged"
    WARNED = "warned"
    FAILED = "failed"
    REFUSED = "refused"


REMEDY = "Remove the folder manifests of the results and run again: only what is damaged or gone is made anew."
"""What to do about products that are not as their stages left them."""
_GRAVITY = {verdict: rank for rank, verdict in enumerate(Verdict)}


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
    labels : tuple of str
        Prefixes of the label columns the gate speaks about; empty means all.
    """

    code: str
    verdict: Verdict
    value: float | None
    limit: float | None
    unit: str
    reason: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quality:
    """What one stage has to say about one trial (or one subject)."""

    stage: str
    where: str
    gates: tuple[Gate, ...] = ()
    numbers: dict = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of the gates; gates that could not judge do not drag a trial down."""
        return _gravest(self.gates)

    def verdict_on(self, column: str) -> Verdict:
        """The gravest verdict of the gates that speak about a label column."""
        return _gravest(self._gates_on(column))

    def reasons_on(self, column: str) -> list[str]:
        """Codes of the gates that doubt a label column, the gravest first."""
        doubts = [gate for gate in self._gates_on(column) if gate.verdict in (Verdict.FAILED, Verdict.WARNED)]
        doubts.sort(key=lambda gate: -_GRAVITY[gate.verdict])
        return list(dict.fromkeys(gate.code for gate in doubts))

    def _gates_on(self, column: str) -> list[Gate]:
        return [gate for gate in self.gates if not gate.labels or column.startswith(gate.labels)]

    def to_json(self) -> str:
        """Serialise with sorted keys, so that equal results are equal bytes; NaN becomes null."""
        document = {"stage": self.stage, "where": self.where, "verdict": self.verdict}
        document |= {"gates": [asdict(gate) for gate in self.gates], "numbers": self.numbers}
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
            Gate(**{**gate, "verdict": Verdict(gate["verdict"]), "labels": tuple(gate["labels"])})
            for gate in document["gates"]
        )
        quality = cls(document["stage"], document["where"], gates, document["numbers"])
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
    texts = (gate.code, gate.unit, gate.reason, *gate.labels)
    numbers = (gate.value, gate.limit)
    return all(isinstance(each, str) for each in texts) and all(
        each is None or (isinstance(each, (int, float)) and not isinstance(each, bool)) for each in numbers
    )


def _gravest(gates: Iterable[Gate]) -> Verdict:
    judged = [gate.verdict for gate in gates if gate.verdict is not Verdict.NOT_JUDGED]
    return max(judged, key=_GRAVITY.__getitem__, default=Verdict.PASSED)


def judge(
    code: str,
    value: float,
    *,
    unit: str,
    reason: str,
    warn_above: float | None = None,
    fail_above: float | None = None,
    labels: Iterable[str] = (),
) -> Gate:
    """Hold a number against its limits.

    A value above `fail_above` fails, above `warn_above` warns; NaN cannot be judged. The limit reported is the one that
    decided (for a pass, the tightest one given).
    """
    limits = [limit for limit in (warn_above, fail_above) if limit is not None]
    if math.isnan(value):
        return not_judged(code, reason=f"{reason} (no value)", labels=labels)
    if fail_above is not None and value > fail_above:
        verdict, limit = Verdict.FAILED, fail_above
    elif warn_above is not None and value > warn_above:
        verdict, limit = Verdict.WARNED, warn_above
    else:
        verdict, limit = Verdict.PASSED, min(limits, default=None)
    return Gate(code, verdict, float(value), limit, unit, reason, tuple(labels))


def not_judged(code: str, *, reason: str, labels: Iterable[str] = ()) -> Gate:
    """A gate that has no ground to stand on, and says why."""
    return Gate(code, Verdict.NOT_JUDGED, None, None, "", reason, tuple(labels))


def _without_nan(value):
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if hasattr(value, "item") else value
