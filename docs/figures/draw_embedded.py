"""Draws docs/figures/embedded.png: made and recorded people side by side.

`python docs/figures/draw_embedded.py [results]`, after

    snakemake labels --cores 2 --config cohorts=embedded,fukuchi2017,rajagopal2016

Recordings: Fukuchi, Fukuchi & Duarte 2017, PeerJ 5:e3298; Rajagopal et al. 2016, IEEE Trans. Biomed. Eng. 63:2068-2079.
Needs matplotlib.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from gaitload.io.tables import read_table

RESULTS = Path(sys.argv[1] if len(sys.argv) > 1 else "results")
PANELS = (
    ("hip flexion (deg)", lambda columns, side: np.degrees(columns[f"hip_flexion_{side}_rad"])),
    ("knee angle (deg)", lambda columns, side: np.degrees(columns[f"knee_angle_{side}_rad"])),
    ("ankle angle (deg)", lambda columns, side: np.degrees(columns[f"ankle_angle_{side}_rad"])),
    ("vertical force (BW)", lambda columns, side: columns[f"grf_{side}_y_bw"]),
    ("Achilles tendon (BW)", lambda columns, side: columns[f"atf_{side}_bw"]),
    ("knee contact (BW)", lambda columns, side: columns[f"kcf_{side}_norm_bw"]),
)
PAIRS = (
    ("running at 3.5 m/s", "fukuchi2017/RBDS001/runT35", "embedded/p2/run35", "stride", "r"),
    ("walking", "rajagopal2016/walker/walk", "embedded/p1/walk", "stance", "l"),
)
COLOURS = {"recorded": "#0072B2", "synthetic": "#D55E00"}
PHASE = np.linspace(0.0, 1.0, 101)
STRIDES = 6


def pieces(columns: dict[str, np.ndarray], piece: str, side: str) -> list[slice]:
    """Frames of the first few strides, from contact to contact of a foot, or stances."""
    on = np.asarray(columns[f"contact_{side}"], dtype=bool)
    touches, lifts = (np.flatnonzero(change) + 1 for change in (on[1:] & ~on[:-1], ~on[1:] & on[:-1]))
    if piece == "stride":
        return [slice(start, end + 1) for start, end in pairwise(touches)][:STRIDES]
    return [slice(start, lifts[lifts > start][0]) for start in touches if (lifts > start).any()][:STRIDES]


def main() -> None:
    """Draw all panels, or say which labels are not there."""
    trials = [trial for _, recorded, made, *_ in PAIRS for trial in (recorded, made)]
    missing = [str(path) for trial in trials if not (path := RESULTS / "labels" / f"{trial}.parquet").is_file()]
    if missing:
        sys.exit(
            f"No {' and no '.join(missing)}: first run `snakemake labels --cores 2 --config "
            "cohorts=embedded,fukuchi2017,rajagopal2016`, which says where recordings come from if they are not there."
        )
    figure, axes = plt.subplots(len(PANELS), len(PAIRS), figsize=(7.2, 7.6), sharex=True)
    for column, (title, recorded, made, piece, side) in enumerate(PAIRS):
        for kind, name in (("recorded", recorded), ("synthetic", made)):
            columns, _, _ = read_table(RESULTS / "labels" / f"{name}.parquet")
            for row, (label, values) in enumerate(PANELS):
                axis, curve = axes[row, column], np.asarray(values(columns, side), dtype=float)
                for number, frames in enumerate(pieces(columns, piece, side)):
                    part = curve[frames]
                    axis.plot(
                        PHASE * 100,
                        np.interp(PHASE, np.linspace(0.0, 1.0, len(part)), part),
                        color=COLOURS[kind],
                        linewidth=0.9,
                        alpha=0.8,
                        label=kind if number == 0 else None,
                    )
                axis.set_ylabel(label, fontsize=8)
                axis.tick_params(labelsize=7)
                axis.spines[["top", "right"]].set_visible(False)
        axes[0, column].set_title(title, fontsize=10)
        axes[-1, column].set_xlabel(f"{piece} (%)", fontsize=8)
    axes[0, 0].legend(fontsize=8, frameon=False)
    figure.tight_layout()
    figure.savefig(Path(__file__).with_name("embedded.png"), dpi=100)


if __name__ == "__main__":
    main()
