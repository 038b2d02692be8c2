"""Networks in files: weights as safetensors with a JSON document in their header; nothing that runs when it is read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from gaitload.errors import ConfigError, DataError
from gaitload.io.files import require_content, write_aside

Weights = dict[str, torch.Tensor]
_SIGNED = "gaitload"
"""The one entry of the file's own header; the format writes several in an order that changes from file to file."""
_DOCUMENT = "document"
_DIGEST = "sha256"
"""Over weights and document: the format itself does not notice a damaged byte of a weight."""
_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass(frozen=True)
class Checkpoint:
    """A training run at the end of an epoch.

    Attributes
    ----------
    key : str
        Hash of everything that decides the result.
    weights, best : dict of str to tensor
        Now, and when the validation error was least.
    moments : dict of str to tensor
        Of the optimizer, `<number of the parameter>.<moment>`.
    progress : dict
        Plain numbers.
    """

    key: str
    weights: Weights
    best: Weights
    moments: Weights
    progress: dict

    @classmethod
    def of(cls, key: str, network: nn.Module, optimizer: torch.optim.Optimizer, best: Weights, progress) -> Checkpoint:
        """What a run has come to."""
        states = optimizer.state_dict()["state"]
        moments = {f"{number}.{name}": state[name] for number, state in states.items() for name in _MOMENTS}
        return cls(key, network.state_dict(), best, moments, asdict(progress))

    def restore(self, optimizer: torch.optim.Optimizer) -> None:
        """Give an optimizer its moments back."""
        numbers = {int(name.partition(".")[0]) for name in self.moments}
        state = {number: {name: self.moments[f"{number}.{name}"] for name in _MOMENTS} for number in numbers}
        optimizer.load_state_dict(optimizer.state_dict() | {"state": state})


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, whole or not at all."""
    groups = {"weights": checkpoint.weights, "best": checkpoint.best, "moments": checkpoint.moments}
    tensors = {f"{group}/{name}": value for group, values in groups.items() for name, value in values.items()}
    write_weights(path, tensors, {"key": checkpoint.key, "progress": checkpoint.progress})


def read_checkpoint(path: Path, key: str) -> Checkpoint:
    """Inverse of `write_checkpoint`.

    Raises
    ------
    ConfigError
        CHECKPOINT_FOREIGN: it was written under other settings, data or code.
    """
    tensors, document = read_weights(path)
    if document["key"] != key:
        raise ConfigError(
            expected=f"a checkpoint of this configuration ({key[:12]})",
            found=f"one of another ({document['key'][:12]})",
            where=str(path),
            do="Delete it, or run with the settings, data and code that it was written with.",
            code="CHECKPOINT_FOREIGN",
        )
    groups: dict[str, Weights] = {"weights": {}, "best": {}, "moments": {}}
    for name, value in tensors.items():
        group, _, own = name.partition("/")
        groups[group][own] = value
    return Checkpoint(key, progress=document["progress"], **groups)


def write_weights(path: Path, tensors: Weights, document: dict) -> None:
    """Write tensors with a JSON document in the header of their file; equal ones give equal bytes."""
    plain = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    text = json.dumps(document, sort_keys=True)
    signed = json.dumps({_DOCUMENT: text, _DIGEST: _digest(plain, text)}, sort_keys=True)
    with write_aside(path) as aside:
        save_file(plain, aside, metadata={_SIGNED: signed})


def read_weights(path: Path) -> tuple[Weights, dict]:
    """Inverse of `write_weights`.

    Raises
    ------
    DataError
        FILE_MISSING, FILE_EMPTY; CHECKPOINT_DAMAGED: not a file that `write_weights` wrote, or not as it wrote it.
    """
    try:
        with safe_open(require_content(path), "pt") as file:
            metadata = json.loads((file.metadata() or {})[_SIGNED])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
            if metadata[_DIGEST] != _digest(tensors, metadata[_DOCUMENT]):
                raise ValueError("weights that are not those it was written with")
            return tensors, json.loads(metadata[_DOCUMENT])
    except (SafetensorError, KeyError, ValueError) as error:
        raise DataError(
            expected="weights with the document that was written with them",
            found=f"{type(error).__name__}: {error}",
            where=str(path),
            do="Delete the file; the network is trained again.",
            code="CHECKPOINT_DAMAGED",
        ) from error


def _digest(tensors: Weights, text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name, values in sorted(tensors.items()):
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}".encode() + values.numpy().tobytes())
    return digest.hexdigest()
