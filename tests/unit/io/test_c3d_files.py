"""Valid C3D files of all kinds of writers: counts, scales, processors and what stands twice."""

from __future__ import annotations

import struct

import ezc3d
import numpy as np
import pytest

from c3d_bytes import BLOCK, DEC, INTEL, MIPS, c3d_bytes, plate_parameters
from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d
from gaitload.io.spans import recorded_clock

FRAMES, RATE_HZ = 40, 100.0
MILLIMETRES = np.random.default_rng(1).normal(scale=900.0, size=(FRAMES, 3, 3)).astype(np.float32).astype(float)
LABELS = ["A", "B", "C"]
CORNERS_MM = np.array([[400.0, 600.0, 0.0], [0.0, 600.0, 0.0], [0.0, 0.0, 0.0], [400.0, 0.0, 0.0]])
PLATE = plate_parameters(2, CORNERS_MM, np.zeros(3))
UNITS = {"ANALOG": {"UNITS": ["N"] * 3 + ["Nmm"] * 3}}


def points(positions: np.ndarray = MILLIMETRES) -> np.ndarray:
    return np.concatenate((positions, np.zeros((*positions.shape[:2], 1))), axis=2)


def analog(channels: int = 6, samples: int = 4) -> np.ndarray:
    return np.random.default_rng(2).normal(scale=99.0, size=(FRAMES, samples, channels)).astype(np.float32)


@pytest.fixture
def read(tmp_path):
    def read(content: bytes, **options):
        path = tmp_path / "trial.c3d"
        path.write_bytes(content)
        recording = read_c3d(path, **options)
        assert recorded_clock(path).marker_time_s == pytest.approx(recording.marker_time_s)
        return recording

    return read


def require_same(recording, positions=MILLIMETRES):
    assert recording.marker_lab_m.shape == positions.shape
    np.testing.assert_allclose(recording.marker_lab_m, positions * 1e-3, rtol=0, atol=1e-6)


@pytest.mark.parametrize("processor", [INTEL, DEC, MIPS])
@pytest.mark.parametrize("scale", [-0.1, 0.25])
def test_files_of_every_processor_are_read(read, processor, scale):
    positions = MILLIMETRES if scale < 0 else np.rint(MILLIMETRES)
    samples = np.rint(analog())
    content = c3d_bytes(
        points(positions), labels=LABELS, analog=samples, scale=scale, parameters=PLATE | UNITS, processor=processor
    )
    recording = read(content)
    require_same(recording, positions if scale < 0 else positions * scale)
    assert recording.marker_rate_hz == pytest.approx(RATE_HZ)
    np.testing.assert_allclose(recording.plates[0].force_lab_n, samples.reshape(-1, 6)[:, :3], rtol=1e-6)


@pytest.mark.parametrize("processor", [INTEL, DEC])
def test_files_of_our_own_bytes_are_those_of_ezc3d(tmp_path, processor):
    path = tmp_path / "a.c3d"
    path.write_bytes(c3d_bytes(points(), labels=LABELS, analog=analog(), processor=processor))
    other = ezc3d.c3d(str(path))["data"]
    np.testing.assert_allclose(other["points"][:3].T, MILLIMETRES, rtol=1e-6)
    np.testing.assert_allclose(other["analogs"][0].T, analog().reshape(-1, 6), rtol=1e-6)


@pytest.mark.parametrize("scale", [-1.0, -0.01, -7.86, -1e-6])
def test_the_scale_of_floats_may_be_any_two_negative_numbers(read, scale):
    require_same(read(c3d_bytes(points(), labels=LABELS, scale=scale, header={"scale": -1.0})))


@pytest.mark.parametrize(
    "header", [{"rate_hz": 100.0004}, {"rate_hz": 99.9996}, {"scale": 0.2500004}, {"samples": 0}, {"samples": 3}]
)
def test_a_header_that_differs_from_the_sixth_digit_on_is_read(read, header):
    whole = np.rint(MILLIMETRES)
    content = c3d_bytes(
        points(whole), labels=LABELS, analog=np.rint(analog()), scale=0.25, header=header, parameters=PLATE | UNITS
    )
    recording = read(content)
    require_same(recording, whole * 0.25)
    assert len(recording.force_time_s) == 4 * FRAMES


@pytest.mark.parametrize("header", [{"rate_hz": 99.0}, {"scale": 0.3}, {"scale": -0.25}, {"analog": 23}])
def test_a_header_that_differs_by_more_is_refused(read, header):
    content = c3d_bytes(points(np.rint(MILLIMETRES)), labels=LABELS, analog=analog(), scale=0.25, header=header)
    with pytest.raises(DataError, match="C3D_BROKEN"):
        read(content)


@pytest.mark.parametrize("point_rate", [150.001, 149.999])
def test_rates_that_are_no_whole_multiple_by_a_digit_give_the_samples_that_are_stored(read, point_rate):
    rate = {"ANALOG": {"RATE": np.float32(600.0)} | UNITS["ANALOG"]}
    content = c3d_bytes(points(), labels=LABELS, analog=analog(), rate_hz=point_rate, parameters=PLATE | rate)
    recording = read(content)
    assert len(recording.force_time_s) == 4 * FRAMES
    assert recording.force_time_s[-1] == pytest.approx(recording.marker_time_s[-1] + 3 / (4 * point_rate))


@pytest.mark.parametrize("missing", ["RATE", "SCALE", "FRAMES", "USED", "DESCRIPTIONS"])
def test_what_the_parameters_lack_is_taken_from_the_header(read, missing):
    require_same(read(c3d_bytes(points(), labels=LABELS, parameters={"POINT": {missing: None}})))


@pytest.mark.parametrize("frames", [np.float32(FRAMES), np.int16(-1), np.uint16(0), np.uint16(FRAMES - 1)])
def test_other_spellings_of_the_number_of_frames_are_read(read, frames):
    require_same(read(c3d_bytes(points(), labels=LABELS, parameters={"POINT": {"FRAMES": frames}})))


@pytest.mark.parametrize("more", [0, 1, 100, 511, 512])
def test_padding_up_to_a_whole_block_is_no_data(read, more):
    require_same(read(c3d_bytes(points(), labels=LABELS) + bytes(more)))


@pytest.mark.parametrize("blocks", [3, 40])
@pytest.mark.parametrize("count", [{}, {"POINT": {"FRAMES": None}}])
def test_blocks_behind_the_data_are_left_out_and_told(read, blocks, count):
    content = c3d_bytes(points(), labels=LABELS, parameters=count)
    content = content.ljust(-(-len(content) // BLOCK) * BLOCK, b"\0") + b"\x07" * (blocks * BLOCK)
    recording = read(content)
    require_same(recording)
    assert any("behind the last frame belong to none" in note for note in recording.notes)


def test_bytes_that_were_put_into_the_data_are_refused(read):
    content = c3d_bytes(points(), labels=LABELS)
    with pytest.raises(DataError, match="bytes more than they need"):
        read(content.ljust(-(-len(content) // BLOCK) * BLOCK, b"\0") + bytes(3 * BLOCK + 7))


def test_a_header_whose_count_of_frames_is_wrong_is_corrected_by_two_witnesses_and_told(read):
    recording = read(c3d_bytes(points(), labels=LABELS, last_frame=12))
    require_same(recording)
    assert any("header says 12 frames; 40 are stored" in note for note in recording.notes)


@pytest.mark.parametrize("known", [True, False])
def test_rotations_behind_the_points_are_passed_over(read, known):
    plain = c3d_bytes(
        points(), labels=LABELS, parameters={"ROTATION": {"USED": np.int16(2), "DATA_START": np.int16(99)}}
    )
    start = -(-len(plain) // BLOCK)
    rotation = {"USED": np.int16(2), "DATA_START": np.int16(start + 1 if known else 0)}
    content = c3d_bytes(points(), labels=LABELS, parameters={"ROTATION": rotation}).ljust(start * BLOCK, b"\0")
    require_same(read(content + np.ones(FRAMES * 2 * 17, np.float32).tobytes()))


@pytest.mark.parametrize("again", [["A", "B", "C"], ["D", "B", "C"]])
def test_of_a_parameter_that_stands_twice_the_last_counts_as_in_ezc3d(read, tmp_path, again):
    recording = read(c3d_bytes(points(), labels=LABELS, parameters={"POINT": {"LABELS!": again}}))
    require_same(recording)
    other = ezc3d.c3d(str(tmp_path / "trial.c3d"))["parameters"]["POINT"]["LABELS"]["value"]
    assert list(recording.marker_names) == other == again


def test_descriptions_longer_than_the_c3d_package_reads_are_passed_over(read):
    long = {"POINT": {"DESCRIPTIONS": ["x" * 200] * 200}}
    require_same(read(c3d_bytes(points(), labels=LABELS, parameters=long)))


def test_the_first_two_bytes_of_the_parameters_mean_nothing(read):
    content = bytearray(c3d_bytes(points(), labels=LABELS))
    content[BLOCK : BLOCK + 2] = b"\0\0"
    require_same(read(bytes(content)))


def test_the_data_may_begin_where_the_header_alone_says(read):
    content = c3d_bytes(points(), labels=LABELS)
    start = struct.unpack_from("<H", content, 16)[0]
    name = b"DATA_START"
    place = content.index(name) + len(name) + 4
    assert struct.unpack_from("<H", content, place)[0] == start
    require_same(read(content[:place] + b"\0\0" + content[place + 2 :]))


MANY = 70_000
END = {"ACTUAL_START_FIELD": np.array([1, 0], np.uint16), "ACTUAL_END_FIELD": np.array([MANY - 65536, 1], np.uint16)}
SPELLINGS = {
    "TRIAL:ACTUAL_END_FIELD": ({"TRIAL": END}, 65535),
    "POINT:LONG_FRAMES": ({"POINT": {"LONG_FRAMES": np.float32(MANY)}}, 65535),
    "POINT:FRAMES as a float": ({"POINT": {"FRAMES": np.float32(MANY)}}, 65535),
    "POINT:FRAMES -1": ({"POINT": {"FRAMES": np.int16(-1)}}, 65535),
    "all counts modulo 65536": ({"POINT": {"FRAMES": np.uint16(MANY - 65536)}}, MANY - 65536),
    "the header alone modulo 65536": ({"TRIAL": END}, MANY - 65536),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("padding", [0, 512])
def test_more_frames_than_16_bits_count_are_read_in_every_spelling(tmp_path, spelling, padding):
    parameters, last = SPELLINGS[spelling]
    many = np.broadcast_to([1.0, 2.0, 3.0, 0.0], (MANY, 1, 4))
    path = tmp_path / "a.c3d"
    path.write_bytes(c3d_bytes(many, labels=["A"], scale=1.0, last_frame=last, parameters=parameters) + bytes(padding))
    assert len(read_c3d(path).marker_time_s) == MANY


FIRST = 70_001


@pytest.mark.parametrize(
    ("first_in_header", "last_in_header"),
    [(FIRST % 65536, 65535), (FIRST % 65536, (FIRST + FRAMES - 1) % 65536), (65535, 65535)],
)
@pytest.mark.parametrize("told", [True, False])
def test_first_frames_above_65535_are_read_and_told_where_the_file_knows_them(
    read, first_in_header, last_in_header, told
):
    last = FIRST + FRAMES - 1
    field = {
        "ACTUAL_START_FIELD": np.array([FIRST - 65536, 1], np.uint16),
        "ACTUAL_END_FIELD": np.array([last - 65536, 1], np.uint16),
    }
    content = c3d_bytes(
        points(),
        labels=LABELS,
        first_frame=first_in_header,
        last_frame=last_in_header,
        parameters={"TRIAL": field} if told else None,
    )
    recording = read(content)
    require_same(recording)
    assert recording.first_frame == (FIRST if told else first_in_header)
    assert recording.marker_time_s[0] == pytest.approx((recording.first_frame - 1) / RATE_HZ)


def test_trial_fields_that_belong_to_an_uncropped_file_do_not_move_the_clock(read):
    field = {"ACTUAL_START_FIELD": np.array([1, 0], np.uint16), "ACTUAL_END_FIELD": np.array([900, 0], np.uint16)}
    recording = read(c3d_bytes(points(), labels=LABELS, first_frame=301, parameters={"TRIAL": field}))
    require_same(recording)
    assert recording.first_frame == 301


def test_more_than_255_channels_and_points_go_on_in_further_parameters(read):
    count, channels = 300, 600
    positions = np.random.default_rng(3).normal(scale=500.0, size=(FRAMES, count, 3)).astype(np.float32)
    stored = np.random.default_rng(4).normal(scale=300.0, size=(FRAMES, 2, channels)).astype(np.float32)
    parts = [slice(0, 255), slice(255, 510), slice(510, None)]
    scale, offset = np.linspace(0.5, 2.0, channels).astype(np.float32), np.arange(channels).astype(np.int16)
    names = [f"M{index}" for index in range(count)]
    units = ["V"] * 594 + ["N"] * 3 + ["Nmm"] * 3
    more = {"USED": np.int16(channels)}
    for suffix, part in zip(("", "2", "3"), parts, strict=True):
        more |= {f"SCALE{suffix}": scale[part], f"OFFSET{suffix}": offset[part], f"UNITS{suffix}": units[part]}
        more |= {f"LABELS{suffix}": [f"A{index}" for index in range(channels)][part]}
    plate = plate_parameters(2, CORNERS_MM, np.zeros(3), CHANNEL=np.arange(595, 601, dtype=np.int16).reshape(1, 6))
    point = {"LABELS": names[:255], "LABELS2": names[255:], "DESCRIPTIONS": None}
    parameters = {"POINT": point, "ANALOG": more} | plate
    recording = read(c3d_bytes(points(positions), labels=names, analog=stored, parameters=parameters))
    require_same(recording, positions)
    measured = (stored.reshape(-1, channels) - offset) * scale
    np.testing.assert_allclose(recording.plates[0].force_lab_n, measured[:, 594:597], rtol=1e-6)


def test_analog_words_of_a_frame_may_exceed_16_bits(read):
    stored = np.ones((FRAMES, 11_000, 6), np.float32)
    recording = read(c3d_bytes(points(), labels=LABELS, analog=stored, parameters=PLATE | UNITS))
    require_same(recording)
    assert len(recording.force_time_s) == FRAMES * 11_000
