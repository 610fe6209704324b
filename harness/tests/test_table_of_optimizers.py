"""Optimizers that people have: each trains as in a plain PyTorch loop, or is refused by a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import SettingError
from memorization_claims.models.mlp import mlp
from memorization_claims.spec.recipe import Recipe
from memorization_claims.tests.plain_loop import losses, same
from memorization_claims.tests.training_samples import CPU, DIGITS, differing, spec, trained
from memorization_claims.training.own import Own
from memorization_claims.training.trial import try_out

Parameters = Iterable[Tensor]
HERE = __name__


def grouped(parameters: Parameters) -> torch.optim.Optimizer:
    """A group that rests, and one with a rate of its own, as fine-tuning has them."""
    parameters = list(parameters)
    groups = [{"params": parameters[:1], "lr": 0.0}, {"params": parameters[1:], "lr": 0.02, "momentum": 0.9}]
    return torch.optim.SGD(groups, lr=0.1)


def nesterov(parameters: Parameters, rate: float = 0.03) -> torch.optim.Optimizer:
    """One that takes a rate and has one."""
    return torch.optim.SGD(parameters, lr=rate, momentum=0.9, nesterov=True)


def clipped(parameters: Parameters, rate: float) -> torch.optim.Optimizer:
    """One that takes a rate and has none; its first steps are hooks'."""
    parameters = list(parameters)
    made = torch.optim.AdamW(parameters, lr=rate)

    def clip(*_: object) -> None:
        torch.nn.utils.clip_grad_norm_(parameters, 0.1)

    made.register_step_pre_hook(clip)
    return made


class Noisy(torch.optim.SGD):
    """Stochastic gradient Langevin dynamics: it draws noise."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """A step, and noise."""
        loss = super().step(closure)
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.add_(torch.randn_like(parameter), alpha=1e-3)
        return loss


def noisy(parameters: Parameters) -> torch.optim.Optimizer:
    """At 0.05."""
    return Noisy(parameters, lr=0.05)


class Sharp(torch.optim.SGD):
    """Sharpness-aware minimisation: it needs the loss twice a step."""

    @torch.no_grad()
    def step(self, closure: Callable[[], float]) -> float:  # type: ignore[override]
        """A step along the gradient at the worst place close by."""
        with torch.enable_grad():
            closure()
        moved = [(p, 0.05 * p.grad.sign()) for group in self.param_groups for p in group["params"]]
        for parameter, by in moved:
            parameter.add_(by)
        with torch.enable_grad():
            loss = closure()
        for parameter, by in moved:
            parameter.sub_(by)
        super().step()
        return loss


def sharp(parameters: Parameters) -> torch.optim.Optimizer:
    """At 0.05."""
    return Sharp(parameters, lr=0.05)


class Averaged(torch.optim.SGD):
    """Weights to train with and others to be judged with, as schedule-free optimizers have them."""

    def train(self) -> None:
        """Put the weights that are trained in place."""
        self._exchange("fast")

    def eval(self) -> None:
        """Put their average in place."""
        self._exchange("slow")

    @torch.no_grad()
    def _exchange(self, wanted: str) -> None:
        for parameter in (p for group in self.param_groups for p in group["params"]):
            held = self.state[parameter]
            if held.get("now", "slow") != wanted:
                other = held.get(wanted, parameter.clone())
                held["fast" if wanted == "slow" else "slow"], held["now"] = parameter.clone(), wanted
                if wanted == "slow":
                    other = other.lerp(parameter, 0.3)
                parameter.copy_(other)


def averaged(parameters: Parameters) -> torch.optim.Optimizer:
    """At 0.05."""
    return Averaged(parameters, lr=0.05)


def newton(parameters: Parameters) -> torch.optim.Optimizer:
    """A quasi-Newton method, which asks for the loss as often as it likes."""
    return torch.optim.LBFGS(parameters, lr=0.1, max_iter=3)


def two_sided(parameters: Parameters) -> torch.optim.Optimizer:
    """Matrices by Muon alone."""
    return torch.optim.Muon(parameters, lr=0.01)


def sparse(parameters: Parameters) -> torch.optim.Optimizer:
    """For embeddings alone."""
    return torch.optim.SparseAdam(parameters)


def forgotten(parameters: Parameters) -> None:
    """Returns nothing."""


def rateless(parameters: Parameters) -> torch.optim.Optimizer:
    """Names its rate otherwise than schedules know."""
    made = torch.optim.SGD(parameters, lr=0.01)
    made.param_groups[0].pop("lr")
    return made


TRAINED: dict[str, Any] = {
    "torch.optim:AdamW": torch.optim.AdamW,
    "torch.optim:Adagrad": torch.optim.Adagrad,
    "torch.optim:Adadelta": torch.optim.Adadelta,
    "torch.optim:Adamax": torch.optim.Adamax,
    "torch.optim:NAdam": torch.optim.NAdam,
    "torch.optim:RAdam": torch.optim.RAdam,
    "torch.optim:RMSprop": torch.optim.RMSprop,
    "torch.optim:Rprop": torch.optim.Rprop,
    "torch.optim:ASGD": torch.optim.ASGD,
    "torch.optim:Adafactor": torch.optim.Adafactor,
    f"{HERE}:newton": newton,
    f"{HERE}:grouped": grouped,
    f"{HERE}:nesterov": nesterov,
    f"{HERE}:noisy": noisy,
    f"{HERE}:sharp": sharp,
    f"{HERE}:averaged": averaged,
}


def net(shape: tuple[int, int, int], classes: int) -> nn.Module:
    """An MLP of the harness."""
    return mlp(shape, classes, depth=1, width=13)


def own(name: str, rate: float | None = None, **recipe: Any) -> Recipe:
    """A recipe with an optimizer of a user's."""
    return Recipe(rate=rate, batch=9, epochs=4, optimizer=name, **recipe)


@pytest.mark.parametrize("decay", [1.0, 0.5])
@pytest.mark.parametrize("name", TRAINED)
def test_it_trains_as_in_a_plain_loop(name: str, decay: float) -> None:
    """At its own rates, by group; a schedule scales them as one of PyTorch's does."""
    run = spec(recipe=own(name, decay=decay))
    same(trained([run])[run], losses(run, net, TRAINED[name], decay, closure=TRAINED[name] in (newton, sharp)))


@pytest.mark.parametrize(
    ("name", "keyword"), [("torch.optim:AdamW", "lr"), (f"{HERE}:nesterov", "rate"), (f"{HERE}:clipped", "rate")]
)
def test_a_rate_that_is_given_is_the_factorys(name: str, keyword: str) -> None:
    """By the name that the factory has for it, or in the place of an argument without a default."""
    factory = {**TRAINED, f"{HERE}:clipped": clipped}[name]
    run = spec(recipe=own(name, 0.01))
    same(trained([run])[run], losses(run, net, lambda parameters: factory(parameters, **{keyword: 0.01})))


def test_weight_decay_is_added_to_its_gradients() -> None:
    """The recipe's, as to those of sgd."""
    run = spec(recipe=own(f"{HERE}:nesterov", weight_decay=0.1))

    def steps(parameters: Parameters) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=0.03, momentum=0.9, nesterov=True, weight_decay=0.1)

    same(trained([run])[run], losses(run, net, steps))


@pytest.mark.parametrize("name", [f"{HERE}:noisy", f"{HERE}:averaged"])
def test_a_net_is_alone_with_it(name: str) -> None:
    """The same bits in company as alone, though it draws or has weights beside those that it trains."""
    specs = [spec(seed, recipe=own(name), nets=2) for seed in range(2)]
    together = trained(specs)
    assert all(differing(trained([run])[run], together[run]) == [] for run in specs)


LEGAL = "legal is a torch.optim.Optimizer"
REFUSED = [
    (own(f"{HERE}:absent"), f"optimizer '{HERE}:absent': {HERE} has no callable 'absent'"),
    (own(f"{HERE}:forgotten"), f"optimizer '{HERE}:forgotten' returned None; {LEGAL}"),
    (
        own(f"{HERE}:two_sided"),
        f"optimizer '{HERE}:two_sided', called as factory(parameters), raised ValueError: Muon only supports 2D "
        "parameters whereas we found a parameter with size: torch.Size([13]) (test_table_of_optimizers.py, line ",
    ),
    (
        own(f"{HERE}:sparse"),
        f"optimizer '{HERE}:sparse', taking steps on batches of 9, raised RuntimeError: SparseAdam does not support "
        "dense gradients, please consider Adam instead",
    ),
    (
        own(f"{HERE}:clipped"),
        f"optimizer '{HERE}:clipped' takes a rate and has none of its own; give one with --claims-rate (in a recipe: "
        "rate), or let its factory have a default, as rate=0.001",
    ),
    (
        own(f"{HERE}:grouped", 0.1),
        f"optimizer '{HERE}:grouped' takes no rate, and 0.1 was given; leave --claims-rate out (in a recipe: "
        "rate=None), or let its factory be factory(parameters, rate)",
    ),
    (
        own(f"{HERE}:rateless", decay=0.5),
        f"optimizer '{HERE}:rateless' has no rate 'lr' that a schedule could scale",
    ),
]


@pytest.mark.parametrize(("recipe", "message"), REFUSED, ids=lambda value: getattr(value, "optimizer", ""))
def test_it_is_refused_in_a_line(recipe: Recipe, message: str) -> None:
    """Before anything is trained: what was called, with what, what came back, what is legal."""
    run = spec(recipe=recipe)
    with pytest.raises(SettingError) as told:
        try_out(run, prepare(run, DIGITS), 60, CPU)
    assert str(told.value).startswith(message)
    assert "\n" not in str(told.value)


def test_what_trains_passes_the_trial() -> None:
    """Trials refuse none of those that train."""
    for name in TRAINED:
        run = spec(recipe=own(name, decay=0.9))
        try_out(run, prepare(run, DIGITS), 60, CPU)


def test_no_gradient_stays_behind() -> None:
    """Neither of a step nor of a trial."""
    parameters = [torch.ones(3, requires_grad=True)]
    optimizer = Own(own(f"{HERE}:nesterov"), list(parameters))
    optimizer.step(1.0, lambda: parameters[0].sum())
    assert parameters[0].grad is None
