"""Every reason code that people can meet in a cohort's table is explained in docs/quality.md."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gaitload.ingest.faults import FaultKind

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = REPOSITORY / "src" / "gaitload"
GATES = [*sorted((SOURCE / "gates").glob("*.py")), *sorted((SOURCE / "ingest").glob("*gates.py"))]
GATES += [SOURCE / "sync" / "judgement.py", SOURCE / "imu" / "judgement.py", SOURCE / "stages" / "imu_kinematics.py"]
GATES += [SOURCE / "external" / "gates.py", SOURCE / "external" / "emg.py", SOURCE / "stages" / "emg_loads.py"]
REFUSING = {"DataError", "ConventionError", "SolverError", "_error", "require_success"}
NOT_IN_TABLES = {
    "RECORDINGS_NOT_FOUND",
    "TRUTH_MISSED",
    "MOTION_UNKNOWN",
    "MOTION_INVALID",
    "POSTURE_UNSOLVED",
    "GAIT_UNSOLVED",
    "PEOPLE_TOO_MANY",
    "SHARD_INCOMPLETE",
    "STUDY_COLUMN_MISSING",
    "STUDY_COVARIATE_MISSING",
    "STUDY_EMPTY",
    "STUDY_FOLD_EMPTY",
    "STUDY_UNSCORABLE",
    "CHECKPOINT_DAMAGED",
    "TRAINING_DIVERGED",
    "HEADER_UNREADABLE",
    "NOTHING_TO_EVALUATE",
    "NO_COMMON_SEGMENT",
    "PREDICTIONS_EMPTY",
    "PREDICTIONS_OFF_CLOCK",
    "PREDICTIONS_TWICE",
    "PREDICTIONS_UNKNOWN_TRIAL",
    "PREDICTIONS_WITHOUT_LABELS",
    "SUBJECT_WITHOUT_SEGMENTS",
    "TARGET_WITHOUT_LABELS",
}
"""Raised before or beside the stages: they stop a run, or belong to the making of the embedded cohort or to the
evaluation of a study (docs/evaluation.md)."""
TOKENS = re.findall(r"`([A-Z][A-Z0-9_]*(?:<[A-Z]+>|\*)?)`", (REPOSITORY / "docs" / "quality.md").read_text())


def leading_text(node: ast.expr) -> str | None:
    """A string, or what an f-string begins with."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) else node
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def gate_codes() -> set[str]:
    texts = (leading_text(node) for path in GATES for node in ast.walk(ast.parse(path.read_text())))
    codes = {text for text in texts if text and re.fullmatch(r"[A-Z]+(_[A-Z]+)+_?|[A-Z]+_", text)}
    kinds = {f"LABELS_{kind.upper()}" for kind in FaultKind if kind is not FaultKind.EXTRA}
    return codes - {"LABELS_"} | kinds | {"LABELS_UNPROVEN"}


def refusal_codes() -> set[str]:
    """Codes that stop a trial; those of bundles are in docs/predict.md (tests/unit/bundles)."""
    found = set()
    bundles = {*(SOURCE / "bundles").glob("*.py"), SOURCE / "stages/bundle.py"}
    for path in set(SOURCE.rglob("*.py")) - bundles:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSING:
                codes = [word.value for word in node.keywords if word.arg == "code"] or node.args
                found |= {leading_text(code) for code in codes}
    return {code for code in found if code and re.fullmatch(r"[A-Z0-9]+(_[A-Z0-9]+)+", code)}


def is_explained(code: str) -> bool:
    """Codes that go on with a side or a joint end with an underscore here and with `<...>` there."""
    if code.endswith("_"):
        return any(re.fullmatch(rf"{code}<[A-Z]+>", token) for token in TOKENS)
    return any(code == token or (token.endswith("*") and code.startswith(token[:-1])) for token in TOKENS)


@pytest.mark.parametrize("code", sorted(gate_codes() | (refusal_codes() - NOT_IN_TABLES)))
def test_the_code_is_explained(code: str) -> None:
    assert is_explained(code), f"{code} is not in docs/quality.md"


def test_the_search_finds_codes_of_every_kind() -> None:
    assert {"RESERVE_", "STATIC_", "STATIC_MARKERS_MAX", "COP_IN_FOOT_", "LABELS_SWAPPED"} <= gate_codes()
    assert {"NO_STANCE", "C3D_TRUNCATED", "FEET_SWAPPED", "IK_FAILED"} <= refusal_codes()
