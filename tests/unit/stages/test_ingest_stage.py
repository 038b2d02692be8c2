"""A motion is not read against a static trial that could not be used."""

from __future__ import annotations

import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.config import Config
from gaitload.errors import DataError
from gaitload.quality import Gate, Quality, Verdict
from gaitload.stages import ingest
from gaitload.stages.job import jobs_of


def test_a_refused_static_trial_is_named_with_its_reason(repository, tmp_path):
    cohort = load_cohort(repository / "workflow" / "cohorts" / "embedded", root=repository, results=tmp_path)
    (job,) = jobs_of("ingest", ["walk"], config=Config(), cohort=cohort, participant_id="p1", results=tmp_path)
    refused = Gate("C3D_TRUNCATED", Verdict.REFUSED, None, None, "", "expected 100 frames; found 3")
    quality = job.product("ingest", ".quality.json", "static")
    quality.parent.mkdir(parents=True)
    quality.write_text(Quality("ingest", "embedded/p1/static", (refused,)).to_json())
    with pytest.raises(DataError, match=r"C3D_TRUNCATED, expected 100 frames; found 3.*Mend static") as caught:
        ingest.inputs(job)
    assert caught.value.code == "STATIC_REFUSED"
