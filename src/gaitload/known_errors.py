"""How far labels of loads are from what was measured inside people, where anybody measured it.

The numbers are in known_errors.tsv beside this module, as `python -m benchmarks.truth` found them; docs/limits.md and
the report quote them from there, and every label column of a load says its own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_type_hints

from gaitload.config import Config

TABLE = Path(__file__).with_name("known_errors.tsv")
UNKNOWN = "not validated in vivo"


@dataclass(frozen=True)
class KnownError:
    """Error of a label in some walks of some people; mean over the walks, in body weights.

    Attributes
    ----------
    label : str
        Column of the labels without its side and unit.
    label_mode, model : str
        Mode and model, all other settings at their defaults; nothing is known of others.
    activity : str
    rmse_bw, r : float
        Root mean square error and correlation in stance.
    peak_1_bw, peak_2_bw, swing_bw : float
        Errors of the two peaks of stance, and mean error in swing.
    people, trials : int
        How many were measured.
    source : str
        Where the measurement comes from.
    """

    label: str
    label_mode: str
    model: str
    activity: str
    rmse_bw: float
    r: float
    peak_1_bw: float
    peak_2_bw: float
    swing_bw: float
    people: int
    trials: int
    source: str

    @property
    def words(self) -> str:
        """What a column says of itself."""
        return (
            f"{self.rmse_bw:.2f} BW root mean square error in stance (r {self.r:.2f}), {self.activity}, "
            f"people: {self.people}, trials: {self.trials}; {self.source}"
        )


@cache
def known_errors() -> tuple[KnownError, ...]:
    """All that is known."""
    with TABLE.open(newline="") as lines:
        rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
        return tuple(_row(row) for row in rows)


def _row(texts: dict[str, str]) -> KnownError:
    kinds = get_type_hints(KnownError)
    return KnownError(**{name: kinds[name](text) for name, text in texts.items()})


def known_error(label: str, config: Config, activity: str) -> KnownError | None:
    """The known error of a label; None where it was not measured, or not with this mode, model and `muscles`.

    Settings of other sections are not looked at.
    """
    usual = config.label_mode == "opensim" or config.muscles == type(config.muscles)()
    found = (
        error
        for error in known_errors()
        if usual
        and (error.label, error.label_mode, error.model, error.activity)
        == (label, config.label_mode, config.model, activity)
    )
    return next(found, None)


def markdown() -> str:
    """The table as docs/limits.md shows it."""
    lines = [
        "| label | mode, model | activity | RMSE (BW) | r | peaks 1 / 2 (BW) | swing (BW) | people, trials |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_line(error) for error in known_errors()]
    return "\n".join(lines)


def _line(error: KnownError) -> str:
    cells = (
        f"`{error.label}`",
        f"`{error.label_mode}`, {error.model}",
        error.activity,
        f"{error.rmse_bw:.2f}",
        f"{error.r:.2f}",
        f"{error.peak_1_bw:+.2f} / {error.peak_2_bw:+.2f}",
        f"{error.swing_bw:+.2f}",
        f"{error.people}, {error.trials}",
    )
    return f"| {' | '.join(cells)} |"
