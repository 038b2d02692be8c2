"""Opens damaged models, in an interpreter of its own, as the package does it."""

from __future__ import annotations

from pathlib import Path

from gaitload.io.xml import parse_xml
from gaitload.opensim.process import run_isolated

TIMEOUT_S = 60.0


def open_damaged(path: Path) -> dict:
    """What OpenSim makes of a model that `parse_xml` lets pass; an interpreter that dies is an error with a code."""
    parse_xml(path)
    log = path.with_suffix(".log")
    log.unlink(missing_ok=True)
    arguments = {"path": str(path.resolve())}
    return run_isolated(facts, arguments, log=log, where=str(path), timeout_s=TIMEOUT_S, leaks=False)


def facts(*, path: str) -> dict:
    """Masses of the bodies by name, and what a model of these does at rest."""
    from gaitload.opensim.model import open_model

    model = open_model(path)
    state = model.initSystem()
    bodies = {body.getName(): body.getMass() for body in model.getBodyList()}
    return {"bodies": bodies, "mass": model.getTotalMass(state), "coordinates": model.getNumCoordinates()}
