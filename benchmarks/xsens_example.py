"""OpenSim's own example of OpenSense: its placement and its tool beside the package's on the same files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import opensim
from scipy.spatial.transform import Rotation

from benchmarks import tables
from benchmarks.timing import WHOLE, Run, medians, steady, timed
from gaitload.baselines.standing import in_ground
from gaitload.imu.clock import on_common_clock
from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.io.imu.reader import read_imu
from gaitload.io.sto import read_sto
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.orientation_kinematics import solve_orientations
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.imu_kinematics import placed, standing_pose
from gaitload.opensim.model import array
from gaitload.sync.quaternions import matrix, shortest_angle
from gaitload.trial import ImuRecording

SPAN_S = (7.25, 15.0)
"""Of the settings of the example's inverse kinematics."""
SHORT_S = 0.05
BASE, BASE_AXIS = "pelvis", 2
"""Sensor, and its axis (z), that point forward while the person stands: of the settings of the example's placement."""
ROUND_TRIPS = 4
"""How often the kernel goes to and fro along the span in its long run."""
WHERE = "opensense_example"


@dataclass(frozen=True)
class Example:
    """Sensors by their bodies, on one clock and in the ground frame, shape (T, S, 4), and the generic model."""

    folder: Path
    recordings: tuple[ImuRecording, ...]
    ground_wxyz: np.ndarray
    mechanism: Mechanism

    @property
    def bodies(self) -> list[str]:
        """In the order of the sensors."""
        return [recording.name for recording in self.recordings]

    def frames(self, start_s: float, end_s: float) -> slice:
        """Both ends included, as the tool has it."""
        time_s = self.recordings[0].time_s
        return slice(*np.searchsorted(time_s, [start_s - 1e-6, end_s + 1e-6]))


def read_example(folder: Path) -> Example:
    """The eight files by the example's own mapping; what one sensor recorded longer than another is NaN."""
    text = (folder / "myIMUMappings.xml").read_text()
    body_of = dict(re.findall(r'name="_(\w+)">.*?<name_in_model>(\w+)_imu<', text, re.DOTALL))
    recordings = on_common_clock(read_imu(sorted((folder / "IMUData").glob("*.txt"))))
    named = tuple(replace(recording, name=body_of[recording.name]) for recording in recordings)
    recorded = np.stack([recording.orientation_wxyz for recording in named], axis=1)
    none = np.zeros(len(named))
    ground = in_ground(recorded, named[0].time_s, heading_rad=none, heading_rate_rad_per_s=none, centre_s=0.0)
    return Example(folder, named, ground, export_mechanism(folder / "Rajagopal_2015.osim"))


def placed_by_first_frame(example: Example) -> dict[str, list[float]]:
    """Mountings by the first frame and the model's default pose, facing where the base sensor's axis points."""
    first = dict(zip(example.bodies, example.ground_wxyz[0].tolist(), strict=True))
    ahead = matrix(np.array(first[BASE]))[:, BASE_AXIS]
    facing = {"rotation": "pelvis_rotation", "facing_rad": float(np.arctan2(-ahead[2], ahead[0]))}
    return placed(example.mechanism, first, standing_pose(example.mechanism, facing, WHERE))


def solved_by_kernel(
    example: Example, mountings: dict[str, list[float]], frames: slice, *, trips: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates, shape (T, C), and errors (rad), shape (T, S), with equal weights; `trips` to and fro, or once."""
    observed = matrix(example.ground_wxyz[frames])
    if trips:
        observed = np.concatenate([observed, observed[::-1]] * trips)
    worn = Rotation.from_quat([mountings[body] for body in example.bodies], scalar_first=True).as_matrix()
    return solve_orientations(example.mechanism, observed, np.ones(len(worn)), bodies=example.bodies, mountings=worn)


class Tool:
    """OpenSim's placer and tool with the example's settings, in the working directory."""

    def __init__(self, example: Example) -> None:
        opensim.Logger.setLevelString("Error")
        self._folder, self._table, self._model = example.folder, Path("orientations.sto"), Path("placed.osim")
        last = int(np.argmin(np.isfinite(example.ground_wxyz).all(axis=(1, 2)))) or None
        as_opensense = [
            replace(
                one,
                name=f"{one.name}_imu",
                time_s=one.time_s[:last],
                acc_sensor_m_per_s2=one.acc_sensor_m_per_s2[:last],
                gyr_sensor_rad_per_s=one.gyr_sensor_rad_per_s[:last],
                orientation_wxyz=one.orientation_wxyz[:last],
            )
            for one in example.recordings
        ]
        write_quaternion_sto(self._table, as_opensense)
        placer = opensim.IMUPlacer(str(self._folder / "myIMUPlacer_Setup.xml"))
        placer.set_model_file(str(self._folder / "Rajagopal_2015.osim"))
        placer.set_orientation_file_for_calibration(str(self._table.resolve()))
        placer.set_output_model_file(str(self._model.resolve()))
        placer.run(False)
        self.mountings = self._mountings(example.bodies)

    def solved(self, mechanism: Mechanism, start_s: float, end_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates, shape (T, C), and errors (rad), shape (T, S)."""
        tool = opensim.IMUInverseKinematicsTool(str(self._folder / "myIMUIK_Setup.xml"))
        tool.set_model_file(str(self._model.resolve()))
        tool.set_orientations_file(str(self._table.resolve()))
        tool.set_time_range(0, start_s)
        tool.set_time_range(1, end_s)
        tool.set_report_errors(True)
        tool.set_results_directory(".")
        tool.setOutputMotionFileName("imu.mot")
        tool.run(False)
        motion, errors = read_sto(Path("imu.mot")), read_sto(Path("imu.mot_orientationErrors.sto"))
        q = np.stack([motion.column(name) for name in mechanism.coordinate_names], axis=1)
        # Coordinates that follow others stay in radians in OpenSim's files.
        coordinates = mechanism.coordinates
        leads = coordinates.leader == np.arange(q.shape[1])
        q = np.where(coordinates.rotational & leads, np.radians(q), q)
        left = np.stack([errors.column(f"{body}_imu") for body in self.mountings], axis=1)
        return coordinates.slope * q[:, coordinates.leader] + coordinates.intercept, left

    def _mountings(self, bodies: list[str]) -> dict[str, list[float]]:
        model = opensim.Model(str(self._model))
        model.finalizeConnections()
        found = {}
        for body in bodies:
            frame = opensim.PhysicalOffsetFrame.safeDownCast(model.getComponent(f"/bodyset/{body}/{body}_imu"))
            turn = Rotation.from_euler("XYZ", array(frame.get_orientation()))
            found[body] = turn.as_quat(canonical=True, scalar_first=True).tolist()
        return found


def measured(folder: Path, repeats: int, say: Callable[[str], None]) -> dict:
    """Placement, angles, costs and times of both."""
    example = read_example(folder)
    tool, frames = Tool(example), example.frames(*SPAN_S)
    ours = placed_by_first_frame(example)
    apart = {body: apart_deg(ours[body], tool.mountings[body]) for body in example.bodies}
    kernel_q, kernel_left = solved_by_kernel(example, tool.mountings, frames)
    tool_q, tool_left = tool.solved(example.mechanism, *SPAN_S)
    costs = {"kernel": np.sum(kernel_left**2, axis=1), "tool": np.sum(tool_left**2, axis=1)}
    return {
        "samples": {recording.name: len(_whole(recording)) for recording in example.recordings},
        "frames": len(kernel_q),
        "placement_apart_deg": apart,
        "angles_deg": angle_differences(example.mechanism, kernel_q, tool_q),
        "cost_rad2": {name: float(cost.mean()) for name, cost in costs.items()},
        "cost_excess_rad2": {
            "largest of the kernel over the tool": float((costs["kernel"] - costs["tool"]).max()),
            "largest of the tool over the kernel": float((costs["tool"] - costs["kernel"]).max()),
        },
        "error_rms_deg": {
            body: float(np.degrees(np.sqrt(np.mean(kernel_left[:, column] ** 2))))
            for column, body in enumerate(example.bodies)
        },
        "ranges_deg": ranges(example.mechanism, kernel_q),
        "times": times(example, tool, frames, repeats, say),
    }


def angle_differences(mechanism: Mechanism, ours: np.ndarray, theirs: np.ndarray) -> dict[str, dict[str, float]]:
    """Kernel less tool (deg) of every free turn; whole turns, which no orientation tells, do not count."""
    found = {}
    for column, name in enumerate(mechanism.coordinate_names):
        coordinates = mechanism.coordinates
        if coordinates.rotational[column] and not coordinates.locked[column] and coordinates.leader[column] == column:
            apart = np.degrees(np.angle(np.exp(1j * (ours[:, column] - theirs[:, column]))))
            found[name] = tables.differences(apart, np.zeros(len(apart)))
    return found


def ranges(mechanism: Mechanism, q: np.ndarray) -> dict[str, list[float]]:
    """Least and greatest of every angle of the legs (deg)."""
    legs = [name for name in mechanism.coordinate_names if name.split("_")[0] in ("hip", "knee", "ankle")]
    columns = {name: np.degrees(q[:, mechanism.coordinate_names.index(name)]) for name in legs}
    return {name: [float(one.min()), float(one.max())] for name, one in columns.items() if not name.endswith("_beta")}


def times(example: Example, tool: Tool, frames: slice, repeats: int, say: Callable[[str], None]) -> dict[str, float]:
    """Processor time per frame (s), median of interleaved rounds."""
    short_s = SPAN_S[0], SPAN_S[0] + SHORT_S
    count, short = frames.stop - frames.start, example.frames(*short_s)
    rounds: dict[str, list] = {"tool": [], "kernel": []}
    for number in range(repeats):
        say(f"{WHERE}: round {number + 1} of {repeats}")
        few, _ = timed(lambda: tool.solved(example.mechanism, *short_s), short.stop - short.start, {})
        many, _ = timed(lambda: tool.solved(example.mechanism, *SPAN_S), count, {})
        rounds["tool"].append(steady(few, many)[0])
        once, often = (_kernel_run(example, tool, frames, trips) for trips in (1, ROUND_TRIPS))
        rounds["kernel"].append(steady(once, often)[0])
    return {name: medians(rows)[WHOLE] for name, rows in rounds.items()}


def _kernel_run(example: Example, tool: Tool, frames: slice, trips: int) -> Run:
    count = 2 * trips * (frames.stop - frames.start)
    return timed(lambda: solved_by_kernel(example, tool.mountings, frames, trips=trips), count, {})[0]


def apart_deg(ours: list[float], theirs: list[float]) -> float:
    """Turn between two mountings (w, x, y, z)."""
    return float(np.degrees(shortest_angle(np.array(ours), np.array(theirs))))


def _whole(recording: ImuRecording) -> np.ndarray:
    return np.flatnonzero(np.isfinite(recording.orientation_wxyz).all(axis=1))
