"""How a net is trained on a folder of images: in parts, from where it was, and measured as is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.errors import SettingError
from memorization_claims.imagenet import checkpoint, training
from memorization_claims.imagenet.evaluation import Evaluation
from memorization_claims.imagenet.images import Folder, Images, open_folder, order, scaled
from memorization_claims.imagenet.net import AUXILIARY_WEIGHT, Dropout, loss_of, optimizer_of
from memorization_claims.imagenet.training import Place, train
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.imagenet import ImagenetSpec
from memorization_claims.tests.imagenet_samples import TRAINING, build_small, write_folder

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A small one."""
    return open_folder(write_folder(tmp_path_factory.mktemp("images")))


@pytest.fixture(autouse=True, scope="module")
def _group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A group of this process alone."""
    dist.init_process_group(
        "gloo", init_method=f"file://{tmp_path_factory.mktemp('group')}/group", rank=0, world_size=1
    )
    yield
    dist.destroy_process_group()


@pytest.fixture(autouse=True)
def _small_net(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of Inception v3, which takes its time."""
    monkeypatch.setattr(training, "build", build_small)


def spec_of(folder: Folder, **fields: Any) -> ImagenetSpec:
    """A training of three epochs with all that draws at random."""
    wanted = {"corruption": Corruption(kind="random-labels"), "augmentation": True, "dropout": 0.5, "seed": 3}
    return folder.fit(**{"side": 24, "batch": 8, "part": 4, "epochs": 3, "weight_decay": 0.01, **wanted, **fields})


def test_a_killed_training_ends_as_an_undisturbed_one(folder: Folder, tmp_path: Path) -> None:
    """Bit for bit, wherever it was killed; what is half written is not read."""
    spec = spec_of(folder)
    whole, _ = train(spec, folder, Place(CPU, 0, tmp_path / "whole.pt"))
    place = Place(CPU, 0, tmp_path / "killed.pt")

    def kill(line: str) -> None:
        place.checkpoint.with_suffix(".draft").write_bytes(b"half")
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train(spec, folder, replace(place, say=kill))
    said: list[str] = []
    resumed, seconds = train(spec, folder, replace(place, say=said.append))
    assert [line.split(":")[0] for line in said] == ["epoch 3 of 3"]
    assert seconds > 0
    assert whole.keys() == resumed.keys()
    assert not [name for name, array in whole.items() if array.tobytes() != resumed[name].tobytes()]
    assert whole["epochs"].tolist() == [1, 2, 3]
    assert whole["diverged"].tolist() == [-1]
    assert len(np.unique(whole["trace/loss"])) == 3
    assert 0.3 < whole["trace/relabelled"][0, 0] < 1


def test_a_checkpoint_of_another_training_is_refused(folder: Folder, tmp_path: Path) -> None:
    """Of another recipe, or of other images."""
    place = Place(CPU, 0, tmp_path / "a.pt")
    train(spec_of(folder, epochs=1), folder, place)
    with pytest.raises(SettingError, match="is of another training or of other images"):
        train(spec_of(folder, epochs=1, rate=0.1), folder, place)
    others = replace(folder, validation=folder.validation[::-1])
    with pytest.raises(SettingError, match="is of another training or of other images"):
        train(spec_of(others, epochs=1), others, place)


def test_a_full_disk_leaves_the_last_checkpoint(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is replaced by a whole one alone."""
    spec = spec_of(folder, epochs=1)
    net = build_small(spec, CPU)
    optimizer, file = optimizer_of(spec, net), tmp_path / "a.pt"
    checkpoint.save(file, spec, "images", net, optimizer, checkpoint.State(epoch=1, courses={"loss": [2.0]}))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save(file, spec, "images", net, optimizer, checkpoint.State(epoch=2))
    kept = checkpoint.load(file, spec, "images", net, optimizer)
    assert (kept.epoch, kept.courses) == (1, {"loss": [2.0]})


def test_an_epoch_against_a_plain_loop(folder: Folder, tmp_path: Path) -> None:
    """The gradient of a batch is the mean over its parts, each with its own batch norm; the rest is left out."""
    spec = spec_of(folder, dropout=0.0, epochs=1)
    place = Place(CPU, 0, tmp_path / "a.pt")
    train(spec, folder, place)
    found = torch.load(place.checkpoint, weights_only=True)["net"]
    net, labels = build_small(spec, CPU), torch.from_numpy(folder.labels(spec))
    weights = [each for each in net.parameters() if each.ndim > 1]
    optimizer = torch.optim.RMSprop(net.parameters(), lr=0.045, alpha=0.9, momentum=0.9, eps=1.0)
    images = torch.stack([Images(folder.training, labels.tolist(), spec, 0)[place][0] for place in range(TRAINING)])
    for batch in order(spec, 0):
        optimizer.zero_grad()
        losses = [cross_entropy(net(scaled(images[part])), labels[part]) for part in batch]
        penalty = sum(weight.square().sum() for weight in weights) * 0.01 / 2
        (torch.stack(losses).mean() + penalty).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    for name, value in net.state_dict().items():
        assert torch.allclose(found[name].double(), value.double(), atol=1e-6), name


def test_a_training_that_diverges_ends(folder: Folder, tmp_path: Path) -> None:
    """And says when, so that its seed counts for neither answer."""
    arrays, _ = train(spec_of(folder, rate=1e38), folder, Place(CPU, 0, tmp_path / "a.pt"))
    assert arrays["diverged"].tolist() == [1]
    assert arrays["epochs"].tolist() == [1]


def test_processes_that_cannot_share(folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch has two parts."""
    monkeypatch.setattr(dist, "get_world_size", lambda: 3)
    with pytest.raises(SettingError, match="3 processes cannot share a batch of 2 parts; legal are 1 to 2"):
        train(spec_of(folder), folder, Place(CPU, 0, tmp_path / "a.pt"))


def test_processes_that_do_not_see_one_checkpoint(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would train replicas of different epochs side by side."""

    def with_another_at_epoch_2(ends: Tensor, operation: object) -> None:
        ends.copy_(torch.maximum(ends, torch.tensor([2, -2])))

    monkeypatch.setattr(dist, "all_reduce", with_another_at_epoch_2)
    with pytest.raises(SettingError, match=r"different epochs, 0 to 2: .*a\.pt is not the same for all; legal is"):
        train(spec_of(folder), folder, Place(CPU, 0, tmp_path / "a.pt"))


class Known(nn.Module):
    """Takes the brightest channel for the class, of ten."""

    def forward(self, images: Tensor) -> Tensor:
        """Logits, in evaluation mode alone."""
        assert not self.training
        return torch.cat([images.mean((2, 3)), torch.full((len(images), 7), -2.0)], 1)


def test_accuracies_by_hand(folder: Folder) -> None:
    """Colours tell the classes of the folder, and no others; every other image is in a half of its own."""
    spec = spec_of(folder, augmentation=False)
    shifted = (folder.labels(replace(spec, corruption=Corruption())) + 7) % 10
    measure, net = Evaluation(spec, folder, shifted, CPU, 0), Known()
    found = measure(net)
    assert net.training
    assert [found[f"validation_{name}"] for name in ("accuracy", "top5_accuracy", "accuracy_even", "accuracy_odd")] == [
        1.0
    ] * 4
    assert found["train_accuracy"] == 0
    given = Images(folder.validation, [0, 1, 1, 0, 0, 0, 2, 2, 2], spec)
    assert measure.measure(net, given) == {
        "top1": pytest.approx(4 / 9),
        "top5": 1.0,
        "even": pytest.approx(3 / 5),
        "odd": pytest.approx(1 / 4),
        "loss": pytest.approx(_loss(net, given)),
    }


def _loss(net: nn.Module, given: Images) -> float:
    images, labels, _ = zip(*(given[place] for place in range(len(given))), strict=True)
    return float(cross_entropy(net.eval()(scaled(torch.stack(images))), torch.tensor(labels)))


def test_dropout_draws_from_its_own_generator() -> None:
    """A share of the values, the others scaled up; the same again from the same place; nothing in evaluation."""
    layer, values = Dropout(0.2), torch.ones(4, 2048)
    layer.generator = torch.Generator().manual_seed(1)
    state = torch.get_rng_state()
    first = layer(values)
    assert torch.equal(torch.get_rng_state(), state)
    assert first.unique().tolist() == pytest.approx([0.0, 1.25])
    assert float(first.mean()) == pytest.approx(1, abs=0.03)
    assert not torch.equal(layer(values), first)
    layer.generator.manual_seed(1)
    assert torch.equal(layer(values), first)
    assert layer.eval()(values) is values


def test_the_auxiliary_classifier_is_trained_too() -> None:
    """With 0.4 of its loss."""

    class Two(nn.Module):
        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            return images, 2 * images

    logits, labels = torch.tensor([[1.0, 2.0, 0.0]]), torch.tensor([1])
    both = cross_entropy(logits, labels) + AUXILIARY_WEIGHT * cross_entropy(2 * logits, labels)
    assert float(loss_of(Two(), logits, labels)) == pytest.approx(float(both))
