"""Tables of OpenSim's C3D reader that were written under the name of a TRC file."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.io.trc import read_trc

HEADER = "DataRate=200.000000\nUnits=mm\nDataType=double\nversion=3\nOpenSimVersion=4.3\nendheader\n"
NAMES = "time\tC7_1\tC7_2\tC7_3\tRHEE_1\tRHEE_2\tRHEE_3\tNotes\n"


def written(tmp_path, header: str = HEADER, names: str = NAMES):
    rows = [f"{index * 0.005}\t1\t2\t{index}\t{'nan' if index == 2 else 4}\t5\t6\t0\n" for index in range(20)]
    path = tmp_path / "markers.trc"
    path.write_text(header + names + "".join(rows))
    return path


def test_markers_are_read_in_the_unit_of_the_header_and_the_file_is_called_by_its_name(tmp_path):
    recording = read_trc(written(tmp_path))
    assert recording.marker_names == ("C7", "RHEE")
    assert recording.marker_rate_hz == pytest.approx(200.0)
    np.testing.assert_allclose(recording.marker_lab_m[3, 0], [1e-3, 2e-3, 3e-3])
    assert np.isnan(recording.marker_lab_m[2, 1]).any()
    assert "is a table of OpenSim and no TRC file" in recording.notes[0]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (HEADER.replace("Units=mm\n", ""), NAMES),
        (HEADER, "time\ta\tb\tc\td\te\tf\tg\n"),
    ],
)
def test_a_table_without_a_unit_or_markers_is_refused(tmp_path, header, names):
    with pytest.raises(DataError) as refused:
        read_trc(written(tmp_path, header, names))
    assert refused.value.code == "TRC_HEADER"
    assert "TRCFileAdapter" in refused.value.do
