"""Channels of force plates that do not measure: dead, held, saturated, or with samples that are lost."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from gaitload.conventions import AXES
from gaitload.signals.runs import true_runs
from gaitload.trial import PlateWrench

LOADED_N = 100.0
"""Vertical force from which a plate is loaded for this purpose, whatever its unloaded reading."""
HELD_MIN_S, HELD_MIN_SAMPLES = 0.015, 4
"""Shortest time, and fewest samples, for which all channels of a loaded plate stay exactly as they are."""
JUMP_SHARE, JUMP_MIN_RATE_HZ = 0.5, 250.0
"""Change of the vertical force between two samples, as a share of the greatest one, that no foot makes, and the rate
from which it is looked for. The steepest landings of 55 clean trials change by 0.29 in 3.3 ms and by 0.25 in 1 ms."""
FLAT_MIN_SAMPLES = 5
"""Fewest samples in a row at the greatest reading that make a channel saturated; a smooth peak has one or two."""
FLAT_STEP, BESIDE_SAMPLES = 2.5, 3
"""Least fall within so many samples beside a flat top, in units of the smallest step of the channel: smooth peaks that
are rounded, to whole newtons for example, fall by one or two."""
DEAD_SHARES = (0.010, 0.0, 0.004)
"""Root mean square force along ground X and Z, as shares of the vertical one, below which a channel is dead. People who
walk or run reach 0.07 and 0.026 (49 trials of four laboratories)."""
SIDEWAYS_MIN_N = 30.0
"""Horizontal force on a plate whose vertical channel shows nothing."""


@dataclass(frozen=True)
class Channels:
    """What is wrong with the channels of one plate.

    Attributes
    ----------
    plate : str
    held_s : float
        Time under load in which no channel changes.
    held_at_s : float or None
        Start of the first such time.
    jump_n : float
        Largest change of the vertical force between two samples, where no foot makes it; else 0.
    jump_at_s : float or None
    flat : int
        Samples of the vertical force that lie in runs at its greatest reading.
    peak_n : float
        Greatest vertical reading.
    dead : tuple of str
        Ground axes whose channel shows nothing.
    """

    plate: str
    held_s: float
    held_at_s: float | None
    jump_n: float
    jump_at_s: float | None
    flat: int
    peak_n: float
    dead: tuple[str, ...]

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


def inspect_channels(plate: PlateWrench, time_s: np.ndarray) -> Channels:
    """Look at the readings of one plate in the ground frame, as recorded.

    Parameters
    ----------
    plate : PlateWrench
    time_s : ndarray, shape (N,)
        Uniform.
    """
    force, vertical = plate.force_lab_n, plate.force_lab_n[:, 1]
    step_s = float(np.median(np.diff(time_s)))
    still = np.r_[False, (np.diff(np.hstack((force, plate.moment_lab_nm)), axis=0) == 0).all(axis=1)]
    fewest = max(HELD_MIN_SAMPLES, round(HELD_MIN_S / step_s))
    held = [run for run in true_runs(still & (vertical > LOADED_N)) if run.stop - run.start + 1 >= fewest]
    peak = float(vertical.max())
    flat = _flat_tops(vertical, peak)
    jump = _jump(vertical, peak, step_s)
    held_samples = {sample for run in held for sample in range(run.start, run.stop)}
    return Channels(
        plate=plate.name,
        held_s=step_s * sum(run.stop - run.start + 1 for run in held),
        held_at_s=float(time_s[held[0].start]) if held else None,
        jump_n=abs(float(np.diff(vertical)[jump])) if jump is not None else 0.0,
        jump_at_s=float(time_s[jump + 1]) if jump is not None else None,
        flat=sum(run.stop - run.start for run in flat if run.stop - 1 not in held_samples) if peak > LOADED_N else 0,
        peak_n=peak,
        dead=_dead(force),
    )


def _jump(vertical_n: np.ndarray, peak_n: float, step_s: float) -> int | None:
    """Sample before the largest change of the vertical force that no foot makes; None without."""
    if len(vertical_n) < 2 or step_s > 1 / JUMP_MIN_RATE_HZ or peak_n < LOADED_N:
        return None
    change_n = np.abs(np.diff(vertical_n))
    largest = int(change_n.argmax())
    return largest if change_n[largest] > JUMP_SHARE * peak_n else None


def _flat_tops(vertical_n: np.ndarray, peak_n: float) -> list[slice]:
    """Runs at the greatest reading that the signal enters or leaves by more than its rounding."""
    runs = [run for run in true_runs(vertical_n >= peak_n * (1 - 1e-9)) if run.stop - run.start >= FLAT_MIN_SAMPLES]
    rounding_n = np.diff(np.unique(np.round(vertical_n, 6))).min(initial=np.inf)
    last = len(vertical_n) - 1
    lowest_n = [
        min(vertical_n[max(run.start - BESIDE_SAMPLES, 0)], vertical_n[min(run.stop - 1 + BESIDE_SAMPLES, last)])
        for run in runs
    ]
    return [run for run, low_n in zip(runs, lowest_n, strict=True) if peak_n - low_n > FLAT_STEP * rounding_n]


def _dead(force_n: np.ndarray) -> tuple[str, ...]:
    loaded = force_n[:, 1] > LOADED_N
    if not loaded.any():
        sideways = np.ptp(force_n[:, [0, 2]], axis=0).max() if len(force_n) else 0.0
        return ("y",) if sideways > SIDEWAYS_MIN_N and np.ptp(force_n[:, 1]) < SIDEWAYS_MIN_N / 10 else ()
    rms = np.sqrt((force_n[loaded] ** 2).mean(axis=0))
    return tuple(
        axis for axis, value, share in zip(AXES, rms, DEAD_SHARES, strict=True) if share and value < share * rms[1]
    )
