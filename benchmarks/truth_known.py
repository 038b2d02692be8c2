"""The known errors of labels, as the package carries them: gaitload/known_errors.tsv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path

from gaitload.known_errors import TABLE, KnownError

LABELS = {"total": "kcf_norm", "medial": "kcf_med", "lateral": "kcf_lat"}
SOURCE = "patient PS with an instrumented knee (Fregly et al. 2012)"
HEADER = "# Labels beside implants: python -m benchmarks.truth. What the columns mean: gaitload.known_errors.\n"


def known(knee: Mapping[str, Mapping[str, float]], *, label_mode: str, model: str, trials: int) -> list[KnownError]:
    """Errors of the knee's labels by one method.

    Parameters
    ----------
    knee
        Part of the knee -> mean over the walks of what `benchmarks.truth_patient.compared` found.
    """
    return [
        KnownError(
            label=label,
            label_mode=label_mode,
            model=model,
            activity="walk",
            rmse_bw=knee[part]["rmse_bw"],
            r=knee[part]["r"],
            peak_1_bw=knee[part]["peak_1_bw"],
            peak_2_bw=knee[part]["peak_2_bw"],
            swing_bw=knee[part]["swing_bias_bw"],
            people=1,
            trials=trials,
            source=SOURCE,
        )
        for part, label in LABELS.items()
    ]


def text_of(errors: list[KnownError]) -> str:
    """The table."""
    names = [field.name for field in fields(KnownError)]
    rows = [asdict(error).values() for error in errors]
    cells = [[f"{value:.3f}" if isinstance(value, float) else str(value) for value in row] for row in rows]
    return HEADER + "".join("\t".join(row) + "\n" for row in (names, *cells))


def write(errors: list[KnownError], path: Path = TABLE) -> None:
    """Write the table into the package."""
    path.write_text(text_of(errors), encoding="utf-8")
