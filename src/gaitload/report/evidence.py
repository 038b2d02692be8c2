"""What the stages left about one trial, cut to the part that the report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from gaitload.conventions import SIDES
from gaitload.gates.muscles import reserve_shares
from gaitload.gates.solution import Solution
from gaitload.io.sto import read_sto
from gaitload.io.tables import read_table
from gaitload.io.trials import SUFFIX, read_trial
from gaitload.quality import Gate, GroupVerdict, Quality, Verdict
from gaitload.stages.chain import in_radians, on_clock
from gaitload.stages.job import Job, aligned_stage
from gaitload.stages.judgeable import read_solution
from gaitload.stages.judged import quality_in, stages_of, trial_verdict
from gaitload.stages.solution import filtering_of
from gaitload.stages.sync import found_by
from gaitload.trial import Step, Trial


@dataclass(frozen=True)
class Evidence:
    """A trial as the report sees it.

    Attributes
    ----------
    job : Job
    shown_s : float
        Longest part that is shown, from the first labelled frame on.
    """

    job: Job
    shown_s: float

    @cached_property
    def qualities(self) -> dict[str, Quality]:
        """What each stage said; stages that did not run are not there."""
        return {stage: quality_in(self.job, stage) for stage in stages_of(self.job) if self._ran(stage)}

    def _ran(self, stage: str) -> bool:
        return self.job.product(stage, ".quality.json").is_file()

    @property
    def verdict(self) -> Verdict:
        """Verdict on the trial, see `gaitload.stages.judged.trial_verdict`."""
        return trial_verdict(self.qualities)

    @property
    def groups(self) -> dict[str, GroupVerdict]:
        """Verdicts on the label groups; empty without labels."""
        return self.qualities["labels"].groups if "labels" in self.qualities else {}

    @property
    def summary(self) -> str:
        """How many label columns can be used; empty without labels."""
        return self.qualities["labels"].summary if self.groups else ""

    @cached_property
    def gates(self) -> list[tuple[str, Gate]]:
        """`(stage, gate)` of every gate once, under the stage that told it first, the gravest first."""
        told: dict[str, tuple[str, Gate]] = {}
        for stage, quality in self.qualities.items():
            for gate in quality.gates:
                told.setdefault(gate.code, (quality.numbers.get("refused_in", stage), gate))
        return sorted(told.values(), key=lambda pair: -list(Verdict).index(pair[1].verdict))

    @property
    def refusal(self) -> dict | None:
        """Expected, found, where and what to do, where a stage refused the trial."""
        return next(
            (quality.numbers["refusal"] for quality in self.qualities.values() if "refusal" in quality.numbers), None
        )

    @property
    def is_labelled(self) -> bool:
        """Whether there is a label table."""
        return self.job.trial.role == "motion" and self.job.product("labels", ".parquet").is_file()

    @property
    def is_sensed(self) -> bool:
        """Whether the trial has no markers, and angles by inertial sensors alone."""
        sensed = self.job.trial.role == "motion" and not self.job.has_markers
        return sensed and self.job.product("imu_kinematics", ".mot").is_file()

    @property
    def is_shown(self) -> bool:
        """Whether there are angles to show: labels, or those of sensors without markers."""
        return self.is_labelled or self.is_sensed

    @property
    def motion(self) -> Path:
        """Coordinates that move the skeleton: by the markers, or by the sensors where there are none."""
        return self.job.product("imu_kinematics" if self.is_sensed else "kinematics", ".mot")

    @cached_property
    def forces_measured(self) -> bool:
        """Whether a trial that is shown has loads."""
        group = self.groups.get("ground reaction")
        return not self.is_sensed and (group is None or group.verdict is not Verdict.NOT_MEASURED)

    @cached_property
    def table(self) -> tuple[dict[str, np.ndarray], dict[str, dict], dict]:
        """The whole label table: values, meanings, document. Without markers: times and angles by the sensors."""
        if self.is_sensed:
            return self._sensed_angles(), {}, {}
        return read_table(self.job.product("labels", ".parquet"))

    def _sensed_angles(self) -> dict[str, np.ndarray]:
        family, motion = self.job.model_source.family, read_sto(self.motion)
        filtered = replace(motion, values=filtering_of(self.job).motion(motion.time_s, motion.values))
        angles = in_radians(on_clock(filtered, motion.time_s), filtered.in_degrees, family)
        names = [f"{name}_{side}" for name in family.side_coordinates for side in SIDES]
        return {"time_s": motion.time_s} | {f"{name}_rad": angles[name] for name in names}

    @cached_property
    def window_s(self) -> tuple[float, float]:
        """First and last time that is shown."""
        time_s = self.table[0]["time_s"]
        return float(time_s[0]), float(min(time_s[-1], time_s[0] + self.shown_s))

    @cached_property
    def held(self) -> np.ndarray:
        """Rows of the label table that are shown, bool of shape (T,)."""
        return self.table[0]["time_s"] <= self.window_s[1] + 1e-9

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        """The label table, cut."""
        return {name: values[self.held] for name, values in self.table[0].items()}

    @cached_property
    def solution(self) -> Solution | None:
        """What the gates looked at, uncut; None where OpenSim's files are not there (a copy of the labels alone)."""
        record = self.job.product("scale", ".scaling.json")
        if self.trial is None or not (record.is_file() and self.job.product("loads", "").is_dir()):
            return None
        return read_solution(self.job, self.trial, self.job.document("scale", ".scaling.json"))

    @cached_property
    def trial(self) -> Trial | None:
        """The trial record; None where it is not there (a copy of the labels alone)."""
        path = self.job.product("ingest", SUFFIX)
        return read_trial(path) if path.is_file() else None

    @property
    def steps(self) -> tuple[Step, ...]:
        """Contacts of the plates."""
        return self.trial.steps if self.trial else ()

    @cached_property
    def residuals(self) -> dict[str, tuple[np.ndarray, float, str]]:
        """Residual force and moment as shares, with limits and what they are shares of; cut."""
        solution, limits = self.solution, self.job.config.gates
        loads = solution.loads
        force, moment = (
            np.linalg.norm([loads.generalized_forces[name] for name in names], axis=0)
            for names in (loads.family.residual_forces, loads.family.residual_moments)
        )
        external_n = np.nanmax(np.linalg.norm(loads.foot_force_ground_n.sum(axis=1), axis=1))
        shares = {
            "Residual force": (force / external_n, limits.residual_force_share, "peak external force"),
            "Residual moment": (
                moment / (external_n * solution.com_height_m),
                limits.residual_moment_share,
                "force x height",
            ),
        }
        return {name: (share[self.held], limit, of) for name, (share, limit, of) in shares.items()}

    @cached_property
    def reserve_shares(self) -> dict[str, np.ndarray]:
        """`<coordinate>_<side>` -> reserve as a share of the joint's peak moment; cut."""
        return {name: share[self.held] for name, share in reserve_shares(self.solution).items()}

    @property
    def marker_errors_m(self) -> dict[str, np.ndarray]:
        """Marker -> error on the clock of the labels; cut."""
        errors: Mapping = {**self.solution.leg_marker_errors_m, **self.solution.other_marker_errors_m}
        return {name: values[self.held] for name, values in errors.items()}

    @cached_property
    def aligned(self) -> dict[str, np.ndarray] | None:
        """The table of sensors, baselines and labels, cut; None where it was not made."""
        path = self.job.product(aligned_stage(self.job.config), ".parquet")
        if not path.is_file():
            return None
        columns = read_table(path)[0]
        held = (columns["time_s"] >= self.window_s[0] - 1e-9) & (columns["time_s"] <= self.window_s[1] + 1e-9)
        return {name: values[held] for name, values in columns.items()}

    @cached_property
    def external(self) -> tuple[dict[str, np.ndarray], dict[str, dict]] | None:
        """External columns and what they mean, cut to the part that is shown; None where there are none."""
        path = self.job.product("external", ".parquet")
        if not path.is_file():
            return None
        values, meanings, _ = read_table(path)
        time_s = values["time_s"]
        start_s, end_s = self.window_s if self.is_shown else (time_s[0], time_s[0] + self.shown_s)
        held = (time_s >= start_s - 1e-9) & (time_s <= end_s + 1e-9)
        return ({name: column[held] for name, column in values.items()}, meanings) if held.any() else None

    @property
    def clock(self) -> dict | None:
        """What synchronisation found, where a trial has sensors and they were not refused."""
        path = self.job.product("sync", ".json")
        return found_by(self.job) if "sync" in self.qualities and path.is_file() else None
