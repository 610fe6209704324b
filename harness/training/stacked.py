"""The layers of a stack of nets, from those of one net and all nets' tensors, and which nets can be stacked."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from memorization_claims.models import inception
from memorization_claims.models.noise import Noise
from memorization_claims.models.plain import all_plain
from memorization_claims.training import convolutions, pools
from memorization_claims.training.convolutions import Convolution, Laid
from memorization_claims.training.layers import Flat, Linear, Noisy, Rectified
from memorization_claims.training.normalization import Normalised, Shifted
from memorization_claims.training.paths import Beside, Path
from memorization_claims.training.pools import Averaged, Pooled
from memorization_claims.training.rows import Rows, held

_OF_ONE_SIZE = (nn.ReLU, Noise, nn.BatchNorm2d, inception.Shift)
"""Layers that leave images as large as they are, and the channels as many."""
Named = list[tuple[str, nn.Module]]
Shape = tuple[int, ...]
Learner = Linear | Convolution | Normalised | Shifted
"""A layer with tensors that are trained."""


def layers_of(model: nn.Module, shape: Shape | None = None) -> Named | None:
    """The model as a flat list of named layers that the batched engine knows; None if it has any other, or hooks.

    Args:
        model: any.
        shape: (channels, height, width) of the images that it takes; without, no net with convolutions is known.
    """
    if not all_plain(model):
        return None
    layers = _flat(model, "")
    kinds = [type(layer) for _, layer in layers]
    if nn.Flatten not in kinds or nn.Linear not in kinds[kinds.index(nn.Flatten) :]:
        return None
    front = kinds.index(nn.Flatten)
    if not (_knows_images(layers[:front], shape) and all(_is_known(layer) for _, layer in layers[front:])):
        return None
    return layers


def _is_known(layer: nn.Module) -> bool:
    if type(layer) is nn.Flatten:
        return (layer.start_dim, layer.end_dim) == (1, -1)
    return type(layer) in (nn.ReLU, nn.Linear, Noise)


def _knows_images(layers: Named, shape: Shape | None) -> bool:
    """Whether the layers before flattening are known: ReLU and noise, or others too from a convolution on."""
    others = [layer for _, layer in layers if type(layer) not in (nn.ReLU, Noise)]
    if not others:
        return True
    small = shape is not None and len(shape) == 3 and shape[2] <= convolutions.WIDEST
    return small and type(others[0]) is nn.Conv2d and all(map(_knows_image, others))


def _knows_image(layer: nn.Module) -> bool:
    """Whether one of these layers is known."""
    if type(layer) is inception.Beside:
        inside = [each for path in (layer.left, layer.right) for _, each in _flat(path, "")]
        return all(type(each) in (nn.ReLU, Noise) or _knows_image(each) for each in inside)
    if type(layer) is nn.Conv2d:
        return convolutions.is_known(layer)
    if type(layer) is nn.MaxPool2d:
        return not (layer.ceil_mode or layer.return_indices) and pools.pair(layer.dilation) == (1, 1)
    if type(layer) is nn.BatchNorm2d:
        return layer.momentum is not None and layer.track_running_stats
    return type(layer) is inception.Shift or (type(layer) is nn.AdaptiveAvgPool2d and layer.output_size in (1, (1, 1)))


def _flat(model: nn.Module, prefix: str) -> Named:
    if type(model) is not nn.Sequential:
        return [(prefix, model)]
    # Not named_children, which leaves out a layer that stands in two places.
    children = zip(model._modules, model, strict=True)
    return [layer for name, child in children for layer in _flat(child, f"{prefix}.{name}" if prefix else name)]


def stacked(layers: Named, shape: Shape, tensors: dict[str, Tensor]) -> tuple[Path, dict[str, Learner]]:
    """The layers of a stack of nets, and those that learn by name.

    Args:
        layers: of one net, from `layers_of`.
        shape: (channels, height, width) of one input.
        tensors: of all nets by name, (nets, ...).
    """
    making = _Making(tensors)
    first = next((layer for _, layer in layers if isinstance(layer, nn.Conv2d)), None)
    rows = convolutions.laid_out(shape, first) if first else None
    path, _ = making.path(layers, rows)
    if rows:
        path.layers.insert(0, Laid(rows))
    return path, making.learning


class _Making:
    """Makes the layers of a stack, and notes those that learn, in the order of the net's state."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        self._tensors = tensors
        self.learning: dict[str, Learner] = {}

    def path(self, layers: Named, rows: Rows | None) -> tuple[Path, Rows | None]:
        """Layers one after another, from images that lie as `rows`, and how their output lies; None is flat."""
        path = Path([])
        flat: Rows | None = None
        layers = _pooled_first(layers)
        for place, (name, layer) in enumerate(layers):
            if isinstance(layer, nn.Flatten):
                path.layers.append(Flat(rows))
                flat, rows = rows or flat, None
            elif isinstance(layer, nn.Linear):
                path.layers.append(self._learner(name, Linear(*self._own(name), flat)))
                flat = None
            elif isinstance(layer, nn.ReLU):
                # These keep their input alone.
                in_place = bool(path.layers) and isinstance(path.layers[-1], Linear | Convolution | Pooled | Shifted)
                path.layers.append(Rectified(in_place=in_place))
            elif isinstance(layer, Noise):
                path.layers.append(Noisy(name, layer, rows or flat))
            else:
                assert rows is not None
                made, rows = self._of_images(name, layer, rows, layers[place + 1 :])
                path.layers.append(made)
        return path, rows

    def _of_images(self, name: str, layer: nn.Module, rows: Rows, rest: Named) -> tuple[object, Rows]:
        """A layer from images to images, and how these lie."""
        if isinstance(layer, nn.Conv2d):
            made = _rows_behind(rows, layer, rest)
            return self._learner(name, Convolution(layer, *self._own(name), rows, made)), made
        if isinstance(layer, inception.Beside):
            sides = (("left", layer.left), ("right", layer.right))
            paths = [self.path(_flat(path, f"{name}.{side}"), rows) for side, path in sides]
            beside = Beside([(path, own) for path, own in paths if own])
            return beside, beside.made
        if isinstance(layer, nn.BatchNorm2d):
            prefix = f"{name}."
            own = {key.removeprefix(prefix): own for key, own in self._tensors.items() if key.startswith(prefix)}
            return self._learner(name, Normalised(layer, own, rows)), rows
        if isinstance(layer, inception.Shift):
            return self._learner(name, Shifted(self._tensors[f"{name}.bias"], rows)), rows
        pool = Pooled(layer, rows) if isinstance(layer, nn.MaxPool2d) else Averaged(rows)
        return pool, pool.made

    def _own(self, name: str) -> tuple[Tensor, Tensor | None]:
        return self._tensors[f"{name}.weight"], self._tensors.get(f"{name}.bias")

    def _learner(self, name: str, layer: Learner) -> Learner:
        self.learning[name] = layer
        return layer


def _pooled_first(layers: Named) -> Named:
    """The same with a max pool before the ReLU that it follows: the same values and slopes, of a quarter as many."""
    layers = list(layers)
    for place, ((_, first), (_, second)) in enumerate(pairwise(layers)):
        if isinstance(first, nn.ReLU) and isinstance(second, nn.MaxPool2d):
            layers[place : place + 2] = layers[place + 1], layers[place]
    return layers


def _rows_behind(rows: Rows, layer: nn.Conv2d, rest: Named) -> Rows:
    """The rows that a convolution makes, so padded that a pool of two by two pixels behind it need not pad anew."""
    height, width = (-(-side // layer.stride[0]) for side in (rows.height, rows.width))
    next_kind = next((type(each) for _, each in rest if not isinstance(each, _OF_ONE_SIZE)), None)
    columns = width // 2 if next_kind is nn.MaxPool2d and width > 1 else width
    return Rows(height, width, layer.out_channels, held(layer.out_channels, columns))
