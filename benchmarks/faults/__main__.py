"""`python -m benchmarks.faults`: inject faults, run the workflow, and write the page."""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import tables
from benchmarks.faults import report
from benchmarks.faults.catalogue import SHORT, planned
from benchmarks.faults.clean import CleanTrial, Subject, subject_of
from benchmarks.faults.full_length import in_full_length
from benchmarks.faults.scoring import alarms, score, with_effects
from benchmarks.faults.sensor_scores import sensor_scores
from benchmarks.faults.situation import PARTS, Fault
from benchmarks.faults.workflow import Outcome, outcome_of
from gaitload.config import Config, parse_config
from gaitload.errors import GaitloadError


def measured(
    part: str,
    *,
    trials_each: int,
    names: tuple[str, ...],
    recordings: Path,
    sizes: int = 3,
    labelled: bool = True,
    settings: dict | None = None,
) -> dict:
    """Scores of the faults of one part, and the alarms on its clean trials.

    Parameters
    ----------
    part : str
        One of `situation.PARTS`.
    trials_each : int
        Trials that each fault is injected into.
    names : tuple of str
        Only these faults; empty: all.
    recordings : Path
        Results folder that holds the recordings of the embedded cohort.
    sizes : int
        Sizes of each fault, spread over those it has: 1 is the middle one.
    labelled : bool
        False: stop after ingest.
    settings : dict, optional
        Of the configuration.

    Returns
    -------
    dict
        `scores`, `clean` (alarms by trial), and `left_out` (clean trials that are refused, and faults whose trial lacks
        what they concern).
    """
    config = parse_config({"results_dir": str(recordings), **(settings or {})})
    found: dict = {"scores": [], "clean": {}, "left_out": []}
    with tempfile.TemporaryDirectory(prefix="gaitload-faults-") as place:
        known: dict[CleanTrial, tuple[Subject, Outcome]] = {}
        plan = list(planned(part, trials_each=trials_each, names=names))
        for clean in dict.fromkeys(trial for _, trial in plan):
            try:
                known[clean] = _clean(clean, config, recordings, Path(place), labelled)
            except GaitloadError as error:
                found["left_out"].append(f"{clean.name}: {error.code}")
                continue
            found["clean"][clean.name] = _alarms(known[clean][1])
            _say(f"clean {clean.name}: {', '.join(found['clean'][clean.name]) or 'no alarm'}")
        for fault, clean in plan:
            if clean not in known:
                continue
            scores = _scores(fault, clean, *known[clean], config, Path(place), sizes)
            found["scores"] += scores
            found["left_out"] += [] if scores else [f"{fault.name} in {clean.name}"]
    return found


def _clean(clean: CleanTrial, config: Config, recordings: Path, place: Path, labelled: bool) -> tuple[Subject, Outcome]:
    subject = subject_of(clean, config, recordings)
    outcome = outcome_of(subject, subject.situation, config, _folder(clean, place), labelled=labelled)
    return subject, outcome


def _alarms(outcome: Outcome) -> list[str]:
    refused = [outcome.refusal] if outcome.refusal else []
    return [*refused, *(gate.code for gate in alarms(outcome.gates)), *(f"check: {line}" for line in outcome.check)]


def spread(sizes: tuple[float, ...], count: int) -> tuple[float, ...]:
    """So many of the sizes, spread evenly; the middle one where one is wanted."""
    if count >= len(sizes):
        return sizes
    places = [len(sizes) // 2] if count == 1 else [round(k * (len(sizes) - 1) / (count - 1)) for k in range(count)]
    return tuple(sizes[place] for place in places)


def _scores(
    fault: Fault, clean: CleanTrial, subject: Subject, outcome: Outcome, config: Config, place: Path, sizes: int
) -> list[dict]:
    found = []
    for size in spread(fault.sizes, sizes):
        begun = time.perf_counter()
        try:
            situation = fault.inject(subject.situation, size)
        except KeyError:
            continue
        folder = place / "faulty"
        shutil.rmtree(folder, ignore_errors=True)
        labelled = bool(outcome.labels)
        faulty = outcome_of(subject, situation, config, folder, clean=_folder(clean, place), labelled=labelled)
        one = score(fault, size, clean.name, outcome, faulty)
        found.append({key: _plain(value) for key, value in one.as_dict().items()})
        marks = f"{'+' if one.detected else '-'}{'c' if one.named else ' '}{'!' if one.matters else ' '}"
        effects = f"{one.force_bw:.2f} BW {100 * one.moment_share:.0f} % {one.angle_deg:.1f} deg"
        took_s = time.perf_counter() - begun
        _say(f"{marks} {took_s:.1f} s {fault.name} {size:g} {clean.name}: {effects} {one.first_reason[:150]}")
    return found


def _folder(clean: CleanTrial, place: Path) -> Path:
    return place / clean.name.replace("/", "-")


def _plain(value):
    if isinstance(value, float) and math.isnan(value):
        return None
    return list(value) if isinstance(value, tuple) else value


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, and write after each part, so that a run that is ended early leaves the parts before."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    options.add_argument("--part", choices=PARTS, action="append", help="only this part (may be repeated)")
    options.add_argument("--trials-each", type=int, default=2, help="clean trials that each fault is injected into")
    options.add_argument("--sizes", type=int, default=3, help="sizes of each fault, spread over those it has")
    options.add_argument("--until-ingest", action="store_true", help="stop after ingest: every fault counts")
    options.add_argument(
        "--effects", type=Path, help="JSON of an earlier run up to the labels; with --until-ingest, its effects count"
    )
    options.add_argument("--full-length", action="store_true", help="clean recordings in full length, too")
    options.add_argument("--short", action="store_true", help=f"only {len(SHORT)} faults in one trial each")
    options.add_argument("--fault", action="append", default=[], help="only this fault (by name; may be repeated)")
    options.add_argument(
        "--recordings", type=Path, default=Path("results"), help="results that hold the embedded recordings"
    )
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen = options.parse_args()
    begun = time.perf_counter()
    trials_each, sizes = (1, 1) if chosen.short else (chosen.trials_each, chosen.sizes)
    found: dict = {"scores": [], "clean": {}, "left_out": [], "trials_each": trials_each, "sizes": sizes}
    if not (chosen.part or chosen.short or chosen.fault):
        found["sensors"] = sensor_scores()
    if chosen.full_length:
        found["full_length"] = in_full_length(chosen.recordings.resolve())
    for part in chosen.part or PARTS:
        of_part = measured(
            part,
            trials_each=trials_each,
            names=SHORT if chosen.short else tuple(chosen.fault),
            recordings=chosen.recordings.resolve(),
            sizes=sizes,
            labelled=not chosen.until_ingest,
        )
        found["scores"] += of_part["scores"]
        found["clean"] |= of_part["clean"]
        found["left_out"] += of_part["left_out"]
        if chosen.effects:
            found |= with_effects(found["scores"], json.loads(chosen.effects.read_text())["scores"])
        found |= {"machine": tables.machine(), "minutes": round((time.perf_counter() - begun) / 60, 1)}
        tables.write("faults", found, report.page(found), chosen.out)
        _say(f"{found['minutes']:.1f} minutes; written to {chosen.out}")


if __name__ == "__main__":
    main()
