"""Inverse kinematics of inertial sensors by OpenSim's own tool (OpenSense)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import opensim

from gaitload.io.sto import Table, read_sto
from gaitload.opensim.model import open_model
from gaitload.opensim.tools.analysis import require_success


def imu_inverse_kinematics(
    *,
    model: str,
    orientations_sto: str,
    mountings: Mapping[str, list[float]],
    weights: Mapping[str, float],
    where: str,
) -> tuple[Table, Table]:
    """Solve every frame, at the accuracy of 1e-4 that the tool has built in.

    Parameters
    ----------
    orientations_sto
        Sensors in the ground frame (Y up), each named by the body that carries it.
    mountings
        Body -> turn (w, x, y, z) of its sensor's frame into the body's.
    weights
        Body -> weight.

    Returns
    -------
    coordinates : Table
        Degrees and m, as OpenSim has them.
    errors : Table
        Shortest angle of every sensor (rad), by body.

    Raises
    ------
    SolverError
        IMU_IK_FAILED: the tool reports failure.
    """
    body = open_model(model)  # The tool only borrows it.
    for name, mounting in mountings.items():
        carrier = body.getBodySet().get(name)
        turn = opensim.Rotation(opensim.Quaternion(*map(float, mounting)))
        carrier.addComponent(
            opensim.PhysicalOffsetFrame(_sensor(name), carrier, opensim.Transform(turn, carrier.getMassCenter()))
        )
    body.finalizeConnections()
    renamed = _as_opensense(Path(orientations_sto))
    tool = opensim.IMUInverseKinematicsTool()
    tool.setModel(body)
    tool.set_orientations_file(str(renamed))
    tool.set_sensor_to_opensim_rotations(opensim.Vec3(0, 0, 0))
    tool.set_report_errors(True)
    tool.setResultsDir(".")
    tool.setOutputMotionFileName("imu.mot")
    for name, weight in weights.items():
        tool.upd_orientation_weights().cloneAndAppend(opensim.OrientationWeight(_sensor(name), float(weight)))
    require_success(tool.run(False), "inverse kinematics of the sensors", "IMU_IK_FAILED", where)
    errors = read_sto(Path("imu.mot_orientationErrors.sto"))
    columns = [errors.names.index(_sensor(name)) for name in mountings]
    found = Table(tuple(mountings), errors.time_s, np.asarray(errors.values)[:, columns], in_degrees=False)
    return _coordinates(read_sto(Path("imu.mot"))), found


def _sensor(body: str) -> str:
    """What OpenSim calls the frame of the sensor on a body."""
    return f"{body}_imu"


def _as_opensense(path: Path) -> Path:
    """The table with its columns named as OpenSim wants them, in the working directory."""
    lines = path.read_text().splitlines(keepends=True)
    header = next(number for number, line in enumerate(lines) if line.startswith("time\t"))
    time, *names = lines[header].rstrip("\n").split("\t")
    lines[header] = "\t".join([time, *(_sensor(name) for name in names)]) + "\n"
    renamed = Path("orientations.sto")
    renamed.write_text("".join(lines))
    return renamed


def _coordinates(table: Table) -> Table:
    return Table(tuple(name.rpartition("/")[2] for name in table.names), table.time_s, table.values, table.in_degrees)
