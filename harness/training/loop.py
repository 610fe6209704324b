"""The loop: nets as modules of their own, trained one after another, by autograd."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from memorization_claims.models import noise
from memorization_claims.models.plain import is_torchs_own
from memorization_claims.spec.recipe import Recipe
from memorization_claims.training import optimizer
from memorization_claims.training.draws import Draws
from memorization_claims.training.layers import Drawn
from memorization_claims.training.own import Own
from memorization_claims.training.products import products


class Loop:
    """Some nets.

    Args:
        models: one module for each net, on the CPU.
        recipe: how steps are taken.
        device: where the nets are put.
        seeds: for each net, of what it draws from torch's global generators in training; None leaves these alone.
        half: whether steps are taken under autocast to bfloat16; parameters and their gradients stay as they are.
    """

    def __init__(
        self,
        models: list[nn.Module],
        recipe: Recipe,
        device: torch.device,
        seeds: Sequence[int] | None,
        *,
        half: bool = False,
    ) -> None:
        self._recipe, self._device, self._half = recipe, device, half
        self._models = [model.to(device) for model in models]
        # A forward of a user's may flatten by `view`, which takes no images in that order.
        self._channels_last = is_torchs_own(models[0])
        if self._channels_last:
            self._models = [model.to(memory_format=torch.channels_last) for model in self._models]
        self._trained: list[list[Tensor]] = [
            [parameter for parameter in model.parameters() if parameter.requires_grad] for model in self._models
        ]
        self._own: list[Own] = []
        self._states: list[optimizer.State] = []
        self._draws = [Draws(seed, device) for seed in seeds or ()]

    def logits(self, inputs: Tensor) -> Tensor:
        """Logits in evaluation mode, differentiable in the inputs: (nets, examples, classes)."""
        self._evaluate()
        given = [model(self._laid_out(x)) for model, x in zip(self._models, inputs, strict=True)]
        return torch.stack([out.float() if out.dtype in (torch.float16, torch.bfloat16) else out for out in given])

    def products(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Inner products of the gradients of each net's examples, in evaluation mode: (nets, examples, examples)."""
        self._evaluate()
        batches = zip(self._models, inputs, labels, strict=True)
        return torch.stack([products(model, self._laid_out(x), y) for model, x, y in batches])

    def step(
        self, inputs: Tensor, labels: Tensor, drawn: Drawn, scale: float = 1.0, shares: Tensor | None = None
    ) -> None:
        """One step of training on the mean cross-entropy of each net's batch, or on a sum with other shares."""
        self._begin()
        for net, model in enumerate(self._models):
            model.train()
            own = {name: [each[net] for each in passes] for name, passes in drawn.items()}
            with self._draws[net].own() if self._draws else nullcontext():
                self._advance(net, scale, inputs[net], labels[net], own, shares)

    def _advance(
        self,
        net: int,
        scale: float,
        inputs: Tensor,
        labels: Tensor,
        drawn: dict[str, list[Tensor]],
        shares: Tensor | None,
    ) -> None:
        """A step of one net on its batch."""

        def loss() -> Tensor:
            return self._loss(self._models[net], inputs, labels, drawn, shares)

        if self._own:
            self._own[net].step(scale, loss)
        else:
            self._step(net, scale, loss())

    def _begin(self) -> None:
        """Make the optimizers at the first step: nets that are only measured need none."""
        if self._own or self._states:
            return
        if ":" in self._recipe.optimizer:
            self._own = [Own(self._recipe, parameters) for parameters in self._trained]
        else:
            self._states = [optimizer.State(self._recipe, parameters) for parameters in self._trained]

    def _loss(
        self,
        model: nn.Module,
        inputs: Tensor,
        labels: Tensor,
        drawn: dict[str, list[Tensor]],
        shares: Tensor | None,
        tensors: dict[str, Tensor] | None = None,
    ) -> Tensor:
        """The loss of a batch, with the net's own parameters and buffers or with others by name."""
        for name, layer in noise.layers(model).items() if drawn else ():
            layer.give(drawn[name])
        with torch.autocast(self._device.type, torch.bfloat16) if self._half else nullcontext():
            images = self._laid_out(inputs)
            outputs: Tensor = functional_call(model, tensors, (images,)) if tensors else model(images)
        if self._half:
            outputs = outputs.float()
        if shares is None:
            return cross_entropy(outputs, labels)
        weighted: Tensor = cross_entropy(outputs, labels, reduction="none") @ shares
        return weighted

    def _step(self, net: int, scale: float, loss: Tensor) -> None:
        loss.backward()  # type: ignore[no-untyped-call]
        parameters = self._trained[net]
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        optimizer.step(self._recipe, self._recipe.rate_at(0) * scale, parameters, gradients, self._states[net])
        for parameter in parameters:
            parameter.grad = None

    def _evaluate(self) -> None:
        for own in self._own:
            own.evaluate()
        for model in self._models:
            model.eval()

    def _laid_out(self, values: Tensor) -> Tensor:
        images = self._channels_last and values.dim() == 4
        return values.contiguous(memory_format=torch.channels_last) if images else values

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only."""
        for kept in ("_models", "_trained", "_own", "_states", "_draws"):
            if members := getattr(self, kept):
                setattr(self, kept, [members[net] for net in nets.tolist()])

    def held(self, net: int) -> list[Tensor]:
        """All that a net goes on from, in place, but for what a user's optimizer remembers."""
        self._begin()
        model, draws = self._models[net], self._draws[net].held() if self._draws else ()
        return [*model.parameters(), *model.buffers(), *self._states[net].held(), *draws]

    def settle(self) -> None:
        """Take note that what is held was written anew."""
        for state in self._states:
            state.settle()

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        """Parameters and persistent buffers of these nets by name, (nets, ...); copies."""
        self._evaluate()
        states = [self._models[net].state_dict() for net in nets.tolist()]
        return {key: torch.stack([state[key] for state in states]).contiguous() for key in states[0]}
