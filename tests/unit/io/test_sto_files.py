"""OpenSim tables: every age of header, exact round trips, and messages that find the fault."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gaitload.errors import DataError
from gaitload.io.sto import Table, read_sto, write_sto

NEW = "walk\nversion=1\nnRows=2\nnColumns=3\ninDegrees={degrees}\nendheader\n"
ROWS = "time\ta\tb\n0.0\t1.5\t-2e-3\n0.5\tNaN\t4\n"
OLD = "name grf.mot\t\t\ndatacolumns 3\t\t\ndatarows 99\t\t\nrange 0 0.5\t\t\nendheader\t\t\n"
OLD_ROWS = "   time\t   a\t   b\t\n 0.0\t 1.5\t -2e-3\t\n 0.5\t NaN\t 4\t\n"


@pytest.fixture
def read(tmp_path):
    def read(text: str):
        path = tmp_path / "table.sto"
        path.write_text(text)
        return read_sto(path)

    return read


@pytest.mark.parametrize(
    "text",
    [
        NEW.format(degrees="no") + ROWS,
        OLD + OLD_ROWS,
        (OLD + OLD_ROWS).replace("\n", "\r\n"),
        "DataRate=2.000000\nDataType=double\nversion=3\nOpenSimVersion=4.6\nendheader\n" + ROWS,
        NEW.format(degrees="no") + ROWS.replace("\t", "   "),
    ],
)
def test_headers_of_every_age_are_understood(read, text):
    table = read(text)
    assert table.names == ("a", "b")
    np.testing.assert_array_equal(table.time_s, [0.0, 0.5])
    np.testing.assert_array_equal(table.values, [[1.5, -2e-3], [np.nan, 4.0]])
    np.testing.assert_array_equal(table.column("b"), [-2e-3, 4.0])


@pytest.mark.parametrize(("spelling", "in_degrees"), [("yes", True), ("no", False), (" Yes", True)])
def test_degrees_are_exposed(read, spelling, in_degrees):
    assert read(NEW.format(degrees=spelling) + ROWS).in_degrees is in_degrees


def test_a_file_that_does_not_say_is_in_radians(read):
    assert read(OLD + OLD_ROWS).in_degrees is False


def test_a_table_without_rows_is_a_table(read):
    assert read(NEW.format(degrees="no") + "time\ta\tb\n").values.shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (ROWS, "STO_HEADER", "endheader"),
        (NEW.format(degrees="no") + "a\tb\n0\t1\n", "STO_NAMES", "a, b"),
        (NEW.format(degrees="no") + ROWS.replace("\tb", "\ta"), "STO_NAMES", "a more than once"),
        (NEW.format(degrees="no"), "STO_NAMES", "nothing"),
        (NEW.format(degrees="no") + ROWS.replace("\tb", ""), "STO_CELLS", "3 in line 8"),
        (NEW.format(degrees="no") + ROWS.replace("\t4", ""), "STO_CELLS", "2 in line 9"),
        (NEW.format(degrees="no") + ROWS.replace("NaN", ""), "STO_CELLS", "2 in line 9"),
        (NEW.format(degrees="no") + ROWS.replace("1.5", "1,5"), "STO_CELLS", "'1,5' in line 8"),
    ],
)
def test_a_fault_is_found_and_placed(read, text, code, says):
    with pytest.raises(DataError) as refused:
        read(text)
    assert refused.value.code == code
    assert says in str(refused.value)
    assert "table.sto" in refused.value.where


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=arrays(float, (3, 2), elements=st.floats(allow_nan=True, allow_infinity=False)), degrees=st.booleans())
def test_every_bit_survives_a_round_trip(tmp_path, values, degrees):
    path = tmp_path / "x.sto"
    write_sto(path, Table(("a", "b/value"), np.array([0.1, 0.2, 0.3]), values), name="x", in_degrees=degrees)
    table = read_sto(path)
    np.testing.assert_array_equal(table.values, values)
    np.testing.assert_array_equal(table.time_s, [0.1, 0.2, 0.3])
    assert table.names == ("a", "b/value")
    assert table.in_degrees is degrees


def test_opensim_reads_the_same_table(tmp_path):
    opensim = pytest.importorskip("opensim")
    values = np.random.default_rng(0).normal(size=(5, 2))
    values[2, 1] = np.nan
    write_sto(tmp_path / "x.sto", Table(("a", "b"), np.arange(5) / 3, values), name="x", in_degrees=True)
    table = opensim.TimeSeriesTable(str(tmp_path / "x.sto"))
    np.testing.assert_array_equal(table.getMatrix().to_numpy(), values)
    np.testing.assert_array_equal(table.getIndependentColumn(), np.arange(5) / 3)
    assert table.getTableMetaDataString("inDegrees") == "yes"
    assert opensim.Storage(str(tmp_path / "x.sto")).isInDegrees()


def test_twenty_megabytes_are_read_in_seconds(tmp_path):
    rng = np.random.default_rng(0)
    table = Table(tuple(f"c{index}" for index in range(60)), np.arange(18_000) / 1e3, rng.normal(size=(18_000, 60)))
    write_sto(tmp_path / "big.sto", table, name="big", in_degrees=False)
    assert (tmp_path / "big.sto").stat().st_size > 20e6
    start = time.process_time()
    read_sto(tmp_path / "big.sto")
    # 0.8 s on a shared core; a loop over cells takes a minute.
    assert time.process_time() - start < 10.0


def test_decimal_commas_are_read(read):
    rows = "time\ta\tb\n0.00\t1.5\t-2e-3\n0.50\t3\t4\n"
    commas, points = (read(NEW.format(degrees="no") + text) for text in (rows.replace(".", ","), rows))
    np.testing.assert_array_equal(commas.values, points.values)
    np.testing.assert_array_equal(commas.time_s, points.time_s)
