"""What ingest would report of recordings: the same gates, before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gaitload.cohorts.recordings import read_recording
from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.config import Config
from gaitload.conventions import SIDES
from gaitload.discovery.scaling_plan import describe_scaling
from gaitload.errors import GaitloadError
from gaitload.gates.laboratory import TRIALS_MIN, judge_laboratory_lag
from gaitload.gates.mass import judge_carried_mass
from gaitload.ingest.build import build_trial
from gaitload.ingest.laboratory import TrialLag, laboratory_lag
from gaitload.models.family import Family
from gaitload.models.markersets import MarkerSet
from gaitload.quality import Gate, Quality, ranked
from gaitload.stages.force_lag import lag_of
from gaitload.stages.ingest import free_ends, labelled_window
from gaitload.trial import Markers, Trial

Built = tuple[Trial, Quality] | GaitloadError
"""A trial as ingest builds it, or the error that refuses it."""
_STRIKES_NAMED = 12


def recorded_gates(
    cohort: Cohort,
    sets: Mapping[str, MarkerSet],
    config: Config,
    family: Family | None = None,
    built: Iterable[tuple[TrialRow, Built]] | None = None,
) -> Iterator[tuple[TrialRow, str | Gate | GaitloadError]]:
    """What ingest will do of every trial, its gates that warn or fail, and the errors that would refuse it.

    A motion comes with a text (`announced`) first, and the first static trial with how it scales the model; then come
    gates, the likeliest cause first.

    Parameters
    ----------
    cohort : Cohort
    sets : mapping of str to MarkerSet
        Marker sets that the cohort wore, by their name.
    config : Config
    family : Family, optional
        Family of the model whose scaling is described.
    built : iterable of (TrialRow, Built), optional
        Trials that are built already; without them `built_trials` builds them.
    """
    lags: list[tuple[TrialRow, TrialLag]] = []
    scaled: set[str] = set()
    for row, one in built_trials(cohort, sets, config) if built is None else built:
        if isinstance(one, GaitloadError):
            yield row, one
            continue
        trial, quality = one
        person = cohort.by_id[row.participant_id]
        marker_set = sets[cohort.marker_set_of(person)]
        if row.role != "static":
            yield row, announced(trial, quality, marker_set)
            lags.append((row, lag_of(quality, row.participant_id, row.trial_id)))
        elif family and row.participant_id not in scaled:
            scaled.add(row.participant_id)
            yield row, _scaling(cohort, row, trial.markers, marker_set, family, config)
        doubts = [gate for gate in quality.gates if not _in_line_of_trial(gate)]
        for gate in ranked([*doubts, *_mass_gate(person.mass_kg, quality, config)]):
            yield row, gate
    yield from _lags_apart(lags, config)


def built_trials(cohort: Cohort, sets: Mapping[str, MarkerSet], config: Config) -> Iterator[tuple[TrialRow, Built]]:
    """Every trial with markers as ingest builds it, static trials first, or the error that refuses it.

    Parameters
    ----------
    cohort : Cohort
    sets : mapping of str to MarkerSet
        Marker sets that the cohort wore, by their name; participants who wore another are passed over.
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
                trial, quality = _built(cohort, row, marker_set, static if row.role == "motion" else None, config)
            except (GaitloadError, OSError) as error:
                if isinstance(error, GaitloadError):
                    yield row, error
                continue
            static = trial.markers if row.role == "static" else static
            yield row, (trial, quality)


def _lags_apart(lags: Sequence[tuple[TrialRow, TrialLag]], config: Config) -> Iterator[tuple[TrialRow, Gate]]:
    """Trials whose lag departs from those of the same activity, and, once, a lag outside the range of laboratories.

    The lag of the laboratory is judged by its runs, because walks tell it less well.
    """
    for activity in ("walk", "run"):
        own = [(row, lag) for row, lag in lags if row.activity == activity]
        laboratory = laboratory_lag(lag for _, lag in own)
        said = laboratory.trials < TRIALS_MIN or activity == "walk"
        for row, lag in own:
            for gate in ranked(judge_laboratory_lag(laboratory, lag, config.gates)):
                if gate.code == "FORCE_LAG_TRIAL" or not said:
                    said = said or gate.code == "FORCE_LAG_COHORT"
                    yield row, gate


def _mass_gate(mass_kg: float | None, quality: Quality, config: Config) -> list[Gate]:
    """The declared mass against the one that the forces of a motion carry, where both are known."""
    carried = (quality.numbers.get("forces") or {}).get("measured_kg")
    return [] if mass_kg is None or carried is None else [judge_carried_mass(mass_kg, carried, config.gates)]


def _scaling(
    cohort: Cohort, row: TrialRow, static: Markers, marker_set: MarkerSet, family: Family, config: Config
) -> str | GaitloadError:
    person = cohort.by_id[row.participant_id]
    try:
        where = f"{cohort.name}/{row.participant_id}"
        return describe_scaling(person, static, marker_set, family, config.scaling.method, where)
    except GaitloadError as error:
        return error


def _built(cohort: Cohort, row: TrialRow, marker_set: MarkerSet, static: Markers | None, config: Config):
    recording = read_recording(cohort, row)
    return build_trial(
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


def announced(trial: Trial, quality: Quality, marker_set: MarkerSet) -> str:
    """What a run will label of a motion: the part and why, its rate, the feet, and whose strikes are whose.

    Parameters
    ----------
    trial : Trial
    quality : Quality
        Of ingest.
    marker_set : MarkerSet
    """
    start_s, end_s = trial.window_s
    why = quality.numbers.get("window_chosen", "")
    feet = " and ".join(
        f"{sum(name in trial.markers.names for name in marker_set.foot(side))} markers on foot {side}" for side in SIDES
    )
    lag_s = quality.numbers.get("force_lag_applied_s", 0.0)
    said = [
        f"labels {start_s:.2f} to {end_s:.2f} s at {trial.markers.rate_hz:g} Hz{f' ({why})' if why else ''}",
        feet,
        *_strikes(trial, quality),
        *([f"forces delayed by {1e3 * lag_s:.1f} ms"] if lag_s else []),
    ]
    return "; ".join(said)


def _strikes(trial: Trial, quality: Quality) -> list[str]:
    """Overground every contact with a plate, and why it is no whole strike; on a belt how many each foot makes."""
    if "strikes" in quality.numbers:
        return [
            f"{one['plate']} from {one['start_s']:.2f} s: "
            + (f"foot {one['side']}" if one["side"] else "no foot")
            + (f", not whole ({one['why_not_whole']})" if one["why_not_whole"] else ", a whole strike")
            for one in quality.numbers["strikes"][:_STRIKES_NAMED]
        ]
    counted = Counter((step.plate, step.side) for step in trial.steps)
    return [f"{plate}: {count} contacts of foot {side or 'unknown'}" for (plate, side), count in counted.items()]


def _in_line_of_trial(gate: Gate) -> bool:
    """Whether a gate says that markers are missing altogether, which the line of the trial says."""
    return gate.code == "LABELS_MISSING" or (gate.code.startswith("SEGMENT_LOST") and gate.value == 1.0)
