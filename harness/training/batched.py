"""The hand-batched engine: nets of linear layers, ReLU and noise as batched matrix products, with their own backward.

Autograd would keep and allocate what is not needed: written out, a step of 100 nets of 2x64 units takes less than half
the time (harness/benchmarks). Each net's products are separate matrices of the batch, so they do not depend on the
others.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from harness.models.noise import Noise
from harness.spec import Recipe
from harness.training import optimizer


def layers_of(model: nn.Module, prefix: str = "") -> list[tuple[str, nn.Module]] | None:
    """The model as a flat list of named layers that this engine knows; None if it has any other."""
    if isinstance(model, nn.ReLU | nn.Linear | Noise) or (isinstance(model, nn.Flatten) and model.start_dim == 1):
        return [(prefix, model)]
    if type(model) is not nn.Sequential:
        return None
    found: list[tuple[str, nn.Module]] = []
    for name, child in model.named_children():
        below = layers_of(child, f"{prefix}.{name}" if prefix else name)
        if below is None:
            return None
        found += below
    return found


class Batched:
    """Nets as one stack of tensors: weights (nets, outputs, inputs), biases (nets, outputs)."""

    def __init__(self, model: nn.Module, tensors: dict[str, Tensor], recipe: Recipe) -> None:
        layers = layers_of(model)
        assert layers is not None
        self._layers = layers
        self._tensors = tensors
        self._recipe = recipe
        self._gradients = {key: torch.empty_like(tensor) for key, tensor in tensors.items()}
        self._state = optimizer.State(recipe, list(tensors.values()))

    def logits(self, inputs: Tensor) -> Tensor:
        """Logits in evaluation mode, differentiable in the inputs: (nets, examples, classes)."""
        values = inputs
        for name, layer in self._layers:
            if isinstance(layer, nn.Linear):
                values = self._linear(name, values)
            elif not isinstance(layer, Noise):
                values = values.relu() if isinstance(layer, nn.ReLU) else values.flatten(2)
        return values

    @torch.no_grad()
    def step(self, inputs: Tensor, labels: Tensor, drawn: dict[str, Tensor], rate: float) -> None:
        """One step of training on the mean cross-entropy of each net's batch."""
        entering: list[Tensor] = []
        values = inputs
        for name, layer in self._layers:
            entering.append(values)
            if isinstance(layer, nn.Linear):
                values = self._linear(name, values)
            elif isinstance(layer, nn.ReLU):
                values = values.relu()
            elif isinstance(layer, Noise):
                values = layer.apply_to(values, drawn[f"{name}.drawn"])
            else:
                values = values.flatten(2)
        slope = values.softmax(-1)
        slope.scatter_add_(2, labels[..., None], slope.new_full((1, 1, 1), -1.0).expand(*labels.shape, 1))
        self._backward(slope.div_(labels.shape[1]), entering, drawn)
        optimizer.step(self._recipe, rate, list(self._tensors.values()), list(self._gradients.values()), self._state)

    def _linear(self, name: str, values: Tensor) -> Tensor:
        weight = self._tensors[f"{name}.weight"].transpose(1, 2)
        bias = self._tensors.get(f"{name}.bias")
        return torch.bmm(values, weight) if bias is None else torch.baddbmm(bias[:, None], values, weight)

    def _backward(self, slope: Tensor, entering: list[Tensor], drawn: dict[str, Tensor]) -> None:
        """From the loss's slope in the logits to the gradients; `entering` holds each layer's input."""
        first = next(index for index, (_, layer) in enumerate(self._layers) if isinstance(layer, nn.Linear))
        for index in range(len(self._layers) - 1, first - 1, -1):
            (name, layer), values = self._layers[index], entering[index]
            if isinstance(layer, nn.Linear):
                torch.bmm(slope.transpose(1, 2), values, out=self._gradients[f"{name}.weight"])
                if f"{name}.bias" in self._gradients:
                    torch.sum(slope, 1, out=self._gradients[f"{name}.bias"])
                if index > first:
                    slope = torch.bmm(slope, self._tensors[f"{name}.weight"])
            elif isinstance(layer, nn.ReLU):
                slope = torch.ops.aten.threshold_backward(slope, values, 0)
            elif isinstance(layer, Noise) and layer.kind == "dropout":
                slope = slope * drawn[f"{name}.drawn"]

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only."""
        self._tensors = {key: tensor.index_select(0, nets) for key, tensor in self._tensors.items()}
        self._gradients = {key: torch.empty_like(tensor) for key, tensor in self._tensors.items()}
        self._state.keep(nets)

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        """Parameters of these nets by name, (nets, ...); copies."""
        return {key: tensor.index_select(0, nets) for key, tensor in self._tensors.items()}
