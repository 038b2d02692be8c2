"""Tables in the formats of other programs hold the same numbers, with their units."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.io import loadmat
from typer.testing import CliRunner

from gaitload.cli import app
from gaitload.errors import DataError
from gaitload.export import export_table
from gaitload.io.sto import read_sto
from gaitload.io.tables import write_table

TIME_S = np.arange(400) / 100
METADATA = {"cohort": "lab", "participant": {"participant_id": "p1"}, "verdict": "passed"}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two seconds' rhythm: right and left stances half a second apart; the force is a half sine of each."""
    columns = {"time_s": (TIME_S, {"unit": "s", "definition": "time"})}
    for side, start in (("r", 20), ("l", 70)):
        contact, force = np.zeros(400, dtype=bool), np.zeros(400)
        for first in range(start, 350, 100):
            contact[first : first + 41] = True
            force[first : first + 41] = 3 * np.sin(np.linspace(0, np.pi, 41))
        columns[f"contact_{side}"] = (contact, {"definition": "the foot is loaded"})
        about = {"unit": "bw", "definition": "a force", "verdict": "passed", "reasons": ["A", "B"]}
        columns[f"atf_{side}_bw"] = (force, about)
    path = tmp_path / "labels" / "walk.parquet"
    write_table(path, columns, METADATA)
    return path


def test_csv_holds_every_number_and_its_companions_say_what_they_are(table: Path, tmp_path: Path) -> None:
    values, columns, metadata = export_table(table, tmp_path / "out", to="csv")
    assert values == tmp_path / "out" / "lab" / "p1" / "walk.csv"
    read = pd.read_csv(values)
    assert np.array_equal(read["atf_r_bw"], pd.read_parquet(table)["atf_r_bw"])
    about = pd.read_csv(columns).set_index("name").loc["atf_r_bw"]
    assert (about["unit"], about["reasons"]) == ("bw", "A, B")
    assert json.loads(metadata.read_text()) == METADATA


def test_stances_of_both_sides_stand_below_each_other(table: Path, tmp_path: Path) -> None:
    read = pd.read_csv(export_table(table, tmp_path, to="csv", rows="stance")[0])
    assert read.groupby("side")["stance"].nunique().to_dict() == {"l": 3, "r": 4}
    assert "atf_bw" in read and "atf_r_bw" not in read
    for _, stance in read.groupby(["side", "stance"]):
        assert len(stance) == 101
        # Linear between samples of a half sine: its curvature over an eighth of the squared step.
        expected = 3 * np.sin(np.pi * stance["stance_percent"] / 100)
        assert np.abs(stance["atf_bw"] - expected).max() < 3 * (np.pi / 40) ** 2 / 8
    assert read.loc[read["side"] == "l", "start_s"].min() == 0.7


@pytest.mark.parametrize("rows", ["frame", "stance"])
def test_tidy_rows_carry_the_unit_of_each_value(table: Path, tmp_path: Path, rows: str) -> None:
    wide = pd.read_csv(export_table(table, tmp_path / "wide", to="csv", rows=rows)[0])
    tidy = pd.read_csv(export_table(table, tmp_path / "tidy", to="csv", rows=rows, layout="tidy")[0])
    names = [name for name in wide if name.startswith("atf")]
    assert len(tidy) == len(wide) * len(names) and set(tidy["unit"]) == {"bw"}
    assert tidy["value"].sum() == pytest.approx(wide[names].to_numpy().sum())


def test_excel_and_matlab_read_the_same_numbers(table: Path, tmp_path: Path) -> None:
    expected = pd.read_parquet(table)["atf_l_bw"].to_numpy()
    (book,) = export_table(table, tmp_path, to="xlsx")
    assert np.allclose(pd.read_excel(book, "values")["atf_l_bw"], expected, rtol=1e-14)
    assert pd.read_excel(book, "columns").set_index("name").loc["atf_l_bw", "unit"] == "bw"
    (file,) = export_table(table, tmp_path, to="mat")
    document = loadmat(file, simplify_cells=True)
    assert np.array_equal(document["values"]["atf_l_bw"], expected)
    units = dict(zip(document["columns"]["name"], document["columns"]["unit"], strict=True))
    assert units["atf_l_bw"] == "bw" and json.loads(document["metadata"])["verdict"] == "passed"


def test_opensim_reads_frames_and_nothing_else(table: Path, tmp_path: Path) -> None:
    (file,) = export_table(table, tmp_path, to="sto")
    assert np.array_equal(read_sto(file).column("atf_r_bw"), pd.read_parquet(table)["atf_r_bw"])
    with pytest.raises(DataError, match="EXPORT_FORMAT"):
        export_table(table, tmp_path, to="sto", rows="stance")


def test_a_trial_without_whole_stances_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "standing.parquet"
    write_table(path, {"time_s": (TIME_S, {"unit": "s"}), "contact_r": (np.ones(400, dtype=bool), {})}, METADATA)
    with pytest.raises(DataError, match="--rows frame"):
        export_table(path, tmp_path, to="csv", rows="stance")


def test_the_command_exports_folders_and_says_what_it_cannot(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["export", str(table.parent), "--to", "mat", "--out", str(out)])
    assert done.exit_code == 0 and done.output.split() == [str(out / "lab" / "p1" / "walk.mat")]
    standing = {"time_s": (TIME_S, {"unit": "s"}), "contact_r": (np.ones(400, dtype=bool), {})}
    write_table(table.with_name("a_standing.parquet"), standing, METADATA)
    partly = CliRunner().invoke(app, ["export", str(table.parent), "--rows", "stance", "--out", str(out)])
    assert partly.exit_code == 1 and "EXPORT_NO_STANCES" in partly.output
    assert "1 of 2 tables were not written" in partly.output and (out / "lab/p1/walk.stances.csv").is_file()
    refused = CliRunner().invoke(app, ["export", str(table), "--to", "docx"])
    assert refused.exit_code == 1 and "choose csv, xlsx, mat, sto" in refused.output
    nothing = CliRunner().invoke(app, ["export", str(tmp_path / "nowhere")])
    assert nothing.exit_code == 1 and "FILE_MISSING" in nothing.output
