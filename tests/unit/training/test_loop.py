"""Training learns, repeats itself, stops, goes on where it was stopped, and refuses what is not its own."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest
import torch

from gaitload.errors import ConfigError, DataError, SolverError
from gaitload.estimators import lstm, tcn
from gaitload.study import StudyTraining
from gaitload.training import loop
from gaitload.training.augment import rotations, turned
from gaitload.training.checkpoints import read_weights, write_weights
from gaitload.training.loop import Sample, Task, built, device_of, estimate, train, use_threads
from gaitload.windows.normaliser import scale_of

SETTINGS = StudyTraining(batch=16, device="cpu", mounting_rad=0.05, noise=0.05)
TASK = Task(scale_of(np.array([[[0.0, 0, 0], [2, 2, 2]]])), (((("acc"), 0),),))


def sample(seed: int, windows: int = 64) -> Sample:
    """The target is the running mean of the first channel."""
    inputs = np.random.default_rng(seed).standard_normal((windows, 20, 3)).astype(np.float32) + 1
    targets = np.cumsum(inputs[..., :1] - 1, axis=1) / np.arange(1, 21)[None, :, None]
    return Sample(inputs, np.zeros((windows, 1), np.float32), targets.astype(np.float32))


def run(epochs: int = 4, *, seed: int = 0, settings: StudyTraining = SETTINGS, **options):
    use_threads(1)
    network = built(tcn, 4, 1, 20, seed)
    progress = train(network, TASK, sample(1), sample(2, 32), settings, seed=seed, epochs=epochs, rate=3e-3, **options)
    return network, progress


def curves(progress) -> list[tuple]:
    return [(entry["train"], entry["validation"]) for entry in progress.history]


def test_it_learns():
    network, progress = run(15, settings=SETTINGS.model_copy(update={"mounting_rad": 0.0}))
    held = sample(3, 32)
    left = np.mean((estimate(network, TASK, held, SETTINGS) - held.targets) ** 2)
    assert left < 0.3 * np.mean(held.targets**2)
    assert progress.history[-1]["train"] < 0.5 * progress.history[0]["train"]


def test_equal_seeds_are_equal_and_others_are_not():
    (one, first), (two, second), (_, third) = run(), run(), run(seed=1)
    assert curves(first) == curves(second) != curves(third)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_what_was_stopped_ends_where_it_would_have(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_S", 0.0)
    whole, expected = run(6)
    path, said = tmp_path / "fold.seed0.safetensors", []

    def stop_after_three(line: str) -> None:
        if line.startswith("epoch 4"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(6, key="mine", checkpoint=path, say=stop_after_three)
    resumed, progress = run(6, key="mine", checkpoint=path, say=said.append)
    assert said[0] == "resumed after epoch 3"
    assert curves(progress) == curves(expected)
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_a_checkpoint_of_another_configuration_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_S", 0.0)
    path = tmp_path / "fold.safetensors"
    run(1, key="mine", checkpoint=path)
    with pytest.raises(ConfigError, match="one of another") as caught:
        run(1, key="yours", checkpoint=path)
    assert caught.value.code == "CHECKPOINT_FOREIGN"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError) as caught:
        run(1, key="mine", checkpoint=path)
    assert caught.value.code == "CHECKPOINT_DAMAGED"


def test_weights_of_which_a_byte_was_changed_are_refused(tmp_path):
    path = tmp_path / "a.safetensors"
    write_weights(path, lstm.build(4, 2, 20).state_dict(), {"key": "k"})
    whole = bytearray(path.read_bytes())
    whole[-5] ^= 1
    path.write_bytes(whole)
    with pytest.raises(DataError, match="written with") as caught:
        read_weights(path)
    assert caught.value.code == "CHECKPOINT_DAMAGED"


def test_the_rate_rises_and_falls(monkeypatch):
    rates, real = [], torch.optim.AdamW.step

    def step(self, *arguments, **options):
        rates.append(self.param_groups[0]["lr"])
        return real(self, *arguments, **options)

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    run(10)
    assert len(rates) == 40 and np.argmax(rates) == 4
    assert rates[0] < 0.02 * 3e-3 and max(rates) == pytest.approx(3e-3) and rates[-1] < 0.01 * 3e-3


def test_increments_stop_at_the_first_look_that_is_no_better():
    published = SETTINGS.model_copy(
        update={
            "stopping": "increments",
            "epochs_first": 3,
            "epochs_step": 2,
            "optimiser": "adam",
            "schedule": "constant",
        }
    )
    _, progress = run(40, settings=published)
    looks = [entry for entry in progress.history if "validation" in entry]
    assert [entry["epoch"] for entry in looks] == list(range(3, progress.epoch + 1, 2))
    errors = [entry["validation"] for entry in looks]
    assert all(later < before for before, later in pairwise(errors[:-1]))
    assert progress.epoch == 39 or errors[-1] >= errors[-2]
    assert progress.best == min(errors)


def size(network) -> float:
    return sum(float(values.detach().square().sum()) for values in network.parameters())


def test_gradients_are_clipped_and_weights_decay():
    before = [values.detach().clone() for values in built(tcn, 4, 1, 20, 0).parameters()]
    still = SETTINGS.model_copy(update={"clip": 1e-14, "weight_decay": 0.0})
    after, _ = run(2, settings=still)
    # AdamW divides a gradient by its size, but not one that is smaller than its epsilon.
    assert max(float((a - b.detach()).abs().max()) for a, b in zip(before, after.parameters(), strict=True)) < 1e-6
    decayed, _ = run(2, settings=SETTINGS.model_copy(update={"weight_decay": 20.0}))
    assert size(decayed) < 0.9 * size(run(2)[0])


def test_nothing_is_dropped_where_it_is_asked_and_the_context_is_cut():
    network = built(tcn, 4, 1, 20, 0).train()
    np.testing.assert_array_equal(*(estimate(network, TASK, sample(3, 8), SETTINGS) for _ in range(2)))

    class Copy(torch.nn.Module):
        def forward(self, window):
            return window[..., :1]

    asked = sample(3, 8)
    short = Sample(asked.inputs, asked.covariates, asked.targets[:, :10])
    task = Task(TASK.scale, TASK.vectors, before=6)
    np.testing.assert_allclose(estimate(Copy(), task, short, SETTINGS), asked.inputs[:, 6:16, :1] - 1, atol=1e-6)


def test_weights_come_back_with_their_document(tmp_path):
    network = lstm.build(4, 2, 20)
    write_weights(tmp_path / "a.safetensors", network.state_dict(), {"key": "k", "names": ["x"]})
    weights, document = read_weights(tmp_path / "a.safetensors")
    assert document == {"key": "k", "names": ["x"]}
    assert all(torch.equal(weights[name], value) for name, value in network.state_dict().items())


def test_equal_weights_give_equal_bytes(tmp_path):
    weights = lstm.build(4, 2, 20).state_dict()
    paths = [tmp_path / f"{number}.safetensors" for number in range(8)]
    for path in paths:
        write_weights(path, weights, {"key": "k"})
    assert len({path.read_bytes() for path in paths}) == 1


def test_it_stops_when_validation_gets_no_better_and_keeps_the_best():
    held = sample(2, 32)
    noise = Sample(held.inputs, held.covariates, np.random.default_rng(0).standard_normal((32, 20, 1)))
    network = built(tcn, 4, 1, 20, 0)
    settings = SETTINGS.model_copy(update={"patience": 3})
    progress = train(network, TASK, sample(1), noise, settings, seed=0, epochs=60, rate=3e-3)
    assert progress.epoch == progress.best_epoch + 3 < 60
    left = np.mean((estimate(network, TASK, noise, settings) - noise.targets) ** 2)
    np.testing.assert_allclose(left, progress.best, rtol=1e-5)


def test_errors_that_are_no_numbers_stop_it():
    wild = SETTINGS.model_copy(update={"clip": 1e9})
    broken = sample(1)
    broken.targets[3] = np.inf
    with pytest.raises(SolverError) as caught:
        train(built(tcn, 4, 1, 20, 0), TASK, broken, None, wild, seed=0, epochs=2, rate=1e-3)
    assert caught.value.code == "TRAINING_DIVERGED"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is an accelerator")
def test_an_accelerator_that_is_not_there_is_named():
    with pytest.raises(ConfigError) as caught:
        device_of("cuda")
    assert caught.value.code == "DEVICE_MISSING"
    assert device_of("auto").type == "cpu"


def test_a_turned_sensor_keeps_sizes_and_angles_between_its_vectors():
    torch.manual_seed(0)
    window = torch.randn(5, 7, 12)
    window[..., 6:] = torch.eye(3)[:2].flatten()
    found = turned(window, ((("acc", 0), ("gyr", 3), ("six_d", 6)),), 0.3, upright=False)
    for first in (0, 3):
        torch.testing.assert_close(
            found[..., first : first + 3].norm(dim=2), window[..., first : first + 3].norm(dim=2)
        )
    dots = [(each[..., :3] * each[..., 3:6]).sum(2) for each in (window, found)]
    torch.testing.assert_close(*dots)
    # What a sensor feels along the vertical it knows of does not depend on how it is turned: R a stays.
    earth = [columns_to_earth(each) for each in (window, found)]
    torch.testing.assert_close(*earth)
    upright = turned(window, ((("acc", 0),),), 0.3, upright=True)
    torch.testing.assert_close(upright[..., 2], window[..., 2])
    worn = []
    for in_upright_frame in (False, True):
        torch.manual_seed(1)
        worn.append(turned(window, ((("acc", 0), ("six_d", 6)),), 0.3, upright=in_upright_frame))
    torch.testing.assert_close(worn[0][..., 6:], worn[1][..., 6:])
    assert (worn[0][..., :3] - worn[1][..., :3]).abs().max() > 0.01
    assert (rotations(torch.randn(4, 3)).det() - 1).abs().max() < 1e-5


def columns_to_earth(window: torch.Tensor) -> torch.Tensor:
    columns = window[..., 6:].unflatten(2, (2, 3))
    third = torch.linalg.cross(columns[:, :, 0], columns[:, :, 1])
    matrix = torch.stack([columns[:, :, 0], columns[:, :, 1], third], dim=3)
    return torch.einsum("btij,btj->bti", matrix, window[..., :3])


def test_progress_is_plain():
    assert asdict(run(1)[1]).keys() == {"epoch", "best", "best_epoch", "judged_epoch", "seconds", "history"}
