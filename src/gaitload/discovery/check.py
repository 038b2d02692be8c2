"""Everything that is wrong with a cohort, or looks wrong, before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gaitload.cohorts.reader import chosen_people, load_cohort
from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.config import Config
from gaitload.discovery.doubts import Witness, doubts_about, other_person
from gaitload.discovery.external_check import copied_files, external_of_trial
from gaitload.discovery.recorded import Built, recorded_gates
from gaitload.discovery.sensor_check import Seen, contradictions, sensors_of_trial, told, unused, worn_otherwise
from gaitload.discovery.writing import estimates_in
from gaitload.errors import ConfigError, GaitloadError
from gaitload.models.family import Family, load_family
from gaitload.models.markersets import MarkerSet
from gaitload.models.registry import ModelSource, find_model
from gaitload.quality import Gate
from gaitload.stages.job import Job, marker_sets_of
from gaitload.stages.usable import describe_trial

_UPRIGHT = frozenset(("static", "walk", "run"))
"""Activities in which every segment keeps its mean direction against gravity."""


@dataclass
class Verdict:
    """What a check found.

    Attributes
    ----------
    said : list of str
        A line a trial that can be used.
    plans : list of str
        What a run would do: how it scales the model; for motions the labelled part, the rate, and whose strikes plates
        hold.
    remarks : list of str
        What looks wrong and stops nothing.
    problems : list of str
        What a run would refuse, or stop at.
    refused : int
        Trials that would be refused.
    trials : int
    """

    said: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refused: int = 0
    trials: int = 0


def check_cohort(
    folder: Path, config: Config, *, root: Path, results: Path, model: str, model_family: str | None = None
) -> Verdict:
    """Read the tables and the recordings of a cohort, and go on after each problem as far as can be.

    Parameters
    ----------
    folder : Path
        Of the cohort, below workflow/cohorts/.
    config : Config
    root, results : Path
        Of the repository, and of the results.
    model : str
    model_family : str, optional
        Model whose marker sets count, and its family; see `gaitload.models.registry.find_model`.
    """
    verdict = Verdict()
    source = _kept(verdict, lambda: find_model(model, model_family))
    cohort = _kept(verdict, lambda: chosen_people(load_cohort(folder, root=root, results=results), config))
    if cohort is None:
        return verdict
    verdict.trials = len(cohort.trials)
    verdict.remarks += _about_estimates(cohort, folder)
    sets = _marker_sets(cohort, source, verdict) if source else {}
    _kept(verdict, cohort.require_recordings)
    beside = _beside_markers(cohort, config, results, verdict)
    verdict.problems += _about_people(cohort, verdict)
    verdict.remarks += _about_shared_files(cohort)
    verdict.remarks += copied_files(cohort)
    if cohort.raw_dir.is_dir():
        family = _kept(verdict, lambda: load_family(source.family_path)) if source else None
        check_trials(cohort, sets, config, beside, verdict, family)
    elif cohort.spec.made_by:
        verdict.problems.append(
            f"the recordings of {cohort.name} are made by the workflow; run `snakemake --cores 2 ingest` first"
        )
    return verdict


def _kept(verdict: Verdict, work):
    """What `work` returns; None, and a problem more, when it raises."""
    try:
        return work()
    except GaitloadError as error:
        verdict.problems.append(str(error))
        return None


def _marker_sets(cohort: Cohort, source: ModelSource, verdict: Verdict) -> dict[str, MarkerSet]:
    """The marker sets that can be read; each that cannot is a problem of its own."""
    sets: dict[str, MarkerSet] = {}
    for name, ids in cohort.wearers.items():
        people = tuple(person for person in cohort.participants if person.participant_id in ids)
        wearers = replace(cohort, participants=people, trials=())
        sets |= _kept(verdict, lambda wearers=wearers, name=name: marker_sets_of(wearers, source)) or {}
    return sets


def check_trials(
    cohort: Cohort,
    sets: Mapping[str, MarkerSet],
    config: Config,
    beside: Mapping[str, str],
    verdict: Verdict,
    family: Family | None = None,
    built: Iterable[tuple[TrialRow, Built]] | None = None,
) -> None:
    """Read every trial of a cohort, and add to a verdict what can be used of it, what looks wrong, and what is refused.

    Parameters
    ----------
    cohort : Cohort
    sets : mapping of str to MarkerSet
        Marker sets that the cohort wore, by their name.
    config : Config
    beside : mapping of str to str
        What was found of sensors and external columns, by `participant/trial`.
    verdict : Verdict
        Gets the findings.
    family : Family, optional
        Family of the model whose scaling is described.
    built : iterable of (TrialRow, Built), optional
        As in `recorded_gates`.
    """
    witnesses: dict[str, list[Witness]] = {}
    refused: set[str] = set()
    weighed: set[str] = set()
    for row in cohort.trials:
        where = _name(row)
        if row.file is None:
            if beside.get(where):
                angles = ": angles by the sensors alone" if cohort.spec.imu_forward else ""
                verdict.said.append(f"{where}: {beside[where]}, no markers{angles}")
            else:
                verdict.refused += 1
            continue
        if cohort.marker_set_of(cohort.by_id[row.participant_id]) not in sets:
            continue
        try:
            described = (describe_trial(cohort, row, sets, config.window), beside.get(where))
            verdict.said.append(f"{where}: {', '.join(filter(None, described))}")
            witness, doubts = doubts_about(cohort, row, sets)
        except (GaitloadError, OSError) as error:
            refused.add(where)
            verdict.problems.append(f"{where}: {told(error)}")
            continue
        verdict.remarks += [f"{where}: {doubt}" for doubt in doubts]
        weighed |= {where for doubt in doubts if doubt.startswith("mass ")}
        witnesses.setdefault(row.participant_id, []).append(witness)
    for row, found in recorded_gates(cohort, sets, config, family, built):
        where = _name(row)
        if isinstance(found, str):
            verdict.plans.append(f"{where}: {found}")
        elif isinstance(found, Gate) and found.code == "MASS_IN_FORCE" and where in weighed:
            continue
        elif isinstance(found, Gate):
            verdict.remarks.append(f"{where}: {found.code}: {found.reason}")
        elif where not in refused:
            refused.add(where)
            verdict.problems.append(f"{where}: {told(found)}")
    verdict.refused += len(refused)
    for own in witnesses.values():
        verdict.remarks += other_person(own)


def _about_estimates(cohort: Cohort, folder: Path) -> Iterator[str]:
    """Cells that `new-cohort` estimated and nobody has confirmed, by deleting their line, since."""
    for who, column in estimates_in(folder):
        value = getattr(cohort.by_id.get(who), column, None)
        if value is not None:
            yield (
                f"{who}: {column} {value:g} is an estimate from forces, good to about 5 %; correct it, or delete its "
                "line in participants.tsv"
            )


def _about_people(cohort: Cohort, verdict: Verdict) -> Iterator[str]:
    for person in cohort.movers:
        who = person.participant_id
        marked = [row for row in cohort.trials_of(who) if row.file]
        if not marked or any(row.role == "static" for row in marked):
            continue
        if person.height_m is None:
            yield f"{who}: no static trial and no height_m: the model cannot be scaled; give one of both"
        else:
            verdict.remarks.append(f"{who}: no static trial; the model is scaled by stature alone")


def _about_shared_files(cohort: Cohort) -> Iterator[str]:
    """Files of two people: a copied row. (Parts of a recording of one person are told by start_s and end_s.)"""
    first: dict[str, TrialRow] = {}
    for row in (row for row in cohort.trials if row.file):
        other = first.setdefault(row.file, row)
        if other.participant_id != row.participant_id:
            yield f"{_name(other)} and {_name(row)} are recordings of two people in one file, {row.file}"


def _beside_markers(cohort: Cohort, config: Config, results: Path, verdict: Verdict) -> dict[str, str]:
    """What can be said of sensors and external columns, by `participant/trial`; what is wrong goes to the verdict."""
    verdict.problems += contradictions(cohort)
    verdict.remarks += unused(cohort)
    said, worn = {}, {}
    for row in cohort.trials if cohort.raw_dir.is_dir() else ():
        job, found = Job(config, cohort, cohort.by_id[row.participant_id], row, results), []
        if cohort.has_sensors(row):
            seen = sensors_of_trial(job)
            found.append(seen)
            if row.activity in _UPRIGHT:
                worn.setdefault(row.participant_id, {})[_name(row)] = seen.up_sensor
        elif cohort.spec.imu_files and row.file:
            found.append(Seen("no sensors"))
        if cohort.has_external(row):
            found.append(external_of_trial(job, found[0].duration_s if found else math.nan))
        verdict.problems += [f"{_name(row)}: {problem}" for seen in found for problem in seen.problems]
        verdict.remarks += [f"{_name(row)}: {remark}" for seen in found for remark in seen.remarks]
        if all(seen.said for seen in found):
            said[_name(row)] = ", ".join(seen.said for seen in found)
    for trials in worn.values():
        verdict.remarks += [f"{trial}: {remark}" for trial, remark in worn_otherwise(trials)]
    return said


def _name(row: TrialRow) -> str:
    return f"{row.participant_id}/{row.trial_id}"


def require_repository(root: Path) -> None:
    """Raise `ConfigError` (ROOT_UNKNOWN) unless workflow/cohorts/ is below `root`."""
    if not (root / "workflow" / "cohorts").is_dir():
        raise ConfigError(
            expected="the root of the repository",
            found="no workflow/cohorts here; run it in the repository or use --root",
            where=str(root),
            do="Change to the checkout.",
            code="ROOT_UNKNOWN",
        )
