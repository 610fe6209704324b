"""The trained runs of a plan, and the numbers that claims are judged on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError, UndecidableError
from memorization_claims.generators import generator as generators
from memorization_claims.generators.generator import Generator
from memorization_claims.lab import compare as comparison
from memorization_claims.lab import sensitivity as through_training
from memorization_claims.lab.measure import Images, Measure, load, measured
from memorization_claims.measures.courses.paths import carried, held, time_to
from memorization_claims.measures.nets.filters import first_filters
from memorization_claims.models.build import build
from memorization_claims.plan.crossed import Factors, levels_of, where
from memorization_claims.plan.dissection import Dissection
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.run import RunSpec
from memorization_claims.statistics.samples import Samples
from memorization_claims.store import Entry, Store

Array = np.ndarray


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
    unrolled: bool = False
    """Whether the plan says that gradients are taken back through training."""
    factors: Factors = field(default_factory=dict)
    """The level of each factor in each condition, where the plan crosses some."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of every condition."""
        return tuple(spec.seed for spec in next(iter(self.specs.values())))

    def where(self, **levels: str | float) -> list[str]:
        """The conditions at these levels of the plan's factors, in the plan's order.

        Raises:
            SettingError: where there is none, naming the levels that there are.
        """
        return where(self.factors, **levels)

    def levels(self, factor: str) -> list[str | float]:
        """The levels of one of the plan's factors, in the order of its conditions.

        Raises:
            SettingError: where the plan has no such factor.
        """
        return levels_of(self.factors, factor)

    def _check_converged(self) -> None:
        """Refuse runs of which a net's loss was no longer finite.

        Raises:
            UndecidableError: naming the first such run and the epoch.
        """
        for condition, specs in self.specs.items():
            for spec in specs:
                if (epoch := int(self.arrays(spec)["diverged"].max())) >= 0:
                    raise UndecidableError(f"the run of {condition!r} at seed {spec.seed} diverged at epoch {epoch}")

    @property
    def chance(self) -> float:
        """Accuracy of guessing among the classes of the data."""
        return 1 / self.dataset(self.first).classes

    @property
    def loss_of_guessing(self) -> float:
        """Cross entropy, in nats, of giving all classes of the data the same probability."""
        return -math.log(self.chance)

    @property
    def budget(self) -> float:
        """The last epoch."""
        return float(self.epochs(next(iter(self.specs)))[-1])

    @property
    def first(self) -> RunSpec:
        """The first run of the first condition."""
        return next(iter(self.specs.values()))[0]

    def samples(self, name: str, values: Mapping[str, Array], unit: str = "") -> Samples:
        """One number a seed for each condition; (seeds, nets) is averaged over the nets."""
        averaged = {key: array if array.ndim == 1 else array.mean(axis=1) for key, array in values.items()}
        return Samples(name, unit, averaged, self.seeds)

    def trace(self, condition: str, name: str) -> Array:
        """What was recorded at every evaluation: (seeds, nets, evaluations), NaN after a net has stopped.

        Of the validation set it is NaN within an epoch too.
        """
        self._check_converged()
        arrays = [self.arrays(spec) for spec in self.specs[condition]]
        if f"trace/{name}" not in arrays[0]:
            there = ", ".join(key.removeprefix("trace/") for key in arrays[0] if key.startswith("trace/"))
            raise SettingError(f"nothing was recorded as {name!r}; there are {there}")
        return np.stack([own[f"trace/{name}"] for own in arrays])

    def epochs(self, condition: str) -> Array:
        """(evaluations,): the epoch of each, a fraction where it lies within one."""
        return self.arrays(self.specs[condition][0])["epochs"]

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

    def over(self, trace: str, condition: str, epochs: Mapping[str, float], name: str, unit: str = "") -> Samples:
        """What a trace of one condition was at several epochs, by their names.

        Args:
            trace: which.
            condition: of which runs.
            epochs: each is read at the last evaluation that is not after it, or at the first.
            name: what the trace shows.
            unit: of the trace.
        """
        path, evaluated = held(self.trace(condition, trace)), self.epochs(condition)
        columns = {key: max(0, int((evaluated <= epoch).sum()) - 1) for key, epoch in epochs.items()}
        return self.samples(name, {key: path[..., column] for key, column in columns.items()}, unit)

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

    def right(self, condition: str) -> Array:
        """Which training examples are right at the end: (seeds, nets, n), bool."""
        self._check_converged()
        return np.stack([self.arrays(spec)["examples"] for spec in self.specs[condition]])

    def examples(self, function: Callable[[Array], Array], name: str, unit: str = "") -> Samples:
        """A number from these: `function((seeds, nets, n) bool) -> (seeds,)`."""
        return self.samples(name, {own: function(self.right(own)) for own in self.specs}, unit)

    def measure(
        self,
        function: Measure,
        name: str,
        unit: str = "",
        *,
        on: Images = "validation",
        part: slice = slice(None),
        **options: Any,
    ) -> Samples:
        """Measure the trained nets: `function(logits, inputs, generators=..., **options) -> (nets,)`.

        Values are kept in the store, by the run, the function's module and the options.

        Args:
            function: logits maps inputs (nets, examples, *shape) to (nets, examples, classes), in evaluation mode.
            name: what it measures.
            unit: of the result.
            on: which images the nets are measured on; those of a run's generator are the same for all of its nets.
            part: which of these images.
            **options: passed on; GreyLevels are put into the unit of the inputs.
        """
        self._check_converged()
        found = measured(self, function, options, on=on, part=part)
        values = {
            condition: np.stack([found[spec][..., 0] for spec in specs]) for condition, specs in self.specs.items()
        }
        return self.samples(name, values, unit)

    def traced(
        self, trace: str, function: Measure, *, on: Images = "validation", part: slice = slice(None), **options: Any
    ) -> Runs:
        """The same runs with a further trace, and all traces at those epochs alone whose weights were kept.

        The weights tell what was not asked for during training, so that another radius, say, trains nothing again.
        From the epoch on at which a net has stopped, every trace of it stays as it was.

        Args:
            trace: name of the new one.
            function: measures nets, as in `measure`, at every epoch that `Record.weights` names and that was evaluated.
            on: which images the nets are measured on.
            part: which of these images.
            **options: passed on.

        Raises:
            SettingError: where weights were not kept at named epochs.
        """
        self._check_converged()
        kept = next(iter(self.keys)).record.weights
        if not isinstance(kept, tuple):
            raise SettingError(f"weights are kept at {kept!r}; legal for a further trace is a tuple of epochs")
        evaluated = set(self.epochs(next(iter(self.specs))))
        epochs = [epoch for epoch in sorted(set(kept)) if epoch in evaluated]
        found = measured(self, function, options, on=on, part=part, moments=[str(epoch) for epoch in epochs])
        arrays = {spec: _seen_at(epochs, self.arrays(spec)) | {f"trace/{trace}": found[spec]} for spec in self.keys}
        entries = {self.keys[spec]: replace(self.entries[self.keys[spec]], arrays=own) for spec, own in arrays.items()}
        return replace(self, entries={**self.entries, **entries})

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

    def sensitivities(self, condition: str, part: through_training.Part = "l1") -> Array:
        """How training on each example moved the loss at every evaluation but the first: (seeds, nets, times, n).

        Args:
            condition: which runs.
            part: the norm of the gradient in the example; classes gives (seeds, nets, times, classes, classes), the
                sensitivity of the loss on a class to examples of another, in l1.
        """
        self._check_converged()
        if not self.unrolled:
            raise SettingError(
                "gradients are taken through no training of this plan; legal is one with `unrolled=True`"
            )
        specs, by_class = self.specs[condition], part == "classes"
        return np.stack([own[part] for own in through_training.sensitivities(self, specs, by_class=by_class)])

    def sensitivity(
        self, function: Callable[[Array], Array], name: str, unit: str = "", *, part: through_training.Part = "l1"
    ) -> Samples:
        """A number from these: `function(array) -> (seeds, nets)`."""
        return self.samples(name, {own: function(self.sensitivities(own, part)) for own in self.specs}, unit)

    def filters(self, condition: str | None = None) -> Array:
        """The first layer's weights as images, (seeds, nets, filters, channels, height, width), float64.

        Args:
            condition: which runs; None gives the weights that those of all conditions start from.
        """
        self._check_converged()
        specs = self.specs[condition] if condition else next(iter(self.specs.values()))
        return np.stack(
            [np.stack([self._filters(own, net, bool(condition)) for net in range(own.nets)]) for own in specs]
        )

    def of_filters(self, function: Callable[[Array], Array], name: str, unit: str = "") -> Samples:
        """A number from these, also of the condition "initial": `function(filters) -> (seeds, nets)`."""
        values = {"initial": function(self.filters())} | {own: function(self.filters(own)) for own in self.specs}
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

    def arrays(self, spec: RunSpec) -> dict[str, Array]:
        """What was kept of a run, as `memorization_claims.training.cohort.train` names it."""
        return self.entries[self.keys[spec]].arrays

    def _filters(self, spec: RunSpec, net: int, trained: bool) -> Array:
        data = self.dataset(spec)
        channels, height, width = data.inputs.shape[1:]
        model = build(spec, (channels, height, width), data.classes, net)
        if trained:
            load(model, self.arrays(spec), net)
        return first_filters(model, (channels, height, width)).detach().double().numpy()


def _at_the_end(paths: Array, epochs: Array) -> Array:
    return carried(paths)[..., -1]


def _seen_at(epochs: Sequence[int], arrays: Mapping[str, Array]) -> dict[str, Array]:
    """What was kept of a run, with its traces at these epochs alone; those of a net that has stopped are held."""
    columns = np.searchsorted(arrays["epochs"], np.minimum(np.array(epochs), arrays["stopped"][:, None]))
    traces = {name: array for name, array in arrays.items() if name.startswith("trace/")}
    seen = {name: np.take_along_axis(array, columns, axis=1) for name, array in traces.items()}
    return {**arrays, **seen, "epochs": np.array(epochs, dtype=np.float64)}
