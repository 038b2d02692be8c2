"""Small inputs of other laboratories that failed once: what becomes of each today, and whether that is right.

`python -m benchmarks.cases --shared ../shared/data` writes docs/benchmarks/cases.md. Cases whose files are absent are
skipped; a few are only described, or are made by tests (`pytest tests/golden tests/unit` names them).
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaitload.cohorts.tables import TrialRow
from gaitload.config import Config
from gaitload.discovery.check import Verdict, check_cohort
from gaitload.discovery.findings import Draft
from gaitload.discovery.make import known_marker_sets, make_cohort
from gaitload.errors import GaitloadError
from gaitload.io.c3d import read_c3d
from gaitload.io.forces import read_force_table
from gaitload.io.imu.reader import read_imu
from gaitload.io.trc import read_trc
from gaitload.models.registry import find_model
from gaitload.signals.plates import center_of_pressure

ROOT = Path(__file__).parents[1]
MASS_KG, HEIGHT_M = 75.0, 1.75
"""Answers to the questions of `new-cohort`, where no file answers them: nothing is checked without."""


@dataclass(frozen=True)
class Case:
    """A case: its folder, what is right (in short), and how it is tried.

    `tried` gets the folder and returns whether the result is right, and the result in words.
    """

    folder: str
    right: str
    tried: Callable[[Path], tuple[bool, str]]


def drafted(folder: Path) -> tuple[Draft, Verdict]:
    """The tables of a folder of recordings, and what `gaitload check` says of them with masses and heights given."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        shutil.copytree(ROOT / "workflow/cohorts/embedded", root / "workflow/cohorts/embedded")
        shutil.copytree(folder, root / "recordings")
        sets = known_marker_sets(find_model("rajagopal2023"), ROOT)
        draft = make_cohort(root / "recordings", "case", sets, root=root).draft
        table = root / "workflow/cohorts/case/participants.tsv"
        table.write_text(_answered(table.read_text()))
        verdict = check_cohort(table.parent, Config(), root=root, results=root / "results", model="rajagopal2023")
    return draft, verdict


def _answered(table: str) -> str:
    lines = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    names = lines[0]
    for row in lines[1:]:
        for name, value in (("mass_kg", MASS_KG), ("height_m", HEIGHT_M)):
            row[names.index(name)] = row[names.index(name)] or f"{value:g}"
    return "\n".join("\t".join(row) for row in lines) + "\n"


def _reading(read: Callable, pattern: str, right: Callable = lambda found: True) -> Callable[[Path], tuple[bool, str]]:
    """Every file of a pattern is read, and `right` of what was read."""

    def tried(folder: Path) -> tuple[bool, str]:
        results = []
        for path in sorted(folder.glob(pattern)):
            try:
                found = read(path)
                results.append((bool(right(found)), f"{path.name}: read"))
            except GaitloadError as error:
                results.append((False, f"{path.name}: {error.code}"))
        return all(ok for ok, _ in results), "; ".join(said for _, said in results)

    return tried


def _table(right: Callable[[Draft, Verdict], bool], say: Callable[[Draft, Verdict], str]):
    def tried(folder: Path) -> tuple[bool, str]:
        draft, verdict = drafted(folder)
        return bool(right(draft, verdict)), say(draft, verdict)

    return tried


def _motion(draft: Draft) -> TrialRow:
    """The first motion: a part of it may stand before it as the static trial."""
    return next(row for row in draft.trials if row.role == "motion")


def _rows(draft: Draft, verdict: Verdict) -> str:
    rows = ", ".join(f"{row.trial_id} {row.activity} {row.speed_m_per_s or 0:.2f} m/s" for row in draft.trials)
    axes = f"forward {draft.spec['lab_forward']}, treadmill {str(draft.spec['treadmill']).lower()}"
    return f"{rows}; {axes}; {_problems(draft, verdict)}"


def _problems(draft: Draft, verdict: Verdict) -> str:
    told = [*(fault.what for fault in draft.faults), *verdict.problems]
    return "; ".join(text[:160] for text in told) or "nothing is refused"


def _remarks(draft: Draft, verdict: Verdict) -> str:
    told = [text for text in (*verdict.remarks, *verdict.problems) if "FORCE" in text or "late" in text]
    return "; ".join(text[:120] for text in told[:4]) or "nothing is remarked"


def _plans(draft: Draft, verdict: Verdict) -> str:
    return f"{'; '.join(plan[:260] for plan in verdict.plans)}; {_problems(draft, verdict)}"


def _moments(folder: Path) -> tuple[bool, str]:
    """Files whose moments are in N m: read so that the centre of pressure is on the plate, or refused."""
    results = []
    for path in sorted(folder.glob("*.c3d")):
        try:
            recording = read_c3d(path)
        except GaitloadError as error:
            results.append((error.code.startswith(("C3D", "UNITS")), f"{path.name}: {error.code}"))
            continue
        on = []
        for plate in recording.plates:
            loaded = plate.force_lab_n[:, 2] > 200.0
            cop, _ = center_of_pressure(plate.force_lab_n[loaded], plate.moment_lab_nm[loaded], 0.0, 2)
            low, high = plate.corners_lab_m[:, :2].min(axis=0), plate.corners_lab_m[:, :2].max(axis=0)
            spread = float(np.ptp(cop[:, :2], axis=0).max()) if loaded.any() else 0.0
            on.append(((cop[:, :2] > low) & (cop[:, :2] < high)).all(axis=1).mean() > 0.9 and spread > 0.05)
        results.append((all(on), f"{path.name}: centre of pressure {'on' if all(on) else 'off'} the plates"))
    return all(ok for ok, _ in results), "; ".join(said for _, said in results)


def _clocks(folder: Path) -> tuple[bool, str]:
    first, second = read_c3d(folder / "c06_first501.c3d"), read_trc(folder / "t04d_trc_from_5s_both.trc")
    starts = float(first.marker_time_s[0]), float(second.marker_time_s[0])
    text = f"C3D from frame {first.first_frame} at {starts[0]:.2f} s, TRC from {starts[1]:.2f} s"
    return abs(starts[0] - starts[1]) < 0.011, text


def _half_lost(folder: Path) -> tuple[bool, str]:
    (recording,) = read_imu(next(folder.glob("*.csv")))
    missing = float(np.isnan(recording.orientation_wxyz[:, 0]).mean())
    right = abs(recording.rate_hz - 60.0) < 0.5 and 0.4 < missing < 0.6
    return right, f"read at {recording.rate_hz:.1f} Hz, {missing:.0%} of the samples missing"


LAG_NEAR_MS = 6.0
"""Error of the lag of a walk where the truth is known (`gates.force_lag_accuracy_walk_s`)."""
_DELAY, _LATE = re.compile(r"(\d+) ?ms\.mot"), re.compile(r"late to\) the markers by ([\d.]+) ms")


def _shifted(folder: Path) -> tuple[bool, str]:
    """Every file of late forces beside the same markers: is the delay reported as such, and by its size?"""
    said = []
    for path in sorted(folder.glob("*.mot")):
        with tempfile.TemporaryDirectory() as place:
            alone = Path(place) / "alone"
            alone.mkdir()
            for source in (path, folder / "t01_control.trc"):
                shutil.copyfile(source, alone / f"walk{source.suffix}")
            said.append(f"{path.name}: {_remarks(*drafted(alone))}")
    lags = [_LATE.search(one) for one in said]
    delays_ms = [float(_DELAY.search(one)[1]) for one in said]
    near = [one and abs(float(one[1]) - delay) < LAG_NEAR_MS for one, delay in zip(lags, delays_ms, strict=True)]
    return bool(near) and all(near), "; ".join(said)


def _plate_types(folder: Path) -> tuple[bool, str]:
    found = {path.name: read_c3d(path) for path in sorted(folder.glob("*.c3d"))}
    told = {name: [note for note in one.notes if "type" in note] for name, one in found.items()}
    text = "; ".join(f"{name}: {len(found[name].plates)} plates used, {'; '.join(told[name])}" for name in found)
    return all(told.values()), text


CASES = (
    Case("01-dot-realtime-lost", "all five files are read", _reading(read_imu, "*.csv")),
    Case("02-dot-half-lost", "60 Hz, about half of the samples missing", _half_lost),
    Case("03-qtm-padding", "both files are read", _reading(read_c3d, "*.c3d")),
    Case("05-c3d-over-255-analog", "read", _reading(read_c3d, "*.c3d")),
    Case(
        "08-subject-prefix-unlabelled",
        "prefix taken off, unlabelled points ignored",
        _reading(read_c3d, "*.c3d", lambda one: not any(set(name) & set("*:") for name in one.marker_names)),
    ),
    Case("13-plate-types", "the type is named, other plates are used", _plate_types),
    Case("15-moment-units", "read as N m, or refused", _moments),
    Case(
        "18-left-handed-lab",
        "refused as mirrored or left-handed",
        _table(lambda d, v: "mirror" in _problems(d, v) or "left-handed" in " ".join(v.problems), _problems),
    ),
    Case("20-osimC3D-mot", "forces are read and paired", _table(lambda d, v: _motion(d).forces_file, _rows)),
    Case("21-flattened-mot", "read", _reading(lambda path: read_force_table(path, length_unit="mm"), "*.mot")),
    Case("23-force-clock-shifted", "delays of 20, 40 and 50 ms are reported as such", _shifted),
    Case(
        "35-split-belt-narrow",
        "each foot on its belt",
        _table(lambda d, v: not v.problems and "plate_1: " in v.plans[-1] and "unknown" not in v.plans[-1], _plans),
    ),
    Case("40-rewritten-by-ezc3d", "read", _reading(read_c3d, "*.c3d")),
    Case(
        "50-number-without-end",
        "all 6,000 rows are read",
        _reading(read_force_table, "*.mot", lambda one: len(one.time_s) == 6000),
    ),
    Case("51-c3d-and-trc-clocks", "one clock", _clocks),
    Case("lab-01_pig_outputs_and_unlabelled", "set recognised", _table(lambda d, v: not d.set_drafts, _rows)),
    Case("lab-02_ghost_unlabelled", "not refused for its unit", _table(lambda d, v: d.trials, _rows)),
    Case(
        "lab-03_static_off_plates",
        "32.9 kg",
        _table(lambda d, v: abs((d.people[0].mass_kg or 0) - 32.9) < 0.1, lambda d, v: f"{d.people[0].mass_kg} kg"),
    ),
    Case(
        "lab-04_noise_on_unloaded_plate",
        "read; strikes on plates 3 and 5",
        _table(lambda d, v: " ".join(v.plans).count("a whole strike") == 2, _plans),
    ),
    Case(
        "lab-06_grf_addbiomechanics", "forces are read and paired", _table(lambda d, v: _motion(d).forces_file, _rows)
    ),
    Case(
        "lab-07_grf_last_sample",
        "39 of 40 rows, with a note",
        _reading(read_force_table, "*.mot", lambda one: len(one.time_s) == 39 and one.notes),
    ),
    Case(
        "lab-08_trc_named_sto", "read in mm", _reading(read_trc, "*.trc", lambda one: np.nanmax(one.marker_lab_m) < 3)
    ),
    Case(
        "lab-10_child_walk_called_run",
        "walk, 1.35 m/s",
        _table(lambda d, v: _motion(d).activity == "walk" and abs(_motion(d).speed_m_per_s - 1.35) < 0.1, _rows),
    ),
    Case(
        "lab-11_overground_called_treadmill",
        "overground, +y, 1.27 m/s",
        _table(lambda d, v: (d.spec["treadmill"], d.spec["lab_forward"]) == (False, "+y"), _rows),
    ),
    Case("lab-12_sacrum_only", "set recognised, nothing refused", _table(lambda d, v: not v.problems, _rows)),
    Case(
        "lab-13_two_markers_a_foot",
        "three whole strikes",
        _table(lambda d, v: " ".join(v.plans).count("a whole strike") == 3, _plans),
    ),
)
ELSEWHERE = {
    "06-c3d-over-65535-frames": "only described; made by tests/unit/io/test_c3d_by_ezc3d.py and test_c3d_files.py",
    "37-imu-wrong-rate": "only described; made by tests/unit/imu/test_symptoms.py and test_consistency.py",
    "38-imu-quaternion-order": "needs declared columns; tried by tests/golden/test_sensor_checks.py",
    "39-gyro-sign": "needs declared columns; tried by tests/golden/test_sensor_checks.py",
    "53-new-cohort-dot-names": "only described; made by tests/unit/discovery/test_sensors.py",
    "lab-00_marker_sets": "tables that users wrote, for other cases",
}


def results(cases_dir: Path) -> Iterator[tuple[str, str, bool | None, str]]:
    """Folder, what is right, whether the result is (None where the case is absent), and the result, case by case."""
    for case in CASES:
        folder = cases_dir / case.folder
        if not folder.is_dir():
            yield case.folder, case.right, None, "absent"
            continue
        try:
            right, said = case.tried(folder)
        except GaitloadError as error:
            right, said = False, f"{error.code}: {error.found}"
        yield case.folder, case.right, right, said


def document(cases_dir: Path) -> str:
    """The table in Markdown."""
    lines = []
    for folder, right, ok, said in results(cases_dir):
        verdict = "skipped" if ok is None else "right" if ok else "open"
        lines.append(f"| `{folder}` | {right} | {verdict} | {' '.join(said.split()).replace('|', '/')[:420]} |")
    lines += [f"| `{folder}` | | elsewhere | {why} |" for folder, why in sorted(ELSEWHERE.items())]
    return "\n".join(
        [
            "# Inputs of other laboratories that failed once",
            "",
            "What becomes of each today: `python -m benchmarks.cases` writes this table. Masses and heights that no",
            f"file tells are filled in ({MASS_KG:g} kg, {HEIGHT_M:g} m), as a user answers the questions of",
            "`gaitload new-cohort`. *right*: as the case says it should be; *open*: not yet.",
            "",
            "| case | right would be | today | result |",
            "|---|---|---|---|",
            *lines,
            "",
        ]
    )


def main() -> None:
    """Try every case and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks/cases.md")
    arguments = parser.parse_args()
    arguments.out.write_text(document(arguments.shared / "cases"), encoding="utf-8")


if __name__ == "__main__":
    main()
