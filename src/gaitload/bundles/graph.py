"""A fitted estimator as an ONNX graph."""

from __future__ import annotations

import copy
import io
import warnings

import numpy as np
import torch

from gaitload.bundles.file import run_graph
from gaitload.errors import ContractError
from gaitload.study import StudyTraining
from gaitload.training.composite import Composite, Graph

OPSET = 17
PARITY = 1e-5
"""Largest difference of the graph from the fitted estimator, over the largest estimate."""


def export(composite: Composite, inputs: np.ndarray, covariates: np.ndarray) -> bytes:
    """The graph `inputs` (M, T, C), `covariates` (M, V) -> `estimates` (M, P, K), all in their units, float32.

    Parameters
    ----------
    composite
    inputs, covariates
        Windows that the graph is held against the estimator on.

    Raises
    ------
    ContractError
        GRAPH_DIFFERS: by more than `PARITY`.
    """
    graph, told = copy.deepcopy(Graph(composite)).eval().cpu(), io.BytesIO()
    for floor in graph.floors.values():
        floor.to(floor.graph_dtype)
    seen = torch.as_tensor(inputs[:2], dtype=torch.float32), torch.as_tensor(covariates[:2], dtype=torch.float32)
    names = ("inputs", "covariates", "estimates")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The exporter announces its successor, which needs minutes for a network.
        torch.onnx.export(
            graph,
            seen,
            told,
            dynamo=False,
            opset_version=OPSET,
            input_names=names[:2],
            output_names=names[2:],
            dynamic_axes={name: {0: "windows"} for name in names},
        )
    _require_parity(composite, told.getvalue(), inputs, covariates)
    return told.getvalue()


def _require_parity(composite: Composite, graph: bytes, inputs: np.ndarray, covariates: np.ndarray) -> None:
    found = run_graph(graph, inputs, covariates)
    wanted = composite.estimate(inputs, covariates, StudyTraining(device="cpu"))
    difference = float(np.abs(found - wanted).max() / max(np.abs(wanted).max(), 1e-12))
    if not difference <= PARITY:
        raise ContractError(
            expected=f"a graph that estimates as the estimator does, to {PARITY:g} of the largest estimate",
            found=f"a difference of {difference:.2g}",
            where="export of the graph",
            do="Give the floor `graph_dtype = torch.float64`, or avoid differences of large numbers.",
            code="GRAPH_DIFFERS",
        )
