"""Joint contact forces by OpenSim's own joint reaction analysis."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import opensim

from gaitload.io.sto import Table, read_sto
from gaitload.opensim.tools.analysis import run_analysis


def joint_reactions(
    *,
    model: str,
    forces_sto: str,
    joints: Iterable[str],
    coordinates_mot: str,
    external_loads: str,
    start_s: float,
    end_s: float,
    where: str,
) -> Table:
    """Reactions of joints on their child bodies, expressed in the child's frame.

    Parameters
    ----------
    forces_sto
        Actuator forces, from static optimization on the same model.

    Returns
    -------
    Table
        Columns `<joint>_on_<child>_in_<child>_{fx,fy,fz,mx,my,mz,px,py,pz}` (N, N m, m).
    """
    analysis = opensim.JointReaction()
    analysis.setName("contact")
    analysis.setStartTime(start_s)
    analysis.setEndTime(end_s)
    analysis.setStepInterval(1)
    analysis.setForcesFileName(forces_sto)
    analysis.setJointNames(_strings(joints))
    analysis.setOnBody(_strings(["child"]))
    analysis.setInFrame(_strings(["child"]))
    run_analysis(
        analysis,
        model=model,
        coordinates_mot=coordinates_mot,
        external_loads=external_loads,
        start_s=start_s,
        end_s=end_s,
        where=where,
    )
    return read_sto(Path("gaitload_contact_ReactionLoads.sto"))


def _strings(values: Iterable[str]) -> opensim.ArrayStr:
    array = opensim.ArrayStr()
    for value in values:
        array.append(value)
    return array
