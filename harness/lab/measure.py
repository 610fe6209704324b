"""Measures of nets: which nets, as they were when, on which images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError
from memorization_claims.lab.images import Images, images
from memorization_claims.lab.kept import in_portions, kept
from memorization_claims.lab.nets import END, logits
from memorization_claims.lab.trained import Trained
from memorization_claims.seed import torch_generator
from memorization_claims.spec.asked import asked, names
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import fingerprint
from memorization_claims.store.key import keys, name_of

Array = np.ndarray
Measure = Callable[..., torch.Tensor]
"""Takes `logits`, `inputs` and options, and `labels`, `generators` and `held_out`, real images that no net was trained
on, if it names them; gives one number a net."""
LANE_VALUES = {"cpu": 2**19, "cuda": 2**25}
"""Input values that nets are measured on at a time: what fits a CPU's cache, and what fills a GPU."""


@dataclass(frozen=True)
class OfRange:
    """A distance as a share of the range of the data's pixels; a measure gets it in the unit of its inputs."""

    share: float


def measured(
    runs: Trained,
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
        options: passed on to it; what is an `OfRange` is put into the unit of the inputs. A measure that has a
            parameter `radius` gets the plan's where none is given and the plan has one.
        on: which images the nets are measured on.
        part: which of these images.
        moments: names of the weights that were kept: epochs, or `END`.

    Returns:
        For each run (nets, moments). A net draws the same noise at every moment.

    Raises:
        SettingError: for a function or an option that cannot be named in the key of its values.
    """
    specs = [spec for specs in runs.specs.values() for spec in specs]
    if runs.radius is not None and names(function, "radius"):
        options = {"radius": OfRange(runs.radius), **options}
    if isinstance(radius := options.get("radius"), OfRange):
        runs.searched(radius.share)
    asked_for = {"on": on, "part": part, "moments": tuple(moments)}
    names_of_values = _keys(runs, specs, function, options, **asked_for)

    def portions(missing: list[RunSpec]) -> Iterator[Sequence[RunSpec]]:
        if not missing:
            return iter(())
        values = images(runs, missing[0], on)[part].numel() * missing[0].nets
        return in_portions(missing, max(1, LANE_VALUES[runs.device.type] // values))

    def measure(some: Sequence[RunSpec]) -> list[dict[str, Array]]:
        each = [measure_few(runs, some, function, options, on, part, moment) for moment in moments]
        return [{"value": value} for value in np.stack(each, axis=2)]

    what = name_of(function).replace("_", " ").strip()
    return {spec: arrays["value"] for spec, arrays in kept(runs, what, names_of_values, portions, measure).items()}


def measure_few(
    runs: Trained,
    specs: Sequence[RunSpec],
    function: Measure,
    options: Mapping[str, Any],
    on: Images,
    part: slice,
    moment: str,
) -> Array:
    """Measure the nets of some runs at once: (runs, nets)."""
    nets, data = specs[0].nets, runs.dataset(specs[0])
    chosen = [(spec, net) for spec in specs for net in range(nets)]
    inputs = torch.stack([images(runs, spec, on)[part] for spec in specs]).repeat_interleave(nets, dim=0)
    given = {key: _in_inputs(value, data) for key, value in options.items()}
    name = name_of(function)
    offered: dict[str, Any] = {"generators": [torch_generator(spec.seed, "measure", name, net) for spec, net in chosen]}
    if on in ("training", "validation"):
        offered["labels"] = torch.stack([_labels(runs.dataset(spec), on)[part] for spec, _ in chosen]).to(runs.device)
    if names(function, "held_out"):
        offered["held_out"] = torch.stack([runs.dataset(spec).validation_inputs for spec, _ in chosen]).to(runs.device)
    nets_then = logits(runs, chosen, data, moment)
    values = function(nets_then, inputs.to(runs.device), **asked(function, given, **offered), **given)
    return values.detach().double().cpu().numpy().reshape(len(specs), nets)


def _labels(data: Dataset, on: Images) -> torch.Tensor:
    return data.labels if on == "training" else data.validation_labels


def _keys(
    runs: Trained, specs: Sequence[RunSpec], function: Measure, options: Mapping[str, Any], **asked_for: Any
) -> dict[RunSpec, str]:
    made = runs.generators if asked_for["on"] == "generated" else {}
    return keys(
        {spec: {"run": runs.keys[spec], "generator": made[spec][1] if spec in made else ""} for spec in specs},
        measure=function,
        options=dict(options),
        code=fingerprint.of_code(__name__),
        patched=runs.patched,
        **asked_for,
    )


def _in_inputs(value: Any, data: Dataset) -> Any:
    if not isinstance(value, OfRange):
        return value
    if data.span is None:
        raise SettingError("preprocessing is whiten, which leaves images without a common range; legal is standardize")
    return value.share * data.span
