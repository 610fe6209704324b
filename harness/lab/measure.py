"""Measures of the nets of a plan: which nets, as they were when, on which images. Values are kept in the store."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from memorization_claims.data.corruption import corrupt
from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError
from memorization_claims.models.build import build
from memorization_claims.seed import stream, torch_generator
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import fingerprint
from memorization_claims.training.engine import choose, make

if TYPE_CHECKING:
    from memorization_claims.lab.runs import Runs

Array = np.ndarray
Measure = Callable[..., torch.Tensor]
"""From `logits`, `inputs`, `generators=` and options to a number per net: (nets,)."""
Images = Literal["training", "validation", "held-out", "generated"]
"""held-out: validation images, with the corruption of the training images where that is one of images."""
END = "final"
"""The moment at which a net stopped."""
GENERATED = 1000
"""Images that are drawn from a run's generator to measure its nets on."""
LANE_VALUES = 2**25
"""Input values that nets are measured on at a time."""


@dataclass(frozen=True)
class GreyLevels:
    """A distance in grey levels of the data's own scale; a measure gets it in the unit of its inputs."""

    value: float


def measured(
    runs: Runs,
    function: Measure,
    options: Mapping[str, Any],
    *,
    on: Images,
    part: slice,
    moments: Sequence[str] = (END,),
) -> dict[RunSpec, Array]:
    """Measure every net of every run, or load what was measured before.

    Args:
        runs: a plan's runs.
        function: what is measured.
        options: passed on to it; GreyLevels are put into the unit of the inputs.
        on: which images the nets are measured on.
        part: which of these images.
        moments: names of the weights that were kept: epochs, or `END`.

    Returns:
        For each run (nets, moments). A net draws the same noise at every moment.
    """
    specs = [spec for specs in runs.specs.values() for spec in specs]
    asked = (on, part, tuple(moments))
    places = {spec: _place(runs, spec, function, asked, options) for spec in specs}
    kept = {spec: runs.store.load_value(place) for spec, place in places.items()}
    missing = [spec for spec, value in kept.items() if value is None]
    for some in _portions(runs, missing, on, part):
        started = time.perf_counter()
        values = [measure_few(runs, some, function, options, on, part, moment) for moment in moments]
        share = (time.perf_counter() - started) / len(some)
        for spec, value in zip(some, np.stack(values, axis=2), strict=True):
            kept[spec] = {"value": value}
            runs.store.save_value(places[spec], {"value": value}, seconds=share)
    return {spec: (value or {})["value"] for spec, value in kept.items()}


def measure_few(
    runs: Runs,
    specs: Sequence[RunSpec],
    function: Measure,
    options: Mapping[str, Any],
    on: Images,
    part: slice,
    moment: str,
) -> Array:
    """Measure the nets of some runs at once: (runs, nets)."""
    nets, data = specs[0].nets, runs.dataset(specs[0])
    inputs = torch.stack([own for spec in specs for own in [images(runs, spec, on)[part]] for _ in range(nets)])
    drawing = [torch_generator(spec.seed, "measure", function.__name__, net) for spec in specs for net in range(nets)]
    given = {key: _in_inputs(value, data) for key, value in options.items()}
    chosen = [(spec, net) for spec in specs for net in range(nets)]
    nets_then = logits(runs, chosen, data, moment)
    values = function(nets_then, inputs.to(runs.device), generators=drawing, **given)
    return values.detach().double().cpu().numpy().reshape(len(specs), nets)


def images(runs: Runs, spec: RunSpec, on: Images) -> torch.Tensor:
    """What a run's nets are measured on: (images, *shape), on the CPU."""
    if on == "generated":
        generator = runs.generator(spec)
        latent = torch.randn(GENERATED, generator.latent, generator=torch_generator(spec.seed, "measure", "latent"))
        with torch.no_grad():
            return generator.images(latent.to(runs.device)).cpu()
    data = runs.dataset(spec)
    if on == "held-out":
        true, seed = data.validation_inputs.numpy(), stream(spec.seed, "measure", "held-out")
        labels = data.validation_labels.numpy()
        return torch.from_numpy(corrupt(true, labels, data.classes, spec.corruption, seed).images)
    return data.inputs if on == "training" else data.validation_inputs


def logits(
    runs: Runs, chosen: Sequence[tuple[RunSpec, int]], data: Dataset, moment: str = END
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Nets of one architecture, each by its run and its index there, side by side as they were at one moment.

    Args:
        runs: a plan's runs.
        chosen: which nets.
        data: of one of the runs, for the shape of inputs and the number of classes.
        moment: name of the weights that were kept.

    Returns:
        From inputs (nets, examples, *shape) to logits (nets, examples, classes), in evaluation mode.
    """
    models, recipe = restored(runs, chosen, data, moment), chosen[0][0].recipe
    return make(choose(models[0], recipe), models, recipe, runs.device).logits


def restored(
    runs: Runs, chosen: Sequence[tuple[RunSpec, int]], data: Dataset, moment: str = END
) -> list[torch.nn.Module]:
    """Nets with the weights that they had at one moment, on the CPU; takes what `logits` takes."""
    channels, height, width = data.inputs.shape[1:]
    shape, untrained, models = (channels, height, width), dict[object, torch.nn.Module](), []
    for spec, net in chosen:
        kind = (spec.model, spec.recipe)
        if kind not in untrained:
            untrained[kind] = build(spec, shape, data.classes)
        models.append(load(deepcopy(untrained[kind]), runs.arrays(spec), net, moment))
    return models


def load(model: torch.nn.Module, arrays: Mapping[str, Array], net: int, moment: str = END) -> torch.nn.Module:
    """Give a model the weights that one net of a run had at one moment, and return it."""
    weights = {key: torch.as_tensor(arrays[f"weights/{moment}/{key}"][net]) for key in model.state_dict()}
    model.load_state_dict(weights)
    return model


def _place(
    runs: Runs,
    spec: RunSpec,
    function: Measure,
    asked: tuple[Images, slice, tuple[str, ...]],
    options: Mapping[str, Any],
) -> str:
    """The name of a run's values in the store: all that decides them."""
    code = [fingerprint.of_module(function.__module__), fingerprint.of_module(__name__)]
    generator = runs.generators[spec][1] if asked[0] == "generated" and spec in runs.generators else ""
    what = [runs.keys[spec], generator, *asked, function.__module__, function.__qualname__]
    parts = [*what, code, sorted(options.items()), runs.patched]
    return hashlib.sha256(json.dumps(parts, default=repr).encode()).hexdigest()


def _portions(runs: Runs, specs: Sequence[RunSpec], on: Images, part: slice) -> Iterator[Sequence[RunSpec]]:
    if specs:
        size = max(1, LANE_VALUES // (images(runs, specs[0], on)[part].numel() * specs[0].nets))
        yield from (specs[start : start + size] for start in range(0, len(specs), size))


def _in_inputs(value: Any, data: Dataset) -> Any:
    if not isinstance(value, GreyLevels):
        return value
    if data.grey_level is None:
        raise SettingError(
            "preprocessing is whiten, which leaves images without a common grey level; legal is standardize"
        )
    return value.value * data.grey_level
