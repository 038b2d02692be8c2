"""Undamaged tables, settings, models and records of the workflow's own kind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from gaitload.imu.rotations import canonical
from gaitload.io.imu.oriented import write_sensors
from gaitload.io.tables import write_table
from gaitload.io.trials import write_trial
from gaitload.quality import Gate, Quality, Verdict
from gaitload.training.checkpoints import write_weights
from gaitload.trial import FootForces, ImuRecording, Markers, Plate, Step, Trial, Validity
from tests.fuzz.cases import Seed
from tests.fuzz.seeds import published, written

REPOSITORY = Path(__file__).resolve().parents[2]


def table(shared: Path | None) -> list[Seed]:
    """A table of labels: numbers, truth values, bits."""
    random = np.random.default_rng(4)
    columns = {
        "time_s": (np.arange(50) / 100.0, {"unit": "s"}),
        "atf_r_bw": (random.normal(0, 1, 50), {"unit": "BW", "verdict": "passed"}),
        "contact_r": (random.random(50) > 0.5, {"definition": "loaded"}),
        "frame_flags_r": (random.integers(0, 255, 50).astype(np.uint8), {"bits": {"1": "UNMEASURED"}}),
    }
    document = {"cohort": "lab", "trial": {"id": "a"}}
    return [Seed("made", written(lambda path: write_table(path, columns, document)), ".parquet")]


def sensors(shared: Path | None) -> list[Seed]:
    """Two sensors of a trial as the stage of that name writes them, one of which lost a packet."""
    random = np.random.default_rng(5)
    time_s = np.arange(50) / 100.0
    turned = canonical(random.normal(0, 1, (50, 4)))
    whole = ImuRecording("00B4", time_s, random.normal(0, 5, (50, 3)), random.normal(0, 1, (50, 3)), None, turned)
    lost = replace(
        whole, name="00B5", acc_sensor_m_per_s2=np.where(np.arange(50)[:, None] == 7, np.nan, 9.81 * np.eye(3)[2])
    )
    document = {"cohort": "lab", "participant": "p1", "trial": "walk", "magnetometer": False}
    return [
        Seed(
            "made",
            written(lambda path: write_sensors(path, ("pelvis", "tibia_r"), (whole, lost), document)),
            ".parquet",
        )
    ]


def trial(shared: Path | None) -> list[Seed]:
    """A trial record with a gap, a masked frame, a plate and a step."""
    random = np.random.default_rng(6)
    time_s, force_s = np.arange(20) / 100, np.arange(80) / 400
    position, mask = random.normal(size=(20, 3, 3)), np.zeros((20, 2), dtype=np.uint8)
    position[4:6, 1], mask[9, 0] = np.nan, 9
    wrench = random.normal(0, 300, (2, 80, 2, 3))
    record = Trial(
        Markers(("RASI", "LASI", "RHEE"), time_s, position),
        FootForces(force_s, *wrench, contact=wrench[0, ..., 1] > 0),
        Validity(time_s, mask),
        (0.02, 0.18),
        (Plate("plate_1", None, random.normal(size=(4, 3)), (0.1, 2.0, -3.0)),),
        (Step("plate_1", "r", 0.03, 0.12, 812.0, -0.02, 0.3, 0.01, 0.96, True, ""),),
    )
    return [Seed("made", written(lambda path: write_trial(path, record)), ".npz")]


def xml(shared: Path | None) -> list[Seed]:
    """A small model of OpenSim's kind; published settings."""
    texts = {"made": _MODEL, "ascii": _MODEL.replace("UTF-8", "us-ascii")}
    seeds = [Seed(name, text.encode(), ".osim") for name, text in texts.items()]
    files = ("rajagopal2016/*.xml", "opensense_example/*.xml")
    return [*seeds, *(Seed(path.stem, path.read_bytes(), ".xml") for path in published(shared, *files))]


def model(shared: Path | None) -> list[Seed]:
    """A model that OpenSim opens in milliseconds."""
    return [Seed("made", _MODEL.encode(), ".osim")]


def cohort(shared: Path | None) -> list[Seed]:
    """One file at a time of the cohorts that come with the package, the others beside it."""
    seeds = []
    for folder in sorted((REPOSITORY / "workflow" / "cohorts").iterdir()):
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        files["trials.tsv"] = b"".join(files["trials.tsv"].splitlines(keepends=True)[:12])
        for name, content in files.items():
            beside = {other: each for other, each in files.items() if other != name}
            seeds.append(Seed(f"{name}_of/{folder.name}", content, beside=beside, file=name))
    return seeds


def config(shared: Path | None) -> list[Seed]:
    """The configuration that comes with the package."""
    return [Seed("shipped", (REPOSITORY / "config.yaml").read_bytes(), ".yaml")]


def family(shared: Path | None) -> list[Seed]:
    """The family of models that comes with the package."""
    return [Seed("shipped", (REPOSITORY / "opensim_models/rajagopal/family.yaml").read_bytes(), ".yaml")]


LANDMARKS = REPOSITORY / "opensim_models/rajagopal/landmarks.tsv"


def marker_set(shared: Path | None) -> list[Seed]:
    """The marker sets that come with the package and say places themselves, which the judge reads again."""
    paths = sorted((REPOSITORY / "opensim_models/rajagopal/markersets").glob("*.tsv"))
    return [Seed(path.stem, path.read_bytes(), ".tsv") for path in paths if "\tx_m\t" in path.read_text()]


def weights(shared: Path | None) -> list[Seed]:
    """A small network with its scales."""
    tensors = {"first.weight": torch.arange(12.0).reshape(3, 4), "first.bias": torch.ones(3), "steps": torch.tensor(7)}
    document = {"key": "ab" * 32, "scales": {"inputs_mean": [0.5, 1.5]}}
    return [Seed("made", written(lambda path: write_weights(path, tensors, document)), ".safetensors")]


def quality(shared: Path | None) -> list[Seed]:
    """Verdicts of one stage."""
    gates = (
        Gate("IK_MARKERS_RMS", Verdict.PASSED, 0.011, 0.02, "m", "root mean square marker error"),
        Gate("RESERVE_ANKLE_ANGLE_R", Verdict.FAILED, 0.31, 0.1, "1", "peak reserve", ("atf_r", "acf_r")),
        Gate("MASS_IN_FORCE", Verdict.NOT_JUDGED, None, None, "", "no whole stride"),
    )
    written = Quality("loads", "lab/p1/walk", gates, {"frames": 200, "lag_s": 0.004, "gaps": [{"marker": "LHEE"}]})
    return [Seed("made", written.to_json().encode(), ".json")]


def provenance(shared: Path | None) -> list[Seed]:
    """The record of one job."""
    record = {"stage": "loads", "code": "c0de", "key": "ab" * 32, "settings": {"rate_hz": 100.0}}
    record |= {"products": {"walk.sto": "cd" * 32}, "inputs": [{"file": "walk.trc", "sha256": "ef" * 32}]}
    return [Seed("made", (json.dumps(record, indent=1, sort_keys=True) + "\n").encode(), ".json")]


_MODEL = """<?xml version="1.0" encoding="UTF-8" ?>
<OpenSimDocument Version="40000">
	<Model name="pendulum">
		<Ground name="ground"/>
		<gravity>0 -9.80665 0</gravity>
		<BodySet name="bodyset">
			<objects>
				<Body name="shank">
					<mass>3.5</mass>
					<mass_center>0 -0.2 0</mass_center>
					<inertia>0.05 0.005 0.05 0 0 0</inertia>
				</Body>
				<Body name="foot">
					<mass>1.25</mass>
					<mass_center>0.1 0 0</mass_center>
					<inertia>0.001 0.004 0.004 0 0 0</inertia>
				</Body>
			</objects>
		</BodySet>
		<JointSet name="jointset">
			<objects>
				<PinJoint name="knee">
					<socket_parent_frame>ground_offset</socket_parent_frame>
					<socket_child_frame>/bodyset/shank</socket_child_frame>
					<coordinates>
						<Coordinate name="knee_angle"><default_value>0.1</default_value></Coordinate>
					</coordinates>
					<frames>
						<PhysicalOffsetFrame name="ground_offset">
							<socket_parent>/ground</socket_parent>
							<translation>0 1 0</translation>
							<orientation>0 0 0</orientation>
						</PhysicalOffsetFrame>
					</frames>
				</PinJoint>
				<PinJoint name="ankle">
					<socket_parent_frame>shank_offset</socket_parent_frame>
					<socket_child_frame>/bodyset/foot</socket_child_frame>
					<coordinates>
						<Coordinate name="ankle_angle"><default_value>-0.2</default_value></Coordinate>
					</coordinates>
					<frames>
						<PhysicalOffsetFrame name="shank_offset">
							<socket_parent>/bodyset/shank</socket_parent>
							<translation>0 -0.43 0</translation>
							<orientation>0 0 0</orientation>
						</PhysicalOffsetFrame>
					</frames>
				</PinJoint>
			</objects>
		</JointSet>
	</Model>
</OpenSimDocument>
"""
