"""What ingest would report of recordings: the same gates, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gaitload.cohorts.recordings import read_recording
from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.config import Config
from gaitload.errors import GaitloadError
from gaitload.ingest.build import build_trial
from gaitload.models.markersets import MarkerSet
from gaitload.quality import Gate, Verdict
from gaitload.stages.ingest import free_ends, labelled_window
from gaitload.trial import Markers


def recorded_gates(
    cohort: Cohort, sets: Mapping[str, MarkerSet], config: Config
) -> Iterator[tuple[TrialRow, Gate | GaitloadError]]:
    """Gates of ingest that warn or fail, the gravest of a trial first, and the errors that would refuse a trial.

    Parameters
    ----------
    cohort : Cohort
    sets : mapping of str to MarkerSet
        Marker sets that the cohort wore, by their name.
    config : Config
    """
    for person in cohort.participants:
        marker_set = sets.get(cohort.marker_set_of(person))
        if marker_set is None:
            continue
        static: Markers | None = None
        for row in (*cohort.statics_of(person.participant_id), *cohort.motions_of(person.participant_id)):
            if row.file is None:
                continue
            try:
                trial, gates = _built(cohort, row, marker_set, static if row.role == "motion" else None, config)
            except (GaitloadError, OSError) as error:
                if isinstance(error, GaitloadError):
                    yield row, error
                continue
            if row.role == "static":
                static = trial.markers
            order = list(Verdict)
            doubts = [gate for gate in gates if gate.verdict in (Verdict.WARNED, Verdict.FAILED)]
            doubts = [gate for gate in doubts if not _told(gate)]
            for gate in sorted(doubts, key=lambda gate: -order.index(gate.verdict)):
                yield row, gate


def _built(cohort: Cohort, row: TrialRow, marker_set: MarkerSet, static: Markers | None, config: Config):
    recording = read_recording(cohort, row)
    trial, quality = build_trial(
        recording,
        marker_set=marker_set,
        static=static,
        activity=row.activity,
        settings=config.ingest,
        gates=config.gates,
        lab_axes=cohort.lab_axes_of(row),
        treadmill=cohort.on_treadmill(row),
        where=f"{cohort.name}/{row.participant_id}/{row.trial_id}",
        foot_of_plate=row.plate_feet,
        window=labelled_window(row, config.window, recording),
        free=free_ends(cohort, row, config.window),
        longest_s=config.window.duration_s,
        pad_s=config.window.pad_s if row.role == "motion" else 0.0,
    )
    return trial, quality.gates


def _told(gate: Gate) -> bool:
    """Whether a gate says that markers are missing altogether, which the line of the trial says."""
    return gate.code == "LABELS_MISSING" or (gate.code.startswith("SEGMENT_LOST") and gate.value == 1.0)
