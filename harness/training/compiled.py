"""The compiled engine: the loop, whose steps are each one function that torch.compile has made.

A step, forward, loss, backward and optimizer, is traced once into operations of ATen's, as a function of parameters,
moments, buffers, rate and batch that changes none of them: so nets of one architecture share one function, also across
cohorts, and what it returns is copied over what a net holds. On a GPU it is replayed as a CUDA graph, at the cost of
these copies. Noise is drawn outside, by the trainer, and handed in.

Nothing is chosen by timing, so that one seed gives the same bits again. What draws from torch's global generators, as
nn.Dropout does, is left to the loop: compiled, it would draw other values.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from memorization_claims.errors import NotCompiledError
from memorization_claims.training import optimizer
from memorization_claims.training.loop import Loop

BACKEND: Any = "inductor"
"""Of torch.compile; None calls what was traced as it is."""
Function = Callable[..., list[Tensor]]
CALLS = 3
"""On a GPU a function is run, captured as a graph, and replayed: each may be what fails."""
MOST = 16
"""Functions that are kept."""
_functions: dict[object, Function] = {}
"""Those of this process, by all that decides what they do."""


class Compiled(Loop):
    """Nets of one architecture; see `Loop`.

    Raises:
        NotCompiledError: at a step on a batch of a new size, before any net has taken it.
    """

    def __init__(self, models: list[nn.Module], *others: Any, **options: Any) -> None:
        super().__init__(models, *others, **options)
        self._anatomy = _anatomy(models[0])
        self._own_functions: dict[object, Function] = {}

    @torch.no_grad()
    def _advance(
        self,
        net: int,
        scale: float,
        inputs: Tensor,
        labels: Tensor,
        drawn: dict[str, list[Tensor]],
        shares: Tensor | None,
    ) -> None:
        model, state = self._models[net], self._states[net]
        moments = [moment for moments in state.moments for moment in moments]
        held = [*(p.detach() for p in self._trained[net]), *moments, state.counted, *model.buffers()]
        frozen = [p for p in model.parameters() if not p.requires_grad]
        rate = torch.full((), self._recipe.rate_at(0) * scale, dtype=torch.float64, device=self._device)
        noise = [each for passes in drawn.values() for each in passes]
        given = [*held, *frozen, rate, inputs, labels, *([] if shares is None else [shares]), *noise]

        def take(*given: Tensor) -> list[Tensor]:
            return self._taken(net, given, drawn, shares is not None)

        _begin_step(self._device)
        after = self._function((len(labels), shares is None), take, given)(*given)
        for dtype in dict.fromkeys(each.dtype for each in held):
            own = [place for place, each in enumerate(held) if each.dtype == dtype]
            torch._foreach_copy_([held[place] for place in own], [after[place] for place in own])
        state.steps += self._recipe.optimizer == "adam"

    def _taken(self, net: int, given: Sequence[Tensor], drawn: dict[str, list[Tensor]], weighted: bool) -> list[Tensor]:
        """What a net holds after a step, from what it is given; its module lends the architecture alone."""
        model, left = self._models[net], iter(given)
        parameters = [next(left).detach().requires_grad_() for _ in self._trained[net]]
        moments = [[next(left) for _ in parameters] for _ in self._states[net].moments]
        counted, buffers = next(left), {name: next(left).clone() for name, _ in model.named_buffers()}
        own, names = iter(parameters), [(name, p.requires_grad) for name, p in model.named_parameters()]
        frozen = {name: next(left) for name, trained in names if not trained}
        rate, inputs, labels = (next(left) for _ in range(3))
        shares = next(left) if weighted else None
        noise = {name: [next(left) for _ in passes] for name, passes in drawn.items()}
        tensors = {name: next(own) for name, trained in names if trained} | frozen | buffers
        with torch.enable_grad():
            loss = self._loss(model, inputs, labels, noise, shares, tensors)
            gradients = torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)
        new, moments, counted = optimizer.stepped(self._recipe, rate, parameters, gradients, moments, counted)
        # A copy: no result is what was given.
        return [*new, *(each for moment in moments for each in moment), counted.clone(), *buffers.values()]

    def _function(self, batch: object, take: Function, given: list[Tensor]) -> Function:
        """The compiled step on batches of a kind."""
        if batch not in self._own_functions:
            recipe = self._recipe
            optimizing = (recipe.optimizer, recipe.momentum, recipe.weight_decay)
            sizes = tuple((each.shape, each.stride(), each.dtype) for each in given)
            what = (self._anatomy, self._device, self._half, BACKEND, optimizing, batch, sizes)
            if what not in _functions:
                if len(_functions) == MOST:
                    _functions.clear()
                _functions[what] = _compiled(take, given, self._device)
            self._own_functions[batch] = _functions[what]
        return self._own_functions[batch]


def _compiled(take: Function, given: list[Tensor], device: torch.device) -> Function:
    """Compile a function of tensors, and call it.

    Raises:
        NotCompiledError: whatever goes wrong in it, but for a full memory.
        torch.OutOfMemoryError: the memory is full.
    """
    from torch.fx.experimental.proxy_tensor import make_fx  # it takes a while, and sessions on a CPU need none

    try:
        with warnings.catch_warnings():
            # The compiler's own tell a user nothing; those of operations in no fixed order are recorded.
            warnings.filterwarnings("ignore", message="(?!.*deterministic)")
            graph = make_fx(take)(*given)
            for node in graph.graph.nodes:
                if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
                    raise ValueError(f"{node.target} draws from a global generator")
            made = _made(graph, device)
            for _ in range(CALLS if device.type == "cuda" else 1):
                _begin_step(device)
                made(*given)
    except torch.OutOfMemoryError:
        raise  # of a device that others use, perhaps: what can be compiled is not known by it
    except Exception as error:
        # A compiler's message names the backend first, and what went wrong in it after that.
        raise NotCompiledError(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}") from error

    def function(*given: Tensor) -> list[Tensor]:  # a plain function, which engines that are copied share
        after: list[Tensor] = made(*given)
        return after

    return function


def _begin_step(device: torch.device) -> None:
    """Let the next call of a CUDA graph write over what the last one returned."""
    if device.type == "cuda":
        torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]


def _made(graph: nn.Module, device: torch.device) -> Any:
    if BACKEND is None:
        return graph
    switched_off = torch._dynamo.config.disable or os.environ.get("TORCHDYNAMO_DISABLE") == "1"
    if switched_off or torch._dynamo.config.suppress_errors:
        raise ValueError("torch.compile is switched off, or told to go on uncompiled after an error")
    options: dict[str, Any] = {"deterministic": True, "triton.cudagraphs": device.type == "cuda"}
    return torch.compile(graph, dynamic=False, backend=BACKEND, options=options if BACKEND == "inductor" else None)


def _anatomy(model: nn.Module) -> str:
    """All that decides what a net computes beside its tensors: equal for nets that may share a function."""
    passing = ("_parameters", "_buffers", "_modules", "training", "_drawn", "_passes")
    return repr(
        [
            (name, type(layer), {key: value for key, value in vars(layer).items() if key not in passing})
            for name, layer in model.named_modules()
        ]
    )
