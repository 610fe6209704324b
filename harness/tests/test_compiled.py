"""Compiled steps: the loop's numbers, each net's own, made once an architecture, and left where they cannot be made."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import NotCompiledError
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic, arithmetic_of
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.tests import test_engine as nets
from memorization_claims.tests.training_samples import CPU, DIGITS, differing, spec
from memorization_claims.training import cohort, compiled
from memorization_claims.training.cohort import Result, train
from memorization_claims.training.compiled import Compiled
from memorization_claims.training.engine import Engine, choose, make
from memorization_claims.training.portions import portions

COMPILED = Arithmetic(compiled=True)
WIDE = (2, 4, 12)
"""Images that no stack takes."""


@pytest.fixture(autouse=True)
def functions(monkeypatch: pytest.MonkeyPatch) -> dict[object, Any]:
    """What is compiled in a test: traced, and called as it is."""
    monkeypatch.setattr(compiled, "BACKEND", None)
    made: dict[object, Any] = {}
    monkeypatch.setattr(compiled, "_functions", made)
    return made


def convolutional(nets: int = nets.NETS) -> list[nn.Module]:
    """Nets with batch norm, a frozen layer and one that is not used."""
    generator, models = torch.Generator().manual_seed(0), list[nn.Module]()
    for _ in range(nets):
        last = nn.Linear(4 * 2 * 6, 10)
        layers = [nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), last]
        model = nn.Sequential(*layers)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) / 3)
        last.bias.requires_grad_(False)
        models.append(model)
    return models


def both(models: Callable[[], list[nn.Module]], recipe: Recipe, shape: tuple[int, ...], **how: Any) -> list[Engine]:
    """The loop and the compiled engine over the same nets."""
    return [make(name, models(), recipe, CPU, shape, **how) for name in ("loop", "compiled")]


@torch.no_grad()
def apart(engines: list[Engine]) -> float:
    """The largest difference between what their nets hold."""
    pairs = [pair for net in range(nets.NETS) for pair in zip(*(each.held(net) for each in engines), strict=True)]
    return max(float((one.double() - other.double()).abs().max()) for one, other in pairs if one.numel())


def agree(backend: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten steps of nets with batch norm, at rates that decay, with shares, and a smaller batch."""
    monkeypatch.setattr(compiled, "BACKEND", backend)
    recipe = replace(nets.PLAIN, weight_decay=0.01)
    engines = both(convolutional, recipe, WIDE)
    for step in range(10):
        inputs, labels = nets.batch_at(step, shape=WIDE)
        few, shares = nets.BATCH - 2 * (step == 7), torch.linspace(0.0, 0.3, nets.BATCH) if step > 7 else None
        for engine in engines:
            engine.step(inputs[:, :few], labels[:, :few], {}, 0.9**step, shares)
    assert apart(engines) < 1e-5
    assert [each.weights(nets.every_net())["1.num_batches_tracked"].tolist() for each in engines] == [[10] * 3] * 2


def test_steps_are_the_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that nets hold agrees to 1e-5; what is frozen stays."""
    agree(None, monkeypatch)


@pytest.mark.long
def test_steps_by_inductor(monkeypatch: pytest.MonkeyPatch, functions: dict[object, Any]) -> None:
    """The same, and the same bits when compiled again."""
    agree("inductor", monkeypatch)
    ends = []
    for _ in range(2):
        functions.clear()
        engine = make("compiled", convolutional(1), nets.PLAIN, CPU, WIDE)
        for step in range(3):
            engine.step(*nets.batch_at(step, 1, shape=WIDE), {})
        ends.append(engine.held(0))
    assert all(torch.equal(one, other) for one, other in zip(*ends, strict=True))


@pytest.mark.parametrize("half", [False, True])
def test_noise_and_adam(half: bool) -> None:
    """With every kind of noise, weight decay and Adam; in bfloat16 the nets move otherwise, and both engines alike."""
    how = Arithmetic("bfloat16" if half else "float32")

    def models() -> list[nn.Module]:
        return nets.nets_of("mlp-2x9", nets.NOISY)

    engines = both(models, nets.NOISY, nets.SHAPE, arithmetic=how)
    plain = make("loop", models(), nets.NOISY, CPU, nets.SHAPE)
    for engine in (*engines, plain):
        nets._train(engine, models()[0], nets.NOISY, 8)
    assert apart(engines) < (1e-2 if half else 1e-6)
    assert (apart([engines[0], plain]) > 1e-4) is half
    assert all(each.dtype == torch.float32 for each in engines[1].weights(nets.every_net()).values())


def test_one_function_an_architecture(functions: dict[object, Any]) -> None:
    """For all nets, engines and rates; another size of the batch, another net or another recipe has its own."""
    for rate in (0.1, 0.2):
        engine = make("compiled", nets.nets_of("mlp-1x5", nets.PLAIN), replace(nets.PLAIN, rate=rate), CPU, nets.SHAPE)
        for step in range(3):
            engine.step(*nets.batch_at(step), {}, 0.5**step)
        assert len(functions) == 1
    inputs, labels = nets.batch_at(0)
    engine.step(inputs[:, 1:], labels[:, 1:], {})
    assert len(functions) == 2
    others = (("mlp-1x5", replace(nets.PLAIN, momentum=0.5)), ("mlp-2x5", nets.PLAIN))
    for number, (name, recipe) in enumerate(others, 3):
        make("compiled", nets.nets_of(name, recipe, 1), recipe, CPU, nets.SHAPE).step(inputs[:1], labels[:1], {})
        assert len(functions) == number


def test_layers_that_differ_in_a_setting_share_nothing(functions: dict[object, Any]) -> None:
    """Shapes and classes alone do not tell what a net computes."""
    for slope in (0.1, 0.2):
        model = nn.Sequential(nn.Flatten(), nn.Linear(20, 10), nn.LeakyReLU(slope))
        make("compiled", [model], nets.PLAIN, CPU, nets.SHAPE).step(*nets.batch_at(0, 1), {})
    assert len(functions) == 2


def test_nets_go_on_from_what_is_held() -> None:
    """Kept, copied or put into another engine, they train on with the same bits."""
    recipe = replace(nets.PLAIN, optimizer="adam", rate=0.01)
    whole = make("compiled", convolutional(), recipe, CPU, WIDE)
    for step in range(3):
        whole.step(*nets.batch_at(step, shape=WIDE), {})
    twin, again = copy.deepcopy(whole), make("compiled", convolutional(), recipe, CPU, WIDE)
    for net in range(nets.NETS):
        for into, value in zip(again.held(net), whole.held(net), strict=True):
            with torch.no_grad():
                into.copy_(value)
    again.settle()
    again.keep(torch.tensor([0, 2]))
    for step in range(3, 6):
        inputs, labels = nets.batch_at(step, shape=WIDE)
        for engine in (whole, twin):
            engine.step(inputs, labels, {})
        again.step(inputs[[0, 2]], labels[[0, 2]], {})
    for net, kept in ((0, 0), (2, 1)):
        for one, other, third in zip(whole.held(net), twin.held(net), again.held(kept), strict=True):
            assert torch.equal(one, other)
            assert torch.equal(one, third)


def trained(specs: list[RunSpec], arithmetic: Arithmetic) -> dict[RunSpec, Result]:
    """The arrays of runs of one cohort."""
    datasets = [prepare(each, DIGITS) for each in specs]
    return {run: arrays for run, arrays, _ in train(specs, datasets, CPU, arithmetic=arithmetic)}


def test_a_run_is_the_same_in_any_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """All arrays agree bit for bit alone, among others, and twice; with the loop's to rounding."""
    assert choose(nets.nets_of("mlp-2x9", nets.PLAIN, 1)[0], nets.PLAIN, nets.SHAPE, COMPILED) == "batched"
    recipe = Recipe(rate=0.05, batch=25, epochs=2, dropout=0.2)
    specs = [spec(seed, recipe, model="alexnet-4", nets=2) for seed in range(2)]
    assert set(map(len, portions(specs, [prepare(each, DIGITS) for each in specs], CPU, COMPILED))) == {1}
    alone, loop = trained(specs, COMPILED), trained(specs, PLAIN)
    monkeypatch.setattr(cohort, "portions", lambda *_: [[0, 1]])
    together, backwards = trained(specs, COMPILED), trained(specs[::-1], COMPILED)
    for run in specs:
        assert differing(alone[run], together[run]) == differing(alone[run], backwards[run]) == []
        np.testing.assert_allclose(alone[run]["trace/loss"], loop[run]["trace/loss"], rtol=1e-4)


def test_what_draws_is_left_to_the_loop() -> None:
    """Dropout within a net would draw other values, and is refused before a step is taken."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(20, 10), nn.Dropout(0.5))
    before = copy.deepcopy(model.state_dict())
    engine = make("compiled", [model], nets.PLAIN, CPU, nets.SHAPE)
    with pytest.raises(NotCompiledError, match=r"ValueError: aten.* draws from a global generator"):
        engine.step(*nets.batch_at(0, 1), {})
    assert all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())


def test_a_full_memory_is_no_reason_to_train_uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing of what can be compiled, and whoever halves cohorts has to know it."""

    def full(*given: object) -> None:
        raise torch.OutOfMemoryError("full")

    monkeypatch.setattr(compiled, "_made", full)
    engine = make("compiled", [nn.Sequential(nn.Flatten(), nn.Linear(20, 9))], nets.PLAIN, CPU, nets.SHAPE)
    with pytest.raises(torch.OutOfMemoryError, match="full"):
        engine.step(*nets.batch_at(0, 1), {})


@pytest.mark.parametrize("switch", ["disable", "suppress_errors"])
def test_steps_that_would_not_be_compiled_are_refused(monkeypatch: pytest.MonkeyPatch, switch: str) -> None:
    """Where torch.compile would run them as they are without a word, they would have the name of compiled ones."""
    monkeypatch.setattr(compiled, "BACKEND", "inductor")
    engine = make("compiled", [nn.Sequential(nn.Flatten(), nn.Linear(20, 10))], nets.PLAIN, CPU, nets.SHAPE)
    with torch._dynamo.config.patch(switch, True), pytest.raises(NotCompiledError, match="switched off"):
        engine.step(*nets.batch_at(0, 1), {})


PLAN = Plan(
    base=spec(recipe=Recipe(rate=0.05, batch=30, epochs=1), model="alexnet-4"),
    conditions={"small": {}, "stacked": {"model": "mlp-1x4"}},
)


def test_runs_that_cannot_be_compiled_have_the_names_of_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are trained, told and found again as the loop's, and none has the name of a compiled run."""

    def broken(graph: nn.Module, device: torch.device) -> Any:
        raise RuntimeError("no compiler\nwas found")

    made = compiled._made
    monkeypatch.setattr(compiled, "_made", broken)
    told: list[str] = []
    first = Laboratory(tmp_path, tmp_path, CPU, announce=told.append, arithmetic=COMPILED)
    wanted = first.key(PLAN.specs([0])["small"][0])
    runs = first.runs(PLAN, [0])
    (reason,) = first.uncompiled.values()
    assert reason in told
    assert reason.startswith("steps of alexnet-4 are not compiled: ")
    assert "no compiler" in reason
    small, stacked = (each[0] for each in runs.specs.values())
    assert runs.arrays(small)["stopped"].tolist() == [1]
    assert runs.entries[runs.keys[small]].facts["arithmetic"] == "float32"
    assert runs.entries[runs.keys[stacked]].facts["arithmetic"] == "float32, compiled"
    plain = Laboratory(tmp_path, tmp_path, CPU)
    assert runs.keys[small] == plain.key(small)
    assert first.store.load(wanted) is None
    assert Laboratory(tmp_path, tmp_path, CPU, arithmetic=COMPILED).runs(PLAN, [0]).trained == 0
    monkeypatch.setattr(compiled, "_made", made)
    again = Laboratory(tmp_path, tmp_path, CPU, arithmetic=COMPILED)
    assert again.runs(PLAN, [0]).trained == 1
    assert again.key(small) == wanted


def test_names_tell_the_arithmetic(tmp_path: Path) -> None:
    """Of runs all of it, of generators the precision; on a CPU, what is usual has the name that it always had."""
    ways = (PLAIN, COMPILED, Arithmetic("bfloat16"), Arithmetic("bfloat16", compiled=True))
    run, generator = PLAN.specs([0])["small"][0], GeneratorSpec(data="digits", kind="pca", latent=4)
    named = [Laboratory(tmp_path, tmp_path, CPU, arithmetic=how) for how in ways]
    assert len({each.key(run) for each in named}) == 4
    assert len({each.key(generator) for each in named}) == 2
    assert named[0].key(run) == Laboratory(tmp_path, tmp_path, CPU).key(run)
    assert arithmetic_of("cpu") == PLAIN
    assert arithmetic_of("cuda:1") == Arithmetic("tf32", compiled=True)
    assert arithmetic_of("cuda", "float32", "no") == PLAIN


def test_the_engine_that_is_chosen() -> None:
    """Stacks stay stacks but in bfloat16; a user's layers and optimizers stay in the loop."""

    class Own(nn.Linear):
        pass

    mlp, wide = nets.nets_of("mlp-1x4", nets.PLAIN, 1)[0], convolutional(1)[0]
    own = nn.Sequential(nn.Flatten(), Own(20, 10))
    half = Arithmetic("bfloat16")
    assert [choose(mlp, nets.PLAIN, nets.SHAPE, how) for how in (PLAIN, COMPILED, half)] == ["batched"] * 2 + ["loop"]
    assert [choose(wide, nets.PLAIN, WIDE, how) for how in (PLAIN, COMPILED)] == ["loop", "compiled"]
    assert choose(own, nets.PLAIN, nets.SHAPE, COMPILED) == "loop"
    assert choose(wide, replace(nets.PLAIN, optimizer="some.module:factory"), WIDE, COMPILED) == "loop"
    assert isinstance(make("compiled", [wide], nets.PLAIN, CPU, WIDE), Compiled)
