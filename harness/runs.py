"""The trained runs of a plan, and the numbers that claims are judged on."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch

from harness import comparison, fingerprint
from harness.data.dataset import Dataset
from harness.errors import SettingError, UndecidableError
from harness.generators import generator as generators
from harness.generators.generator import Generator
from harness.measures.dissection.dissection import Dissection
from harness.measures.paths import time_to
from harness.models.build import build
from harness.seed import torch_generator
from harness.spec import GeneratorSpec, RunSpec
from harness.statistics.samples import Samples
from harness.store import Entry, Store
from harness.training import engine as engines

Array = np.ndarray
Images = Literal["training", "validation", "generated"]
GENERATED = 1000
"""Images that are drawn from a run's generator to measure its nets on."""
LANE_VALUES = 2**25
"""Input values that nets are measured on at a time."""


@dataclass(frozen=True)
class GreyLevels:
    """A distance in grey levels of the data's own scale; a measure gets it in the unit of its inputs."""

    value: float


@dataclass(frozen=True, eq=False)
class Runs:
    """The runs of a plan by condition, in the order of seeds. A value of a run of several nets is their mean."""

    specs: Mapping[str, list[RunSpec]]
    keys: Mapping[RunSpec, str]
    """The run's name in the store."""
    entries: Mapping[str, Entry]
    """Runs and generators by key."""
    trained: int
    """How many of them were trained for this request."""
    seconds: float
    """Seconds of training that all of them took when they were trained."""
    dataset: Callable[[RunSpec], Dataset]
    store: Store
    device: torch.device
    patched: str = ""
    """Name of the mutant that has patched the code, if one has: its values are kept apart."""
    generators: Mapping[RunSpec, tuple[GeneratorSpec, str]] = field(default_factory=dict)
    """The generator of each run's training images, where the plan has one, and its name in the store."""
    dissection: Dissection | None = None
    """How nets are compared, where the plan says so."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of every condition."""
        return tuple(spec.seed for spec in next(iter(self.specs.values())))

    def _check_converged(self) -> None:
        """Refuse runs of which a net's loss was no longer finite.

        Raises:
            UndecidableError: naming the first such run and the epoch.
        """
        for condition, specs in self.specs.items():
            for spec in specs:
                if (epoch := int(self._arrays(spec)["diverged"].max())) >= 0:
                    raise UndecidableError(f"the run of {condition!r} at seed {spec.seed} diverged at epoch {epoch}")

    @property
    def chance(self) -> float:
        """Accuracy of guessing among the classes of the data."""
        return 1 / self.dataset(next(iter(self.specs.values()))[0]).classes

    @property
    def loss_of_guessing(self) -> float:
        """Cross entropy, in nats, of giving all classes of the data the same probability."""
        return -math.log(self.chance)

    def samples(self, name: str, values: Mapping[str, Array], unit: str = "") -> Samples:
        """One number a seed for each condition; (seeds, nets) is averaged over the nets."""
        averaged = {key: array if array.ndim == 1 else array.mean(axis=1) for key, array in values.items()}
        return Samples(name, unit, averaged, self.seeds)

    def trace(self, condition: str, name: str) -> Array:
        """What was recorded at every evaluation: (seeds, nets, evaluations), NaN after a net has stopped.

        Of the validation set it is NaN within an epoch too.
        """
        self._check_converged()
        arrays = [self._arrays(spec) for spec in self.specs[condition]]
        if f"trace/{name}" not in arrays[0]:
            there = ", ".join(key.removeprefix("trace/") for key in arrays[0] if key.startswith("trace/"))
            raise SettingError(f"nothing was recorded as {name!r}; there are {there}")
        return np.stack([own[f"trace/{name}"] for own in arrays])

    def epochs(self, condition: str) -> Array:
        """(evaluations,): the epoch of each, a fraction where it lies within one."""
        return self._arrays(self.specs[condition][0])["epochs"]

    def along(
        self, traces: str | tuple[str, ...], function: Callable[..., Array], name: str, unit: str = "", **options: Any
    ) -> Samples:
        """A number from each run's course: `function(*paths (seeds, nets, evaluations), epochs, **options)`.

        Args:
            traces: what the course is made of: one trace, or several in the order that the function takes them.
            function: returns (seeds,) or (seeds, nets).
            name: what it measures.
            unit: of the result.
            **options: passed on.
        """
        names = (traces,) if isinstance(traces, str) else traces
        values = {
            condition: function(*(self.trace(condition, own) for own in names), self.epochs(condition), **options)
            for condition in self.specs
        }
        return self.samples(name, values, unit)

    def time_to(self, level: float, trace: str, name: str, *, falling: bool = False) -> Samples:
        """Epochs until a trace has risen, or fallen, to a level; the budget, and censored, where it never does."""
        sign = -1 if falling else 1
        times = {
            condition: time_to(sign * level, sign * self.trace(condition, trace), self.epochs(condition))
            for condition in self.specs
        }
        values = {condition: np.minimum(own, self.epochs(condition)[-1]) for condition, own in times.items()}
        censored = {condition: np.any(np.isinf(own), axis=1) for condition, own in times.items()}
        return replace(self.samples(name, values, "epochs"), censored=censored)

    def final(self, trace: str, name: str | None = None, unit: str = "") -> Samples:
        """What was recorded when each net stopped; of an accuracy also its complement, `validation_error`."""
        name = name or trace.replace("_", " ")
        if trace.endswith("_error"):
            return self.along(
                trace.replace("_error", "_accuracy"), lambda *course: 1 - _at_the_end(*course), name, unit
            )
        return self.along(trace, _at_the_end, name, unit)

    def relabelled(self) -> Samples:
        """The share of the training examples whose label is not the true one."""
        data = {condition: [self.dataset(spec) for spec in specs] for condition, specs in self.specs.items()}
        values = {
            condition: np.array([float((own.labels != own.true_labels).double().mean()) for own in sets])
            for condition, sets in data.items()
        }
        return self.samples("share of labels that are not the true ones", values)

    def examples(self, function: Callable[[Array], Array], name: str, unit: str = "") -> Samples:
        """A number from which training examples are right at the end: `function((seeds, nets, n) bool) -> (seeds,)`."""
        self._check_converged()
        values = {
            condition: function(np.stack([self._arrays(spec)["examples"] for spec in specs]))
            for condition, specs in self.specs.items()
        }
        return self.samples(name, values, unit)

    def measure(
        self,
        function: Callable[..., torch.Tensor],
        name: str,
        unit: str = "",
        *,
        on: Images = "validation",
        **options: Any,
    ) -> Samples:
        """Measure the trained nets: `function(logits, inputs, generators=..., **options) -> (nets,)`.

        Values are kept in the store, by the run, the function's module and the options.

        Args:
            function: logits maps inputs (nets, examples, *shape) to (nets, examples, classes), in evaluation mode.
            name: what it measures.
            unit: of the result.
            on: which images the nets are measured on; those of a run's generator are the same for all of its nets.
            **options: passed on; GreyLevels are put into the unit of the inputs.
        """
        self._check_converged()
        places = {spec: self._value_key(spec, function, on, options) for specs in self.specs.values() for spec in specs}
        kept = {spec: self.store.load_value(place) for spec, place in places.items()}
        missing = [spec for spec, value in kept.items() if value is None]
        for spec, value in self._measure(missing, function, on, options):
            kept[spec] = {"value": value}
            self.store.save_value(places[spec], {"value": value})
        values = {
            condition: np.stack([(kept[spec] or {})["value"] for spec in specs])
            for condition, specs in self.specs.items()
        }
        return self.samples(name, values, unit)

    def compare(
        self,
        function: Callable[..., torch.Tensor],
        name: str,
        unit: str = "",
        *,
        pairs: Mapping[str, tuple[str, str]],
        **options: Any,
    ) -> Samples:
        """Compare nets of the same seed: `function(first, second, **options) -> (pairs,)`, of their logits.

        Each net of the first condition is set beside each of the second that has another index, and so another
        initialisation and order, and both answer to the images of the first, as the plan's dissection says.

        Args:
            function: takes logits (pairs, classes, starts, classes) of both nets.
            name: what it measures.
            unit: of the result.
            pairs: for each condition of the result, those of the first and of the second net.
            **options: passed on.
        """
        self._check_converged()
        values = {}
        for condition, (first, second) in pairs.items():
            answered = comparison.answered(self, self.specs[first], self.specs[second])
            values[condition] = np.stack([function(*each, **options).cpu().numpy() for each in answered])
        return self.samples(name, values, unit)

    def generator(self, spec: RunSpec) -> Generator:
        """The generator of a run's training images, on the device.

        Raises:
            SettingError: where the plan has none.
            UndecidableError: where its training failed.
        """
        if spec not in self.generators:
            raise SettingError("the plan has no generator; legal is one with `generator`, such as {'kind': 'pca'}")
        own, key = self.generators[spec]
        entry = self.entries[key]
        if reason := entry.facts.get("undecidable"):
            raise UndecidableError(f"the generator at seed {spec.seed} was not trained: {reason}")
        return generators.restore(own, entry.arrays, self.device)

    def _arrays(self, spec: RunSpec) -> dict[str, Array]:
        return self.entries[self.keys[spec]].arrays

    def _value_key(self, spec: RunSpec, function: Callable[..., Any], on: Images, options: Mapping[str, Any]) -> str:
        code = [fingerprint.of_module(function.__module__), fingerprint.of_module(__name__)]
        images = self.generators[spec][1] if on == "generated" and spec in self.generators else on
        measured = [self.keys[spec], images, function.__module__, function.__qualname__]
        parts = [*measured, code, sorted(options.items()), self.patched]
        return hashlib.sha256(json.dumps(parts, default=repr).encode()).hexdigest()

    def _measure(
        self, specs: list[RunSpec], function: Callable[..., torch.Tensor], on: Images, options: Mapping[str, Any]
    ) -> list[tuple[RunSpec, Array]]:
        done = []
        while specs:
            part = max(1, LANE_VALUES // (self._images(specs[0], on).numel() * specs[0].nets))
            few, specs = specs[:part], specs[part:]
            done += list(zip(few, self._measure_few(few, function, on, options), strict=True))
        return done

    def _measure_few(
        self, specs: list[RunSpec], function: Callable[..., torch.Tensor], on: Images, options: Mapping[str, Any]
    ) -> Array:
        nets, data = specs[0].nets, self.dataset(specs[0])
        images = [self._images(spec, on) for spec in specs]
        inputs = torch.stack([own for own in images for _ in range(nets)]).to(self.device)
        drawing = [
            torch_generator(spec.seed, "measure", function.__name__, net) for spec in specs for net in range(nets)
        ]
        given = {key: _in_inputs(value, data) for key, value in options.items()}
        chosen = [(spec, net) for spec in specs for net in range(nets)]
        values = function(self.logits(chosen, data), inputs, generators=drawing, **given)
        return values.double().cpu().numpy().reshape(len(specs), nets)

    def _images(self, spec: RunSpec, on: Images) -> torch.Tensor:
        """(images, *shape), on the CPU."""
        if on == "generated":
            generator = self.generator(spec)
            latent = torch.randn(GENERATED, generator.latent, generator=torch_generator(spec.seed, "measure", "latent"))
            with torch.no_grad():
                return generator.images(latent.to(self.device)).cpu()
        data = self.dataset(spec)
        return data.inputs if on == "training" else data.validation_inputs

    def logits(self, chosen: Sequence[tuple[RunSpec, int]], data: Dataset) -> Callable[[torch.Tensor], torch.Tensor]:
        """Nets of one architecture, each by its run and its index there, side by side as they were at the end.

        Args:
            chosen: which nets.
            data: of one of the runs, for the shape of inputs and the number of classes.

        Returns:
            From inputs (nets, examples, *shape) to logits (nets, examples, classes), in evaluation mode.
        """
        channels, height, width = data.inputs.shape[1:]
        shape, untrained, models = (channels, height, width), dict[object, torch.nn.Module](), []
        for spec, net in chosen:
            kind = (spec.model, spec.recipe)
            if kind not in untrained:
                untrained[kind] = build(spec, shape, data.classes)
            model, weights = deepcopy(untrained[kind]), self._arrays(spec)
            model.load_state_dict(
                {key: torch.as_tensor(weights[f"weights/final/{key}"][net]) for key in model.state_dict()}
            )
            models.append(model)
        recipe = chosen[0][0].recipe
        return engines.make(engines.choose(models[0], recipe), models, recipe, self.device).logits


def _at_the_end(paths: Array, epochs: Array) -> Array:
    last = paths.shape[2] - 1 - np.argmax(~np.isnan(paths[:, :, ::-1]), axis=2)
    return np.take_along_axis(paths, last[..., None], axis=2)[..., 0]


def _in_inputs(value: Any, data: Dataset) -> Any:
    if not isinstance(value, GreyLevels):
        return value
    if data.grey_level is None:
        raise SettingError(
            "preprocessing is whiten, which leaves images without a common grey level; legal is standardize"
        )
    return value.value * data.grey_level
