"""Running an analysis over a motion, and telling when a tool gives up."""

from __future__ import annotations

import opensim

from gaitload.errors import SolverError


def require_success(finished: bool, tool: str, code: str, where: str) -> None:
    """Raise `SolverError` with a code when a tool of OpenSim reports failure."""
    if not finished:
        raise SolverError(
            expected=f"{tool} to finish",
            found="OpenSim's tool reports failure",
            where=where,
            do="See the log beside this trial.",
            code=code,
        )


def run_analysis(
    analysis: opensim.Analysis,
    *,
    model: str,
    coordinates_mot: str,
    external_loads: str,
    start_s: float,
    end_s: float,
    where: str,
) -> None:
    """Run one analysis over a motion; its files land in the working directory, named `gaitload_...`.

    The tool is written out and read back: handed over in memory it ignores part of its settings.
    """
    tool = opensim.AnalyzeTool()
    tool.setName("gaitload")
    tool.setModelFilename(model)
    tool.setCoordinatesFileName(coordinates_mot)
    tool.setExternalLoadsFileName(external_loads)
    tool.setLowpassCutoffFrequency(-1)
    tool.setInitialTime(start_s)
    tool.setFinalTime(end_s)
    tool.setResultsDir(".")
    tool.setOutputPrecision(16)
    tool.setSolveForEquilibrium(False)
    tool.updAnalysisSet().cloneAndAppend(analysis)
    tool.printToXML("analyze.xml")
    finished = opensim.AnalyzeTool("analyze.xml").run()
    require_success(finished, analysis.getConcreteClassName(), "ANALYSIS_FAILED", where)
