"""What a run costs: its passes by hand and against a training, and operations against those that PyTorch counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import HarnessError
from memorization_claims.generators import adversarial
from memorization_claims.models.build import build
from memorization_claims.price import others, run
from memorization_claims.price.net import META, Net, net_of
from memorization_claims.price.sizes import PUBLISHED, Size, size, whole
from memorization_claims.price.work import work
from memorization_claims.spec.data import Corruption, DataSpec
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec
from memorization_claims.store.entry import Entry, pack
from memorization_claims.tests.training_samples import CPU, DIGITS, PLAIN, spec, trained
from memorization_claims.training import engine as engines

G = "memorization_claims.measures.nets.gradients:input_gradient_magnitude"
LENGTH = "memorization_claims.measures.nets.agreement:mean_gradient_length"
WATCHED = Record(every=2, early_epochs=1, early_updates=3, probes=(G,), gradient_probes=(LENGTH,), gradient_batch=7)
SEARCHED = replace(PLAIN, adversarial=0.5, adversarial_steps=3, adversarial_radius=1e-9)
"""In a box so small that the search finds nothing, and does not end early."""
DIGITS_SIZE = whole(DIGITS)
RUNS = {
    "mlp": spec(),
    "two nets": spec(nets=2),
    "cnn": spec(model="cnn-4"),
    "cnn with batch norm": spec(model="cnn-bn-4", recipe=replace(PLAIN, optimizer="adam")),
    "watched": spec(record=WATCHED),
    "watched cnn": spec(model="cnn-4", record=replace(WATCHED, validation="final")),
    "adversarial": spec(recipe=SEARCHED),
    "dropout": spec(recipe=replace(PLAIN, dropout=0.5, input_noise=0.1)),
}


def of(asked: RunSpec) -> run.Price:
    """The price of a run on digits."""
    return run.price(asked, size(asked, DIGITS_SIZE))


def test_passes_by_hand() -> None:
    """60 examples in batches of 9 are 7 updates an epoch; evaluations are at epochs 0, 2 and 3 and updates 3 and 6."""
    assert of(spec(record=WATCHED, nets=2)).passes == {
        "training": 2 * 3 * 60,
        "evaluation": 2 * 5 * 60,
        "validation": 2 * 3 * 41,
        "probes": 2 * 5 * 60,
        "gradients": 2 * 5 * 7,
    }
    assert of(spec(record=replace(WATCHED, validation="final"))).passes["validation"] == 41
    searched = of(spec(recipe=SEARCHED)).passes
    assert (searched["training"], searched["search"]) == (2 * 3 * 60, 4 * 3 * 60)


class _Seen:
    """An engine that counts the images that it is given."""

    def __init__(self, engine: engines.Engine, seen: Counter[str]) -> None:
        self._engine, self._seen = engine, seen

    def __getattr__(self, name: str) -> Any:
        def counted(inputs: Tensor, *others: Any, **named: Any) -> Any:
            self._seen[name] += inputs.shape[0] * inputs.shape[1]
            return getattr(self._engine, name)(inputs, *others, **named)

        return counted if name in ("step", "logits", "products") else getattr(self._engine, name)


@pytest.mark.parametrize("asked", RUNS.values(), ids=RUNS.keys())
def test_a_training_does_what_was_priced(asked: RunSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many images to train on and to judge, as many operations in products and convolutions, and as much to keep."""
    seen, make = Counter[str](), engines.make
    monkeypatch.setattr(engines, "make", lambda *given: _Seen(make(*given), seen))
    found: list[dict[str, Any]] = []
    counted = work(lambda: found.extend(trained([asked]).values()))
    built = work(lambda: build(asked, (1, 8, 8), 10)).flops * (1 + asked.nets)
    priced, (arrays,) = of(asked), found
    passes = Counter(priced.passes)
    assert seen["step"] == passes["training"]
    assert seen["products"] == passes["gradients"]
    assert seen["logits"] == passes["evaluation"] + passes["validation"] + passes["probes"] + passes["search"]
    assert priced.work["cpu"].flops == counted.flops - built > 0
    kept = sum(array.nbytes for name, array in arrays.items() if name.startswith(("weights/", "trace/", "right")))
    assert priced.kept == kept
    assert 0 < len(pack("0" * 64, Entry(arrays, {}))["arrays.safetensors"]) - kept < 10_000


def test_the_search_draws_on_the_processor() -> None:
    """As many normal values as inputs have, for each step; the operations beside those of the net count too."""
    searched = of(spec(recipe=SEARCHED)).work["cpu"]
    assert searched.drawn == 3 * 60 * 3 * 64
    assert of(spec()).work["cpu"].drawn == 0
    net = net_of(spec(recipe=SEARCHED), (1, 8, 8), 10)
    assert net.search(9, 3).flops == 3 * net.slope(9).flops + net.logits(9).flops
    assert net.search(9, 3).launches > 3 * net.slope(9).launches + net.logits(9).launches


def test_a_fit_may_end_it() -> None:
    """A run that may stop is priced to the end of its budget, and said to be."""
    stops = of(spec(recipe=replace(PLAIN, stop_accuracy=1.0)))
    assert (stops.bound, of(spec()).bound) == (True, False)
    assert stops.work == of(spec()).work


def test_devices_differ_in_launches_alone() -> None:
    """A GPU evaluates more examples at a time, and has larger cohorts."""
    work_of = of(spec(subset=1000)).work
    assert work_of["cpu"].flops == work_of["cuda"].flops
    assert work_of["cpu"].launches > work_of["cuda"].launches


def test_compiled_steps_are_a_few_launches() -> None:
    """On a GPU, whatever the depth; evaluations are not compiled, and a user's optimizer keeps its net in the loop."""
    epochs = [replace(PLAIN, epochs=epochs) for epochs in (1, 2)]
    one, two = (of(spec(model="alexnet-4", recipe=each, record=Record(every=9))).work for each in epochs)
    assert two["cuda"].launches - one["cuda"].launches == 7 * run.COMPILED
    assert two["cpu"].launches - one["cpu"].launches > 30 * run.COMPILED
    own = [replace(each, optimizer="torch.optim:SGD") for each in epochs]
    one, two = (of(spec(model="alexnet-4", recipe=each, record=Record(every=9))).work for each in own)
    assert two["cuda"].launches - one["cuda"].launches > 30 * run.COMPILED


@pytest.mark.parametrize(
    ("model", "shape", "millions"),
    [
        ("alexnet", (3, 28, 28), 143),
        ("vgg11", (3, 32, 32), 913),
        ("resnet32", (3, 32, 32), 412),
        ("arpit-cnn", (3, 32, 32), 131),
        ("mlp-2x4096", (1, 28, 28), 114),
    ],
)
def test_operations_of_known_nets(model: str, shape: tuple[int, int, int], millions: float) -> None:
    """Forward and backward for one image."""
    net = net_of(RunSpec(data="", model=model, recipe=PLAIN), shape, 10)
    assert net.step(100).flops / 100e6 == pytest.approx(millions, rel=0.005)
    assert net.logits(100).flops < net.slope(100).flops < net.step(100).flops


@pytest.mark.parametrize("model", ["mlp-2x9", "cnn-bn-4", "resnet8-4"])
def test_the_meta_device_tells_what_the_cpu_does(model: str) -> None:
    """The same operations, and about as many launches and bytes; no number is computed."""
    asked = RunSpec(data="", model=model, recipe=PLAIN)
    meta, real = (Net(asked, (1, 8, 8), 10, device) for device in (META, CPU))
    for call in ("step", "logits", "slope", "products"):
        told, found = (getattr(net, call)(6) for net in (meta, real))
        assert told.flops == found.flops > 0, call
        # vmap decomposes more on a CPU, whose convolutions keep channels last.
        assert told.launches == pytest.approx(found.launches, rel=0.4 if call == "products" else 0.1), call
        assert told.peak == pytest.approx(found.peak, rel=0.2), call
        assert told.moved == pytest.approx(found.moved, rel=0.2), call


class _Looks(torch.nn.Module):
    """A net that looks at its numbers, which a tensor of the meta device does not have."""

    def __init__(self, shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(shape[1] * shape[2], classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits."""
        assert float(inputs.sum()) < 1e9
        logits: Tensor = self.layer(inputs.flatten(1))
        return logits


def test_a_net_that_looks_at_numbers() -> None:
    """It is counted on the CPU."""
    asked = spec(model=f"{__name__}:_Looks")
    assert of(asked).work["cpu"].flops > 0


def test_operations_are_those_that_pytorch_counts() -> None:
    """In a forward and a backward pass."""
    net = build(spec(model="resnet8-4"), (1, 8, 8), 10)

    def call() -> None:
        net(torch.zeros(3, 1, 8, 8)).sum().backward()

    with FlopCounterMode(display=False) as counted:
        call()
    assert work(call).flops == counted.get_total_flops() > 0


def test_what_is_held_at_a_time() -> None:
    """Two tensors at most, of three that are made, and none that was there."""
    there = torch.ones(1000)
    counted = work(lambda: ((there + 1) + 1) + 1)
    assert (counted.peak, counted.moved, counted.launches, counted.flops) == (8000, 3 * 8000, 3, 0)


SIZES = {
    "subset": {"subset": 100, "validation": 50},
    "more validation than there is": {"subset": 1700, "validation": 500},
    "all that is left": {"subset": 1000},
    "cropped": {"subset": 100, "validation": 50, "crop": 6, "shrink": 2},
    "a class for each": {"subset": 100, "validation": 50, "corruption": Corruption(kind="unique-labels")},
    "two classes": {"subset": 100, "validation": 50, "corruption": Corruption(kind="binary-labels")},
    "noise with a class for each": {
        "subset": 100,
        "validation": 50,
        "corruption": Corruption(kind="unique-gaussian-inputs"),
    },
}


@pytest.mark.parametrize("fields", SIZES.values(), ids=SIZES.keys())
def test_sizes_are_those_of_the_data(fields: dict[str, Any]) -> None:
    """As many examples, of the shape and with the classes that a run is given."""
    asked = DataSpec(data="digits", **fields)
    data = prepare(asked, DIGITS)
    told = size(asked, DIGITS_SIZE)
    assert told.shape == tuple(data.inputs.shape[1:])
    assert (told.examples, told.validation) == (len(data.labels), len(data.validation_labels))
    assert told.classes == data.classes


def test_sizes_of_data_with_a_test_set() -> None:
    """Without the data too; nothing is taken that is not there."""
    known = PUBLISHED["cifar10"]
    assert size(DataSpec(data="cifar10", crop=28), known) == Size(50_000, 10_000, (3, 28, 28), 10)
    assert size(DataSpec(data="cifar10", validation=1000), known).validation == 1000
    wrong = (DataSpec(data="cifar10", subset=50_001), DataSpec(data="cifar10", crop=33))
    for asked, data in (*((each, known) for each in wrong), (DataSpec(data="digits"), DIGITS_SIZE)):
        with pytest.raises(HarnessError):
            size(asked, data)


def test_fits_by_hand() -> None:
    """Distances of all to those that are fitted, Cholesky's factor, and five trials of four fifths for a bandwidth."""
    data = Size(100, 50, (1, 8, 8), 10)
    asked = KernelSpec(data="digits", bandwidth=1.0)
    distances, factor = 2 * 150 * 100 * 64, 100**3 / 3
    assert others.fit(asked, data).work["cpu"].flops == pytest.approx(distances + factor)
    chosen = others.fit(replace(asked, bandwidth=None), data)
    assert chosen.work["cuda"].flops == pytest.approx(distances + factor + 5 * 80**3 / 3)
    assert chosen.double
    assert chosen.work["cpu"].peak > 8 * 100 * 100
    extra = others.fit(replace(asked, extra="true"), data)
    assert extra.work["cpu"].flops == pytest.approx(2 * 150 * 125 * 64 + 125**3 / 3)
    noise = others.fit(replace(asked, centres="random"), data)
    assert noise.work["cpu"].flops == pytest.approx(2 * 2 * 250 * 100 * 64 + 2 * 100**3 / 3)


@pytest.mark.parametrize("features", ["gabor", "convolutional"])
def test_fits_of_features(features: Any) -> None:
    """Their transformation counts too, and so does their number."""
    data = Size(100, 50, (1, 8, 8), 10)
    plain, other = (others.fit(KernelSpec(data="digits", features=each), data) for each in ("pixels", features))
    assert other.work["cpu"].flops > plain.work["cpu"].flops


def test_a_generator() -> None:
    """As many operations as a training takes; of what takes no steps nothing is told."""
    asked = GeneratorSpec(data="digits", subset=40, validation=5, kind="dcgan", width=4, latent=3, epochs=3, batch=20)
    data = prepare(asked, DIGITS)
    with FlopCounterMode(display=False) as counted:
        arrays = adversarial.train(asked, data.inputs)
    priced = others.generator(asked, size(asked, DIGITS_SIZE))
    assert priced is not None
    assert priced.work["cpu"].flops == counted.get_total_flops() > 0
    assert priced.kept == sum(array.nbytes for name, array in arrays.items() if name.startswith("weights/"))
    assert others.generator(replace(asked, kind="pca"), size(asked, DIGITS_SIZE)) is None
    rests = others.generator(replace(asked, learned=False), size(asked, DIGITS_SIZE))
    assert rests is not None
    assert rests.work["cpu"].flops == 0


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A price leaves no file, and the generators of random numbers as they were."""
    monkeypatch.chdir(tmp_path)
    before = torch.get_rng_state()
    of(spec(model="cnn-bn-4", recipe=Recipe(rate=0.1, batch=20, epochs=1)))
    assert torch.equal(before, torch.get_rng_state())
    assert not list(tmp_path.iterdir())
