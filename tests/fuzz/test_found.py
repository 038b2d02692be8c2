"""What damaged files were found to do to the readers, made anew and as small as it goes: each stays mended."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gaitload.errors import ConfigError, DataError
from gaitload.io.c3d import read_c3d
from gaitload.io.forces import read_forces
from gaitload.io.imu.packets import samples_by_time
from gaitload.io.imu.reader import read_imu
from gaitload.io.sto import read_sto
from gaitload.io.tables import read_table
from gaitload.io.trc import read_trc
from gaitload.io.xml import parse_xml
from tests.c3d_bytes import c3d_bytes, plate_parameters
from tests.fuzz import seeds, seeds_imu, seeds_tables
from tests.fuzz.naive_c3d import parse

POINTS = np.concatenate((np.arange(1.0, 37.0).reshape(6, 2, 3), np.zeros((6, 2, 1))), axis=2)
CORNERS_MM = np.array([[400.0, 600.0, 0.0], [0.0, 600.0, 0.0], [0.0, 0.0, 0.0], [400.0, 0.0, 0.0]])
PLATE = plate_parameters(2, CORNERS_MM, np.zeros(3))


def refusal(read, path: Path, content: bytes, **options) -> str:
    """Code with which content is refused."""
    path.write_bytes(content)
    with pytest.raises((DataError, ConfigError)) as refused:
        read(path, **options)
    return refused.value.code


def c3d(**options) -> bytes:
    """Two markers and a plate, in floats."""
    analog = np.ones((6, 2, 6))
    parameters = PLATE | options.pop("parameters", {})
    return c3d_bytes(POINTS, labels=["A", "B"], analog=options.pop("analog", analog), parameters=parameters, **options)


def changed(content: bytes, name: str, value: bytes, *, back: int = 0) -> bytes:
    """A C3D file with other bytes at the values of a parameter, or some bytes before these."""
    place = parse(content).places[name][0] - back
    return content[:place] + value + content[place + len(value) :]


def two_of_six_frames() -> bytes:
    """A file of six frames that says everywhere that it has two."""
    content = c3d(parameters={"POINT": {"FRAMES": np.uint16(2)}})
    return content[:8] + struct.pack("<H", 2) + content[10:]


C3D_FOUND = {
    "data that begin elsewhere in the header": lambda: c3d()[:16] + struct.pack("<H", 2) + c3d()[18:],
    "fewer frames in header and parameters than there are": lambda: two_of_six_frames() + bytes(512),
    "another number of frames in the parameters": lambda: c3d(parameters={"POINT": {"FRAMES": np.uint16(3)}}),
    "bytes for more frames than there are": lambda: c3d() + bytes(513),
    "channels without a scale": lambda: c3d(parameters={"ANALOG": {"SCALE": None}}),
    "channels without an offset": lambda: c3d(parameters={"ANALOG": {"OFFSET": None}}),
    "one scale for six channels": lambda: c3d(parameters={"ANALOG": {"SCALE": np.ones(1, np.float32)}}),
    "a scale that is not finite": lambda: c3d(parameters={"ANALOG": {"GEN_SCALE": np.float32(np.nan)}}),
    "a format of samples that nobody knows": lambda: c3d(parameters={"ANALOG": {"FORMAT": ["UNSIGNFD"]}}),
    "a parameter of no group": lambda: c3d().replace(b"\x05\x02SCALE", b"\x05\x00SCALE"),
    "a parameter of a group without a name": lambda: c3d().replace(b"\x05\x02SCALE", b"\x05\x09SCALE"),
    "a parameter of no type": lambda: changed(c3d(), "POINT:RATE", b"\x00", back=2),
    "a parameter longer than its record": lambda: changed(c3d(), "ANALOG:OFFSET", b"\xff", back=1),
}


def test_the_last_parameter_is_held_to_its_type_though_it_names_no_next(tmp_path):
    name = b"\x05\x02UNITS"
    place = c3d().index(name) + len(name)
    damaged = c3d()[:place] + b"\0\0\0" + c3d()[place + 3 :]
    assert refusal(read_c3d, tmp_path / "a.c3d", damaged) == "C3D_BROKEN"


@pytest.mark.parametrize("found", C3D_FOUND)
def test_a_c3d_file_that_contradicts_itself_is_refused(tmp_path, found):
    (tmp_path / "whole.c3d").write_bytes(c3d())
    assert len(read_c3d(tmp_path / "whole.c3d").plates) == 1
    assert refusal(read_c3d, tmp_path / "a.c3d", C3D_FOUND[found]()) == "C3D_BROKEN"


def test_a_c3d_file_without_points_is_refused_before_its_frames_are_counted(tmp_path):
    empty = np.empty((6, 0, 4))
    assert refusal(read_c3d, tmp_path / "a.c3d", c3d_bytes(empty, labels=[])) == "C3D_NO_MARKERS"


def test_samples_of_a_plate_that_are_not_finite_are_refused(tmp_path):
    analog = np.ones((6, 2, 6))
    analog[3, 1, 2] = np.inf
    assert refusal(read_c3d, tmp_path / "a.c3d", c3d(analog=analog), plates=[1]) == "C3D_PLATE_NOT_FINITE"


TRC = next(seed.content for seed in seeds.trc(None))
STO = next(seed.content for seed in seeds.sto(None))


@pytest.mark.parametrize("spelled", ["1_0", "１２", "١٢", "−1"])
def test_what_python_takes_for_a_number_and_nobody_else_does_is_refused(tmp_path, spelled):
    rows = TRC.splitlines(keepends=True)
    cells = rows[8].split(b"\t")
    cells[2] = spelled.encode()
    rows[8] = b"\t".join(cells)
    assert refusal(read_trc, tmp_path / "a.trc", b"".join(rows)) == "TRC_NUMBER"
    csv = next(seed for seed in seeds_imu.imu_csv(None))
    damaged = csv.content.replace(b"\n0.016666667,", f"\n0.016666667,{spelled}".encode(), 1)
    assert refusal(read_imu, tmp_path / "a.csv", damaged, **csv.options) == "IMU_CELLS"


@pytest.mark.parametrize("count", ["1e400", "-1", "nan", "1_2"])
def test_a_count_of_frames_that_is_none_is_refused(tmp_path, count):
    damaged = TRC.replace(b"\t12\t4\t", f"\t{count}\t4\t".encode(), 1)
    assert damaged != TRC
    assert refusal(read_trc, tmp_path / "a.trc", damaged) == "TRC_HEADER"


@pytest.mark.parametrize("time", ["inf", "-1e400", "nan", "1e300"])
def test_a_time_that_is_not_finite_is_refused(tmp_path, time):
    damaged = TRC.replace(b"0.110000000", time.encode())
    assert damaged != TRC
    assert refusal(read_trc, tmp_path / "a.trc", damaged) == "TRC_TIME"


@pytest.mark.parametrize("lost", range(2, 8))
@pytest.mark.parametrize(
    ("read", "seed", "code"),
    [
        (read_trc, seeds.trc(None)[0], "TRC_TRUNCATED"),
        (read_imu, seeds_imu.xsens(None)[0], "IMU_TRUNCATED"),
        (read_imu, seeds_imu.dot(None)[0], "IMU_TRUNCATED"),
        (read_imu, seeds_imu.apdm(None)[0], "IMU_TRUNCATED"),
        (read_imu, seeds_imu.imu_csv(None)[0], "IMU_TRUNCATED"),
    ],
    ids=["trc", "xsens", "dot", "apdm", "csv"],
)
def test_a_file_that_ends_within_its_last_number_is_refused(tmp_path, read, seed, code, lost):
    content = seed.content.rstrip()
    path = tmp_path / f"a{seed.suffix}"
    assert refusal(read, path, content[:-lost], **seed.options) == code


@pytest.mark.parametrize("lost", range(2, 8))
def test_a_last_row_of_a_table_that_may_lack_digits_is_left_out_and_said(tmp_path, lost):
    """Our tables, and those that `%g` wrote, have numbers of unlike lengths; the rows before the last one are whole."""
    path = tmp_path / "a.sto"
    seed = seeds.sto(None)[0].content.rstrip()
    path.write_bytes(seed + b"\n")
    whole = read_sto(path)
    path.write_bytes(seed[:-lost])
    cut = read_sto(path)
    np.testing.assert_array_equal(cut.values, whole.values[:-1])
    assert "may lack digits" in cut.notes[0]
    assert whole.notes == ()


def test_decimals_that_are_all_alike_tell_a_cut_number(tmp_path):
    rows = [f"{index / 100:.2f}\t{index}.125000" for index in range(12)]
    text = "made\nversion=1\nendheader\ntime\tx\n" + "\n".join(rows)
    assert refusal(read_sto, tmp_path / "a.sto", text.encode()[:-2]) == "STO_TRUNCATED"


def test_a_row_with_too_few_cells_is_refused_with_or_without_a_line_end(tmp_path):
    rows = [f"{index / 100:.2f}\t{index}\t{index}" for index in range(12)]
    text = "made\nversion=1\nendheader\ntime\tx\ty\n" + "\n".join(rows)
    for end in ("", "\n"):
        assert refusal(read_sto, tmp_path / "a.sto", (text.rpartition("\t")[0] + end).encode()) == "STO_CELLS"


def test_zeros_at_the_end_of_a_file_without_a_last_line_end_are_whole(tmp_path):
    """`%g` writes 0 for an unloaded plate; such a file was refused."""
    (tmp_path / "a.sto").write_text("made\nversion=1\nendheader\ntime\tx\n0\t-3.79838\n0.001\t0\n0.002\t0")
    table = read_sto(tmp_path / "a.sto")
    assert table.values[:, 0].tolist() == [-3.79838, 0.0, 0.0]
    assert table.notes == ()


def test_a_last_number_whose_length_tells_nothing_is_missing_without_a_line_end(tmp_path):
    """Numbers of unlike lengths: `12` may be the beginning of `125`."""
    seed = seeds_imu.imu_csv(None)[0]
    rows = seed.content.decode().rstrip().split("\n")
    (tmp_path / "a.csv").write_text(
        "\n".join([f"{rows[0]},field", *(f"{row},{i**2}" for i, row in enumerate(rows[1:]))])
    )
    columns = {"shank": replace(seed.options["columns"]["shank"], mag=("field", "field", "field"))}
    (recording,) = read_imu(tmp_path / "a.csv", columns=columns)
    assert np.flatnonzero(np.isnan(recording.mag_sensor[:, 0])).tolist() == [len(recording.time_s) - 1]


def test_a_whole_last_line_needs_no_end(tmp_path):
    rows = [f"{index / 100:.2f}\t{index}.125" for index in range(12)]
    (tmp_path / "a.sto").write_text("made\nversion=1\nendheader\ntime\tx\n" + "\n".join(rows))
    np.testing.assert_array_equal(read_sto(tmp_path / "a.sto").values[:, 0], np.arange(12) + 0.125)


def test_forces_whose_squares_are_infinite_are_refused(tmp_path):
    content = next(seed.content for seed in seeds.forces(None)).replace(b"700.0", b"7e307")
    assert refusal(read_forces, tmp_path / "a.mot", content) == "FORCES_NOT_FINITE"


def test_between_two_steps_of_a_clock_there_may_be_none():
    samples, interval_s = samples_by_time(np.array([0.0, 1.0, 4.0]), where="here")
    assert samples.tolist() == [0, 1, 4]
    assert interval_s == 1.0


def test_an_infinite_rate_is_no_rate(tmp_path):
    seed = seeds_imu.xsens(None)[0]
    damaged = seed.content.replace(b"Update Rate: 60.0Hz", b"Update Rate: " + b"9" * 400 + b"Hz")
    assert damaged != seed.content
    assert refusal(read_imu, tmp_path / "a.txt", damaged) == "IMU_RATE_UNKNOWN"


TABLE = next(seed.content for seed in seeds_tables.table(None))


def test_no_bit_of_a_table_changes_unnoticed(tmp_path):
    """Parquet has no checksum of its own: a flipped bit in a page that was not compressed was another value."""
    path = tmp_path / "a.parquet"
    path.write_bytes(TABLE)
    values, meanings, document = read_table(path)
    unharmed = 0
    for place in range(0, len(TABLE), 7):
        damaged = bytearray(TABLE)
        damaged[place] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        try:
            read = read_table(path)
        except DataError as error:
            assert error.code == "TABLE_DAMAGED"
            continue
        assert read[1:] == (meanings, document)
        assert all(np.array_equal(read[0][name], values[name]) for name in values)
        unharmed += 1
    assert unharmed < len(TABLE) // 14


def test_a_table_whose_checksum_lost_its_name_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(TABLE)
    table = pq.read_table(path)
    renamed = {key.replace(b"sha256", b"sha257"): value for key, value in table.schema.metadata.items()}
    pq.write_table(table.replace_schema_metadata(renamed).drop_columns("atf_r_bw"), path)
    with pytest.raises(DataError, match="TABLE_DAMAGED"):
        read_table(path)


def test_a_signalling_nan_is_a_missing_value(tmp_path):
    seed = seeds_imu.imu_parquet(None)[0]
    columns = seed.options["columns"]["shank"]
    (tmp_path / "whole.parquet").write_bytes(seed.content)
    table = pq.read_table(tmp_path / "whole.parquet")
    gyr = table.column("gx").to_numpy().copy()
    gyr.view(np.uint64)[5] = 0x7FF0000000000001
    place = table.column_names.index("gx")
    pq.write_table(table.set_column(place, "gx", pa.array(gyr)), tmp_path / "nan.parquet")
    with np.errstate(invalid="raise"):
        (recording,) = read_imu(tmp_path / "nan.parquet", columns={"shank": columns})
    assert np.isnan(recording.gyr_sensor_rad_per_s[5, 0])


def test_a_table_of_somebody_else_is_refused(tmp_path):
    pq.write_table(pa.table({"x": [1.0]}), tmp_path / "other.parquet")
    with pytest.raises(DataError, match="TABLE_DAMAGED"):
        read_table(tmp_path / "other.parquet")


@pytest.mark.parametrize("encoding", ["UF-8", "utf-7", "base64", "utf-32"])
def test_an_encoding_that_is_none_is_refused(tmp_path, encoding):
    content = f'<?xml version="1.0" encoding="{encoding}"?><a>1</a>'.encode()
    assert refusal(parse_xml, tmp_path / "a.xml", content) == "XML_BROKEN"
