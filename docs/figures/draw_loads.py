"""Draws docs/figures/loads.png from the labels of rajagopal2016: `python docs/figures/draw_loads.py`.

Recordings: Rajagopal et al. 2016, IEEE Trans. Biomed. Eng. 63:2068-2079. Needs matplotlib, and the labels of the
default mode: `snakemake labels --cores 2 --config cohorts=rajagopal2016`.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from PIL import Image

TRIALS = {"walk": "walker/walk", "run, about 4 m/s": "runner/run"}
LOADS = {
    "atf": "Achilles tendon",
    "ptf": "patellar tendon",
    "kcf_{}_norm": "knee contact",
    "acf_{}_norm": "ankle contact",
}
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")
SIDES = {"r": "right", "l": "left"}

root = Path(__file__).resolve().parents[2]
paths = {title: root / "results/labels/rajagopal2016" / f"{trial}.parquet" for title, trial in TRIALS.items()}
missing = [str(path.relative_to(root)) for path in paths.values() if not path.is_file()]
if missing:
    sys.exit(
        f"No {' and no '.join(missing)}: first run `snakemake labels --cores 2 --config cohorts=rajagopal2016`, which "
        "says where the recordings come from if they are not there either."
    )
figure, panels = plt.subplots(2, 2, figsize=(10, 4.8), sharex="col", sharey="col", layout="constrained")
for column, (title, labelled) in zip(panels.T, paths.items(), strict=True):
    labels = pd.read_parquet(labelled)
    for panel, (side, word) in zip(column, SIDES.items(), strict=True):
        contact = labels[f"contact_{side}"]
        panel.fill_between(labels["time_s"], 0, 1, where=contact, transform=panel.get_xaxis_transform(), color="0.92")
        for (load, name), colour in zip(LOADS.items(), COLOURS, strict=True):
            stem = load.format(side) if "{}" in load else f"{load}_{side}"
            panel.plot(labels["time_s"], labels[f"{stem}_bw"], color=colour, label=name)
        panel.set_ylabel(f"{word} leg (BW)")
        panel.margins(x=0)
    column[0].set_title(title)
    column[-1].set_xlabel("time (s), stance shaded")
panels[0, 0].legend(fontsize="small", ncols=2, loc="upper right")
# Few colours: a palette makes the file a third as large.
path = root / "docs" / "figures" / "loads.png"
figure.savefig(path, dpi=110)
Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)
