"""Columns by their names out of every kind of table."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matio import save_to_mat
from scipy.io import savemat

from gaitload.errors import DataError
from gaitload.io.columns import read_columns

FORCE = np.array([1.5, np.nan, -3e2])


def _csv(folder: Path) -> Path:
    (folder / "a.csv").write_text("time_s;who;force\n0;p1;1.5\n0.1;p1;\n0.2;p1;-3e2\n0.3;p2;7\n")
    return folder / "a.csv"


def test_delimited_text_takes_the_rows_asked_for(tmp_path: Path) -> None:
    assert read_columns(_csv(tmp_path), ["force"], {"who": "p1"})["force"] == pytest.approx(FORCE, nan_ok=True)
    assert len(read_columns(_csv(tmp_path), ["time_s"])["time_s"]) == 4


AMPLIFIER = """Application:,Some Amplifier
Date:,1.2.2024

X[s],"Soleus, right: EMG [µV]",X[s],ACC X
s,µV,s,g
0,1,0,5
0.001,2,0.01,6
0.002,3,,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_below_settings_and_above_units_are_found(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes(AMPLIFIER.encode(encoding))
    found = read_columns(tmp_path / "a.csv", ["X[s]#1", "Soleus, right: EMG [µV]", "X[s]#2"])
    assert found["X[s]#1"] == pytest.approx([0.0, 0.001, 0.002])
    assert found["Soleus, right: EMG [µV]"] == pytest.approx([1.0, 2.0, 3.0])
    assert found["X[s]#2"] == pytest.approx([0.0, 0.01, np.nan], nan_ok=True)


def test_columns_of_one_name_that_are_alike_need_no_number(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t,f,t\n0,5,0\n1,6,1\n")
    assert read_columns(tmp_path / "a.csv", ["t"])["t"] == pytest.approx([0.0, 1.0])


def test_decimal_commas_are_read_where_they_are_declared(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t;f\n0,5;-1,5e-1\n1;\n")
    found = read_columns(tmp_path / "a.csv", ["t", "f"], decimal=",")
    assert found["t"] == pytest.approx([0.5, 1.0])
    assert found["f"] == pytest.approx([-0.15, np.nan], nan_ok=True)


@pytest.mark.parametrize("trial", [["p1", "p1 ", "p1", "p2", None], [1, 1, 1, 2, None]], ids=["words", "numbers"])
def test_parquet_takes_the_rows_asked_for(tmp_path: Path, trial: list) -> None:
    table = pd.DataFrame(
        {"force": [*FORCE, 7.0, 8.0], "trial": pd.array(trial, dtype=pd.Series(trial).convert_dtypes().dtype)}
    )
    table.to_parquet(tmp_path / "a.parquet")
    found = read_columns(tmp_path / "a.parquet", ["force"], {"trial": str(trial[0])})
    assert found["force"] == pytest.approx(FORCE, nan_ok=True)


@pytest.mark.parametrize("name", ["a.mat", "a.sto", "a.mot", "a.c3d", "a.txt", "a.txt.gz"])
def test_rows_of_files_that_have_none_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"1 2\n3 4\n")
    with pytest.raises(DataError, match=r"COLUMNS_FORMAT.*`rows`"):
        read_columns(tmp_path / name, ["#1"], {"trial": "one"})


def test_a_line_lost_between_others_is_refused_where_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Session 1\n1 2\n3 4\n5\n7 8\n9 10\n11")
    with pytest.raises(DataError, match=r"COLUMNS_UNREADABLE.*1 lines between them"):
        read_columns(path, ["#1"], counted=True)
    assert read_columns(path, ["#1"])["#1"] == pytest.approx([1.0, 3.0, 7.0, 9.0])
    path.write_text("Session 1\n1 2\n3 4\n5 6\n7")
    assert read_columns(path, ["#1"], counted=True)["#1"] == pytest.approx([1.0, 3.0, 5.0])


def test_parquet_is_read(tmp_path: Path) -> None:
    pd.DataFrame({"force": FORCE}).to_parquet(tmp_path / "a.parquet")
    assert read_columns(tmp_path / "a.parquet", ["force"])["force"] == pytest.approx(FORCE, nan_ok=True)


def test_a_column_of_text_in_parquet_is_no_number(tmp_path: Path) -> None:
    pd.DataFrame({"force": ["1", "two"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"COLUMNS_CELL.*text, such as 1"):
        read_columns(tmp_path / "a.parquet", ["force"])


def test_an_array_of_matlab_structures_is_numbered_from_one(tmp_path: Path) -> None:
    entries = np.zeros((2, 1), dtype=[("force", object), ("acc", object)])
    for place, size in enumerate((6, 8)):
        entries[place, 0] = (np.arange(size, dtype=float)[:, None], np.ones((size, 3)))
    savemat(tmp_path / "a.mat", {"data": entries})
    found = read_columns(tmp_path / "a.mat", ["data.2.force", "data.1.acc y"])
    assert found["data.2.force"] == pytest.approx(np.arange(8.0))
    assert found["data.1.acc y"] == pytest.approx(np.ones(6))


@pytest.mark.parametrize("version", ["v7", "v7.3"])
def test_matlab_tables_and_structures_are_read_in_both_formats(tmp_path: Path, version: str) -> None:
    table = pd.DataFrame({"time": np.arange(4) / 100.0, "angle": np.arange(4.0)})
    save_to_mat(str(tmp_path / "a.mat"), {"data": table, "s": {"x": np.arange(4.0) + 7.0}}, version=version)
    found = read_columns(tmp_path / "a.mat", ["data.time", "s.x"])
    assert found["data.time"] == pytest.approx([0.0, 0.01, 0.02, 0.03])
    assert found["s.x"] == pytest.approx([7.0, 8.0, 9.0, 10.0])
    with pytest.raises(DataError, match=r"COLUMNS_MISSING.*data\.angle is the nearest to angle"):
        read_columns(tmp_path / "a.mat", ["angle"])


@pytest.mark.parametrize("packed", [False, True])
def test_numbers_of_lines_are_found_between_words(tmp_path: Path, packed: bool) -> None:
    lines = "=== Session 1 ===\n" + "".join(f"MPU1 Acc: {n}.5, -2e-1 | Time: {10 * n} ms\n" for n in range(3))
    content = (lines + "MPU1 Acc: 3").encode()
    path = tmp_path / ("log.txt.gz" if packed else "log.txt")
    path.write_bytes(gzip.compress(content) if packed else content)
    found = read_columns(path, ["#3", "#1"])
    assert found["#3"] == pytest.approx([0.0, 10.0, 20.0])
    assert found["#1"] == pytest.approx([0.5, 1.5, 2.5])


@pytest.mark.parametrize(
    ("name", "content", "columns", "code"),
    [
        ("a.csv", b"time_s,force\n0,1\n1,2\n", ["moment"], "COLUMNS_MISSING"),
        ("a.csv", b"time_s,force\n0,1\n1,two\n", ["force"], r"COLUMNS_CELL.*'two' in line 3"),
        ("a.csv", b"time_s;force\n0;1,5\n1;2\n", ["force"], r"COLUMNS_DECIMAL.*'1,5' in line 2.*decimal: \",\""),
        ("a.csv", b"time_s,force\n0,1,5\n1,2\n", ["force"], r"COLUMNS_UNEVEN.*2 names in line 1, 3 cells in line 2"),
        ("a.csv", b"t,f,f\n0,1,1\n1,2,3\n", ["f"], r"COLUMNS_TWICE.*f#1, f#2, which differ"),
        ("a.csv", b"t,Force Fz\n0,1\n1,2\n", ["force fz"], "Force Fz is the nearest to force fz"),
        ("a.csv", b"time_s,force\n0,1\n", ["force"], "COLUMNS_EMPTY"),
        ("a.xyz", b"1", ["force"], "COLUMNS_FORMAT"),
        ("a.txt", b"1 2\n3 4\n", ["#3"], "COLUMNS_MISSING"),
        ("a.txt.gz", b"no gzip", ["#1"], "COLUMNS_UNREADABLE"),
        ("a.parquet", b"PAR1 damaged", ["force"], "COLUMNS_UNREADABLE"),
        ("a.mat", b"MATLAB 5.0 MAT-file" + bytes(200), ["force"], "COLUMNS_UNREADABLE"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: bytes, columns: list[str], code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=code):
        read_columns(tmp_path / name, columns)


def test_a_missing_channel_is_named_beside_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"columns soleus; found time_s, who, force"):
        read_columns(_csv(tmp_path), ["soleus"])


def test_a_point_is_no_decimal_mark_where_the_comma_is_declared(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time_s;force\n0;1,5\n1;1.234\n")
    with pytest.raises(DataError, match=r"COLUMNS_CELL.*'1.234' in line 3"):
        read_columns(tmp_path / "a.csv", ["force"], decimal=",")
