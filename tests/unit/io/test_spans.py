"""The clock of a recording by its header is that of the whole file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import synthetic_person as person
from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d
from gaitload.io.spans import recorded_clock
from gaitload.io.trc import read_trc
from recorded_folders import write_moving


def test_a_trc_header_tells_its_clock(tmp_path: Path) -> None:
    write_moving(tmp_path / "walk.trc", person.WALK)
    whole, header = read_trc(tmp_path / "walk.trc"), recorded_clock(tmp_path / "walk.trc")
    assert header.marker_time_s == pytest.approx(whole.marker_time_s, abs=1e-9)


def test_a_c3d_header_tells_its_clock(shared: Path) -> None:
    path = shared / "fukuchi2017/RBDS001/RBDS001runT25.c3d"
    assert recorded_clock(path).marker_time_s == pytest.approx(read_c3d(path).marker_time_s)


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.c3d").write_bytes(np.arange(600, dtype=np.uint8).tobytes())
    with pytest.raises(DataError, match="HEADER_UNREADABLE"):
        recorded_clock(tmp_path / "broken.c3d")


@pytest.mark.parametrize(("promised", "said"), [("NumFrames", "900000000000"), ("NumFrames", "1"), ("DataRate", "0")])
def test_a_header_that_promises_what_no_file_can_hold_is_refused(tmp_path: Path, promised: str, said: str) -> None:
    path = tmp_path / "walk.trc"
    write_moving(path, person.WALK)
    lines = path.read_text().split("\n")
    values = lines[2].split("\t")
    values[lines[1].split("\t").index(promised)] = said
    path.write_text("\n".join([*lines[:2], "\t".join(values), *lines[3:]]))
    with pytest.raises(DataError, match="HEADER_UNREADABLE"):
        recorded_clock(path)
