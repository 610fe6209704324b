"""One net of a run, whose calls are counted: on the meta device, where tensors have shapes and no numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any, Literal

import torch
from torch import Tensor

from memorization_claims.models import noise
from memorization_claims.models.build import build
from memorization_claims.price.sizes import Shape
from memorization_claims.price.work import Work, work
from memorization_claims.spec.arithmetic import arithmetic_of
from memorization_claims.spec.asked import asked
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.engine import choose, make
from memorization_claims.training.lass import lass
from memorization_claims.training.portions import side_by_side
from memorization_claims.training.trace import probe

Kind = Literal["cpu", "cuda"]
KINDS: tuple[Kind, ...] = ("cpu", "cuda")
META = torch.device("meta")
_ON_META = torch.library.Library("aten", "IMPL", "Meta")  # type: ignore[no-untyped-call]
for _update in ("_fused_sgd_", "_fused_adam_"):  # in place, so that there is no shape to tell; torch has none of these
    if not torch._C._dispatch_has_kernel_for_dispatch_key(f"aten::{_update}", "Meta"):
        _ON_META.impl(_update, lambda *_, **__: None)  # type: ignore[no-untyped-call]
ALIKE: dict[str, Any] = {
    **{"epochs": 1, "stop_accuracy": None, "decay": 1.0, "decay_every": 1},
    **{"crop": 0, "flip": False, "adversarial_radius": 0.0, "adversarial_steps": 1},
}
"""What changes no call of a net."""


class Net:
    """A net and its engine."""

    def __init__(self, spec: RunSpec, shape: Shape, classes: int, device: torch.device) -> None:
        model = build(spec, shape, classes)
        self.parameters: int = sum(each.numel() for each in model.parameters())
        self.state: int = sum(each.numel() * each.element_size() for each in model.state_dict().values())
        """Bytes of parameters and buffers."""
        engine = choose(model, spec.recipe, shape)
        self.stacked = engine == "batched"
        """Whether nets are trained side by side, each operation one for all of them."""
        self.compiled = choose(model, spec.recipe, shape, arithmetic_of("cuda")) == "compiled"
        """Whether a step is a few launches on a GPU."""
        self.side_by_side = {kind: side_by_side(model, torch.device(kind)) for kind in KINDS}
        """How many then, at most."""
        self._noise, self._shape, self._classes, self._device = noise.layers(model), shape, classes, device
        self._weighted = bool(spec.recipe.adversarial)
        self._engine = make(engine, [model], spec.recipe, device, shape)
        self._counted: dict[object, Work] = {}
        self.step(2)  # the optimizer makes its state at its first step

    def step(self, examples: int) -> Work:
        """A step of training on so many examples."""
        drawn = {
            name: [torch.ones(1, examples, *shape, device=self._device) for shape in layer.shapes]
            for name, layer in self._noise.items()
        }
        inputs, labels = self._batch(examples)
        shares = torch.ones(examples, device=self._device) if self._weighted else None
        return self._count(("step", examples), lambda: self._engine.step(inputs, labels, drawn, 1.0, shares))

    def logits(self, examples: int) -> Work:
        """Logits in evaluation mode."""
        inputs, _ = self._batch(examples)
        return self._count(("logits", examples), torch.no_grad()(lambda: self._engine.logits(inputs)))

    def slope(self, examples: int) -> Work:
        """Logits, and the gradient of a sum of them in the inputs."""
        points = self._batch(examples)[0].requires_grad_()
        return self._count(("slope", examples), lambda: torch.autograd.grad(self._engine.logits(points).sum(), points))

    def products(self, examples: int) -> Work:
        """Inner products of the examples' gradients in the parameters."""
        inputs, labels = self._batch(examples)
        return self._count(("products", examples), lambda: self._engine.products(inputs, labels))

    def search(self, examples: int, steps: int) -> Work:
        """The search for critical samples around so many examples, to its last step."""

        def alike(points: Tensor) -> Tensor:
            return points.flatten(2).sum(-1, keepdim=True).expand(-1, -1, self._classes)

        # What the search does beside asking the net, on the CPU: it looks at numbers. Of zero width, it finds nothing.
        inputs, streams = torch.zeros(1, examples, *self._shape), [torch.Generator()]
        call = partial(lass, alike, inputs, radius=0.0, generators=streams, steps=steps)
        beside = self._count(("search", examples, steps), call)
        drawn = Work(drawn=float(steps * inputs.numel()))
        return beside + drawn + self.slope(examples) * steps + self.logits(examples)

    def probe(self, name: str, examples: int) -> tuple[Work, int]:
        """A measure that is taken on training examples, and how many images it gives to the net."""
        inputs, labels = self._batch(examples)
        given = 0

        def logits(points: Tensor) -> Tensor:
            nonlocal given
            given += points.shape[1]
            return self._engine.logits(points)

        function = probe(name)
        try:
            return work(lambda: function(logits, inputs, **asked(function, labels=labels))), given
        except RuntimeError:  # a measure that looks at numbers
            return self.slope(examples), examples

    def _batch(self, examples: int) -> tuple[Tensor, Tensor]:
        inputs = torch.zeros(1, examples, *self._shape, device=self._device)
        return inputs, torch.zeros(1, examples, dtype=torch.int64, device=self._device)

    def _count(self, what: object, call: Callable[[], object]) -> Work:
        if what not in self._counted:
            self._counted[what] = work(call)
        return self._counted[what]


def net_of(spec: RunSpec, shape: Shape, classes: int) -> Net:
    """The net of a run; runs that differ in what changes no call share one.

    Args:
        spec: of the run.
        shape: (channels, height, width) of an input.
        classes: number of logits.

    Raises:
        SettingError: for an unknown model or one that cannot be built so.
        UnfitDataError: for images that are too small for it.
        UndecidableError: where the recipe's noise has no place in it.
    """
    rate = spec.recipe.rate if ":" in spec.recipe.optimizer else 0.0
    recipe = replace(spec.recipe, rate=rate, weight_decay=float(spec.recipe.weight_decay > 0), **ALIKE)
    return _net(RunSpec(data="", model=spec.model, recipe=recipe), shape, classes)


@cache
def _net(spec: RunSpec, shape: Shape, classes: int) -> Net:
    try:
        return Net(spec, shape, classes, META)
    except RuntimeError:  # a net of the user's that looks at numbers
        return Net(spec, shape, classes, torch.device("cpu"))
