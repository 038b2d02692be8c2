"""A bundle in a file: document, graph, arrays and card in one ZIP archive. Nothing in it runs when it is read.

The graph is run by onnxruntime, which computes the operations that ONNX defines and nothing else.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors import SafetensorError
from safetensors.numpy import load, save

from gaitload.documents import parse_json
from gaitload.errors import ConfigError, DataError
from gaitload.io.files import require_content, write_aside
from gaitload.study import Study

FORMAT = 1
METHOD_OLDEST = 2
"""Oldest method of labels, `METHOD_VERSION` of the stage `labels`, that a bundle may have learnt from."""
_CUTTING = ("cutoff_hz", "channels", "frame", "covariates", "targets", "activities", "window", "verdicts")
"""Settings of a study that decide what its windows are."""
_DOCUMENT, _GRAPH, _ARRAYS, _CARD = "bundle.json", "graph.onnx", "arrays.safetensors", "card.md"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of all entries: equal bundles are equal bytes."""


@dataclass(frozen=True)
class Bundle:
    """What a file holds.

    Attributes
    ----------
    document : dict
        Settings, sensors, targets with units, errors and intervals, range of the training data, versions.
    graph : bytes
        ONNX: `inputs` (M, T, C), `covariates` (M, V) -> `estimates` (M, P, K).
    arrays : dict of str to ndarray
        Weights, and what tells unlike data.
    card : str
        Markdown.
    """

    document: dict
    graph: bytes
    arrays: dict[str, np.ndarray]
    card: str


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write a bundle, whole or not at all; equal ones give equal bytes."""
    parts = {_GRAPH: bundle.graph, _ARRAYS: save(dict(sorted(bundle.arrays.items()))), _CARD: bundle.card.encode()}
    signed = bundle.document | {
        "format": FORMAT,
        "sha256": {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()},
    }
    parts = {_DOCUMENT: (json.dumps(signed, indent=1, sort_keys=True) + "\n").encode()} | parts
    told = io.BytesIO()
    with zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), part, compress_type=zipfile.ZIP_DEFLATED)
    with write_aside(path) as aside:
        Path(aside).write_bytes(told.getvalue())


def read_bundle(path: Path) -> Bundle:
    """Inverse of `write_bundle`.

    Raises
    ------
    DataError
        FILE_MISSING, FILE_EMPTY; BUNDLE_DAMAGED: not a bundle, or not as it was written.
    ConfigError
        BUNDLE_NEWER: written by a later gaitload; BUNDLE_OUTDATED: its labels are of an older method.
    """
    try:
        with zipfile.ZipFile(require_content(path)) as archive:
            parts = {name: archive.read(name) for name in (_DOCUMENT, _GRAPH, _ARRAYS, _CARD)}
        document = parse_json(parts[_DOCUMENT].decode())
        _require_known(document, path)
        for name, digest in document["sha256"].items():
            if hashlib.sha256(parts[name]).hexdigest() != digest:
                raise ValueError(f"{name} is not as it was written")
        return Bundle(document, parts[_GRAPH], load(parts[_ARRAYS]), parts[_CARD].decode())
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, NotImplementedError, SafetensorError) as error:
        raise DataError(
            expected="a bundle that `snakemake bundles` wrote",
            found=f"{type(error).__name__}: {error}",
            where=str(path),
            do="Fetch or make the bundle again.",
            code="BUNDLE_DAMAGED",
        ) from error


def study_of(bundle: Bundle) -> Study:
    """Settings of a bundle's study, as far as they decide what its windows are: those of training may have had other
    names when the bundle was made."""
    return Study.model_validate({name: bundle.document["settings"][name] for name in _CUTTING})


def run_graph(graph: bytes, inputs: np.ndarray, covariates: np.ndarray) -> np.ndarray:
    """What a graph estimates.

    Parameters
    ----------
    graph : bytes
        See `Bundle`.
    inputs : ndarray, shape (M, T, C)
    covariates : ndarray, shape (M, V)

    Returns
    -------
    ndarray, shape (M, P, K), float32
    """
    return Runner(graph)(inputs, covariates)


class Runner:
    """A graph that is opened once and run many times; called with what `run_graph` takes."""

    def __init__(self, graph: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._used = {each.name for each in self._session.get_inputs()}

    def __call__(self, inputs: np.ndarray, covariates: np.ndarray) -> np.ndarray:
        feed = {"inputs": inputs, "covariates": covariates}
        return self._session.run(None, {n: array.astype(np.float32) for n, array in feed.items() if n in self._used})[0]


def _require_known(document: dict, path: Path) -> None:
    if document["format"] > FORMAT:
        raise ConfigError(
            expected=f"a bundle of format {FORMAT} or older",
            found=f"format {document['format']}, written by gaitload {document['versions']['gaitload']}",
            where=str(path),
            do="Install a later gaitload.",
            code="BUNDLE_NEWER",
        )
    if document["labels"]["method_version"] < METHOD_OLDEST:
        raise ConfigError(
            expected=f"a bundle that learnt from labels of method version {METHOD_OLDEST} or later",
            found=f"version {document['labels']['method_version']}",
            where=str(path),
            do="Train it again with present labels: older ones are wrong by more than their intervals.",
            code="BUNDLE_OUTDATED",
        )
