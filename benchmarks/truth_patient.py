"""What was measured in one patient: forces in the implant of the left knee, and electromyograms of sixteen muscles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gaitload.config.external import Emg
from gaitload.conventions import sampling_rate_hz
from gaitload.external.emg import envelope
from gaitload.io.c3d_analog import read_cycle_events
from gaitload.io.columns import read_columns

COHORT, PATIENT, SIDE = "grandchallenge5_ps", "PS", "l"
PERCENT = np.arange(101.0)
EMG_MUSCLES = {
    "semimem": "semimem",
    "bifeml": "bflh",
    "vasmed": "vasmed",
    "vaslat": "vaslat",
    "rf": "recfem",
    "medgas": "gasmed",
    "latgas": "gaslat",
    "tibant": "tibant",
    "soleus": "soleus",
    "peronl": "perlong",
    "gmed": "glmed1",
    "gmax": "glmax2",
    "gracilis": "grac",
    "tfl": "tfl",
    "addmag": "addmagIsch",
    "sartorius": "sart",
}
"""Channel of the recording -> muscle of the model, without its side."""
EMG = Emg()
"""How envelopes are made, as in the workflow."""
ON_SHARE = 0.25
"""Share of its range in the gait cycle above which a muscle counts as on; nothing calibrates the amplitudes."""


@dataclass(frozen=True)
class Cycle:
    """One gait cycle of the left leg: heel strike, toe-off, heel strike (s on the capture clock, as labels)."""

    start_s: float
    off_s: float
    end_s: float

    @property
    def stance_share(self) -> float:
        """Share of the cycle in which the foot is on the floor."""
        return (self.off_s - self.start_s) / (self.end_s - self.start_s)

    def normalised(self, time_s: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Values at 0, 1, ... 100 % of the cycle, shape (101,)."""
        return np.interp(self.start_s + PERCENT / 100 * (self.end_s - self.start_s), time_s, values)


def read_cycle(path: Path) -> Cycle:
    """Gait cycle of the left leg by the events of a C3D file."""
    return Cycle(*read_cycle_events(path, SIDE))


def read_implant(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """Trial -> `medial`, `lateral`, `total` -> contact force (N) at 0 to 100 % of the gait cycle, shape (101,)."""
    table = pd.read_csv(path, sep="\t")
    return {
        trial: {name: rows[f"{name}_n"].to_numpy() for name in ("medial", "lateral", "total")}
        for trial, rows in table.groupby("trial")
    }


def compared(ours: np.ndarray, measured: np.ndarray, stance_share: float, body_weight_n: float) -> dict[str, float]:
    """How a curve of a gait cycle agrees with a measured one, in body weights.

    Parameters
    ----------
    ours, measured : ndarray, shape (101,)
        N, at 0 to 100 % of the cycle.

    Returns
    -------
    dict
        `rmse_bw` and `r` in stance; `peak_1_bw` and `peak_2_bw`, greatest value between 5 and 45 % and between 50 and
        95 % of stance, ours less the measured one; `swing_bias_bw`, mean difference in swing where there are labels.
    """
    off = round(stance_share * 100)
    at = np.linspace(0, off, 101)
    here, there = np.interp(at, PERCENT, ours), np.interp(at, PERCENT, measured)
    first, second = slice(5, 45), slice(50, 95)
    return {
        "rmse_bw": float(np.sqrt(np.mean((here - there) ** 2))) / body_weight_n,
        "r": float(np.corrcoef(here, there)[0, 1]),
        "peak_1_bw": float(here[first].max() - there[first].max()) / body_weight_n,
        "peak_2_bw": float(here[second].max() - there[second].max()) / body_weight_n,
        "swing_bias_bw": float(np.nanmean(ours[off:] - measured[off:])) / body_weight_n,
    }


def read_envelopes(path: Path, cycle: Cycle, *, delay_s: float = 0.0) -> dict[str, np.ndarray]:
    """Envelopes of the electromyograms of a C3D file at 0 to 100 % of the cycle, shape (101,), in no unit.

    Parameters
    ----------
    delay_s
        Electromechanical delay: the envelope that belongs to a force is this much older.
    """
    columns = read_columns(path, ["time_s", *EMG_MUSCLES])
    time_s, found = columns["time_s"], {}
    for channel in EMG_MUSCLES:
        own = envelope(columns[channel], sampling_rate_hz(time_s), band_hz=EMG.band_hz, envelope_hz=EMG.envelope_hz)
        found[channel] = cycle.normalised(time_s + delay_s, own)
    return found


def emg_agreement(activation: np.ndarray, envelope: np.ndarray) -> dict[str, float]:
    """`r`, and `on_off`: share of the cycle in which both are on or both are off; each against its own range."""
    on = [values > values.min() + ON_SHARE * (values.max() - values.min()) for values in (activation, envelope)]
    moves = activation.max() - activation.min() > 1e-6
    r = float(np.corrcoef(activation, envelope)[0, 1]) if moves else 0.0
    return {"r": r, "on_off": float(np.mean(on[0] == on[1]))}
