"""A user's model and optimizer, tried out as they will be used, before anything is trained.

In training mode at the sizes of batches and in evaluation mode at those of evaluations; with steps of the optimizer,
with the derivatives that measures take, and with what is kept of the net put into another. What does not hold is one
line: what was called, with what, what came back, what is legal.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError
from memorization_claims.models.build import build, check_logits
from memorization_claims.spec.run import RunSpec
from memorization_claims.spec.user_code import user_code
from memorization_claims.training.draws import Draws, none_but_torchs
from memorization_claims.training.engine import Engine, choose, make
from memorization_claims.training.pool import CPU_EVALUATION_EXAMPLES, EVALUATION_EXAMPLES

QUIET: dict[str, Any] = dict.fromkeys(("dropout", "input_dropout", "input_noise", "hidden_noise", "adversarial"), 0.0)
CLOSE = 0.02
"""Logits count as the same where they differ by less than this share of the largest: half precision rounds as much."""


def try_out(spec: RunSpec, data: Dataset, examples: int, device: torch.device) -> None:
    """Refuse a user's model or optimizer that cannot be trained and measured.

    Args:
        spec: of a run, which names them.
        data: some of the run's, at least two examples.
        examples: how many training examples the run has, which decides the sizes of its batches.
        device: where it is trained.

    Raises:
        SettingError: in one line, for the first thing that does not hold.
    """
    spec = replace(spec, recipe=replace(spec.recipe, **QUIET))
    trial = _Trial(spec, data, device)
    batch = min(spec.recipe.batch, examples)
    for size in dict.fromkeys((batch, examples % batch or batch)):
        trial.training(min(size, len(data.labels)))
    trial.steps(min(batch, len(data.labels)))
    for size in dict.fromkeys((min(len(data.labels), _portion(device)), 2)):
        trial.evaluation(size)
    trial.derivatives()
    trial.kept()


def _portion(device: torch.device) -> int:
    return CPU_EVALUATION_EXAMPLES if device.type == "cpu" else EVALUATION_EXAMPLES


class _Trial:
    """One net and its optimizer."""

    def __init__(self, spec: RunSpec, data: Dataset, device: torch.device) -> None:
        self._spec, self._classes = spec, data.classes
        self._model = f"model {spec.model!r}"
        self._inputs, self._labels = data.inputs.to(device), data.labels.to(device)
        with user_code(f"{self._model}, copied by copy.deepcopy,"):
            net = deepcopy(self._built())
        self._draws = Draws(0, device)
        self._alone = deepcopy(net).to(device)
        shape = data.inputs.shape[1:]
        self._engine: Engine = make(choose(net, spec.recipe, shape), [net], spec.recipe, device, shape, [0])

    def _built(self) -> nn.Module:
        channels, height, width = self._inputs.shape[1:]
        return build(self._spec, (channels, height, width), self._classes)

    def _given(self, size: int, mode: str) -> str:
        return f"{self._model}, given inputs of shape {(size, *self._inputs.shape[1:])} in {mode} mode,"

    def training(self, size: int) -> None:
        """A forward and a backward pass of a batch, as plain PyTorch makes them."""
        with self._draws.own(), none_but_torchs(self._model):
            with user_code(self._given(size, "training")):
                out = self._alone.train()(self._inputs[:size])
            check_logits(out, self._spec.model, "training", (size, self._classes))
            with user_code(f"the backward pass of {self._given(size, 'training')}"):
                cross_entropy(out, self._labels[:size]).backward()  # type: ignore[no-untyped-call]

    def steps(self, size: int) -> None:
        """Steps of the optimizer."""
        inputs, labels = self._inputs[None, :size], self._labels[None, :size]
        own = ":" in self._spec.recipe.optimizer
        what = f"optimizer {self._spec.recipe.optimizer!r}" if own else self._model
        with user_code(f"{what}, taking steps on batches of {size},"), none_but_torchs(what):
            for _ in range(2):
                self._engine.step(inputs, labels, {}, self._spec.recipe.decay)

    def evaluation(self, size: int) -> None:
        """Logits in evaluation mode: the same when asked again, and each example's in any company."""
        with user_code(self._given(size, "evaluation")):
            first, again = self._logits(size), self._logits(size)
            all_of_them = self._logits(len(self._inputs))[:, :size]
        check_logits(first[0], self._spec.model, "evaluation", (size, self._classes))
        if not torch.equal(first.nan_to_num(), again.nan_to_num()):
            raise SettingError(
                f"{self._model} gives the same inputs other logits when asked again in evaluation mode; legal is a net "
                "that draws nothing there"
            )
        if not _close(first, all_of_them):
            raise SettingError(
                f"{self._model} gives an example other logits in other company in evaluation mode; legal is a net that "
                "takes each example by itself, as with running statistics in batch norm"
            )

    def derivatives(self) -> None:
        """The gradient in the inputs, and those in the parameters where the run records measures of them."""
        points = self._inputs[None, :2].clone().requires_grad_()
        with user_code(f"the gradient of {self._model} in its inputs"), torch.enable_grad():
            logits = self._engine.logits(points)
            uphill = torch.autograd.grad(logits.sum(), points, allow_unused=True)[0] if logits.requires_grad else None
        if uphill is None:
            raise SettingError(
                f"{self._model} gives logits that do not depend on its inputs by anything that can be differentiated; "
                "legal is a forward of differentiable operations, without detach or no_grad"
            )
        if self._spec.record.gradient_probes:
            with user_code(f"the gradients of single examples in the parameters of {self._model}"):
                self._engine.products(self._inputs[None, :2], self._labels[None, :2])

    def kept(self) -> None:
        """The weights that are kept give another net the same logits."""
        weights = self._engine.weights(torch.tensor([0], device=self._inputs.device))
        other = self._built().to(self._inputs.device)
        with user_code(f"{self._model}, given weights that it had,"):
            other.load_state_dict({name: tensor[0] for name, tensor in weights.items()})
        restored = make("loop", [other], self._spec.recipe, self._inputs.device, self._inputs.shape[1:])
        if not _close(restored.logits(self._inputs[None]), self._logits(len(self._inputs))):
            raise SettingError(
                f"{self._model} has a state that is not kept, without which it gives other logits; legal are "
                "parameters and persistent buffers"
            )

    @torch.no_grad()
    def _logits(self, size: int) -> Tensor:
        return self._engine.logits(self._inputs[None, :size])


def _close(first: Tensor, second: Tensor) -> bool:
    """Whether they are the same but for rounding; a net that has diverged is not told from another."""
    finite = first.isfinite() & second.isfinite()
    return bool(((first - second).abs() <= CLOSE * second.abs().amax())[finite].all())
