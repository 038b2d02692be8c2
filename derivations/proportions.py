"""How the bodies of people of one height differ in proportion, and eight people drawn from them.

`python -m derivations.proportions` reads the public tables of ANSUR II, which the wheel of nimblephysics carries, and
writes src/gaitload/cohorts/embedded/proportions.tsv and workflow/cohorts/embedded/participants.tsv.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
SHEETS = {"F": "ANSUR_II_FEMALE_Public.csv", "M": "ANSUR_II_MALE_Public.csv"}
PEOPLE, SEED = 8, 2012
"""The year of the survey."""
SOURCE = (
    "# Gordon et al. 2014, 2012 Anthropometric Survey of U.S. Army Personnel (ANSUR II), NATICK/TR-15/007; public.\n"
)


def lengths_mm(sheet: pd.DataFrame) -> pd.DataFrame:
    """Lengths of segments, by what they scale."""
    return pd.DataFrame(
        {
            "femur_length": sheet["trochanterionheight"] - sheet["lateralfemoralepicondyleheight"],
            "tibia_length": sheet["lateralfemoralepicondyleheight"] - sheet["lateralmalleolusheight"],
            "foot_length": sheet["footlength"],
            "torso_length": sheet["suprasternaleheight"] - sheet["iliocristaleheight"],
        }
    )


def departures(sheet: pd.DataFrame) -> pd.DataFrame:
    """Logarithm of every length in statures, less its mean: what height says nothing of."""
    shares = np.log(lengths_mm(sheet).div(sheet["stature"], axis=0))
    return shares - shares.mean()


def people(sheets: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """People drawn from the survey: women and men in turn, mass and height of one person each, rounded."""
    random = np.random.default_rng(SEED)
    rows = []
    for number in range(PEOPLE):
        sex = "FM"[number % 2]
        one = sheets[sex].iloc[int(random.integers(len(sheets[sex])))]
        # The survey has mass in tenths of kilograms and stature in millimetres.
        rows.append((f"p{number + 1}", sex, round(one["weightkg"] / 10.0, 1), round(one["stature"] / 1000.0, 2)))
    return pd.DataFrame(rows, columns=["participant_id", "sex", "mass_kg", "height_m"])


def main() -> None:
    """Derive and write."""
    place = Path(importlib.util.find_spec("nimblephysics").origin).parent / "models" / "rajagopal_data"
    sheets = {sex: pd.read_csv(place / name, encoding="latin-1") for sex, name in SHEETS.items()}
    for sheet in sheets.values():
        sheet.columns = sheet.columns.str.lower()
    covariances = pd.concat({sex: departures(sheet).cov() for sex, sheet in sheets.items()}, names=["sex", "length"])
    meaning = "# Covariance of the logarithms of lengths over stature, by sex: python -m derivations.proportions\n"
    table = covariances.to_csv(sep="\t", float_format="%.5g", lineterminator="\n")
    (ROOT / "src/gaitload/cohorts/embedded/proportions.tsv").write_text(SOURCE + meaning + table)
    drawn = "# Masses and heights of people of ANSUR II, drawn by python -m derivations.proportions\n"
    chosen = people(sheets).to_csv(sep="\t", index=False, lineterminator="\n")
    (ROOT / "workflow/cohorts/embedded/participants.tsv").write_text(drawn + chosen)


if __name__ == "__main__":
    main()
