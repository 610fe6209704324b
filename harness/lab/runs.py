"""The trained runs of a plan, and the numbers that claims are judged on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from memorization_claims.errors import SettingError
from memorization_claims.lab import compare
from memorization_claims.lab.course import seen_at
from memorization_claims.lab.filters import OF_FILTERS, START
from memorization_claims.lab.images import Images
from memorization_claims.lab.measure import Measure, measured
from memorization_claims.lab.sensitivity import sensitivities
from memorization_claims.lab.trained import Array, Trained
from memorization_claims.measures.courses.paths import carried, held, time_to
from memorization_claims.spec.asked import asked
from memorization_claims.statistics.samples import Samples

SENSITIVITY = "sensitivity/"


class Runs(Trained):
    """The runs of a plan by condition, in the order of seeds. A value of a run of several nets is their mean.

    What runs kept is had by name as arrays, (seeds, nets, ...); measures make one number a run of these, or of the nets
    themselves. `measures/README.md` has the shapes of both.
    """

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

    def epochs(self, condition: str) -> Array:
        """(evaluations,): the epoch of each, a fraction where it lies within one."""
        return self.arrays(self.specs[condition][0])["epochs"]

    def array(self, condition: str, name: str) -> Array:
        """What the runs of a condition kept, or what follows from it, by name.

        Args:
            condition: which runs; for filters also `initial`, the weights that they start from.
            name: `changed`: which training examples are corrupted, (seeds, n), bool.
                `right`: which of them are classified as they were to be, (seeds, nets, n), bool, at the end or, of runs
                that kept it at every evaluation, (seeds, nets, evaluations, n).
                `filters`: the first layer's weights as images, (seeds, nets, filters, channels, height, width); and
                `filter changes`, what training has added to them.
                `sensitivity/l1`, `l2`, `linf`: how training on each example moved the loss at every evaluation but the
                first, as the norm of the gradient in the example, (seeds, nets, evaluations - 1, n); and
                `sensitivity/classes`, of the loss on a class to examples of another in l1, (seeds, nets, evaluations -
                1, classes, classes); `sensitivity/others`, of the loss on all classes but the example's, (seeds, nets,
                evaluations - 1, n). `sensitivity/total-l1` and so on are of the total derivative, which has what the
                loss owes to its own inputs besides.
                Any other: what was recorded at every evaluation, (seeds, nets, evaluations), NaN after a net has
                stopped; of the validation set NaN within an epoch too. Of an accuracy also its complement, as
                `validation_error`.

        Raises:
            SettingError: where the runs kept nothing of that name, or of the validation set the end alone.
        """
        if name == "changed":
            return np.stack([self.dataset(spec).changed.numpy() for spec in self.specs[condition]])
        if name in OF_FILTERS:
            return OF_FILTERS[name](self, condition)
        if name.startswith(SENSITIVITY):
            return self._sensitivity(condition, name.removeprefix(SENSITIVITY))
        if name.startswith("validation_") and next(iter(self.keys)).record.validation == "final":
            raise SettingError(
                f"{name!r} was recorded at the end of training alone; legal for its course is a record with "
                'validation="every"'
            )
        return self._recorded(condition, name)

    def value(
        self, names: str | tuple[str, ...], function: Callable[..., Array], name: str, unit: str = "", **options: Any
    ) -> Samples:
        """A number from each run's arrays: `function(*arrays, **options) -> (seeds,) or (seeds, nets)`.

        Args:
            names: of the arrays, as `array` takes them, in the order that the function takes them.
            function: gets `epochs`, (evaluations,), too if it has a parameter of that name.
            name: what it measures.
            unit: of the result.
            **options: passed on.

        Returns:
            Samples of every condition; of filters also of "initial".
        """
        given = (names,) if isinstance(names, str) else names
        conditions = [*([START] if OF_FILTERS.keys() & set(given) else []), *self.specs]
        values = {}
        for condition in conditions:
            arrays = [self.array(condition, array_name) for array_name in given]
            offered = {} if condition == START else asked(function, options, epochs=self.epochs(condition))
            values[condition] = function(*arrays, **offered, **options)
        return self.samples(name, values, unit)

    def final(self, trace: str, name: str | None = None, unit: str = "") -> Samples:
        """What was recorded when each net stopped; of an accuracy also its complement, `validation_error`."""
        values = {condition: carried(self._recorded(condition, trace))[..., -1] for condition in self.specs}
        return self.samples(name or trace.replace("_", " "), values, unit)

    def over(self, trace: str, condition: str, epochs: Mapping[str, float], name: str, unit: str = "") -> Samples:
        """What a trace of one condition was at several epochs, by their names.

        Args:
            trace: which.
            condition: of which runs.
            epochs: each is read at the last evaluation that is not after it, or at the first.
            name: what the trace shows.
            unit: of the trace.
        """
        path, evaluated = held(self.array(condition, trace)), self.epochs(condition)
        columns = {key: max(0, int((evaluated <= epoch).sum()) - 1) for key, epoch in epochs.items()}
        return self.samples(name, {key: path[..., column] for key, column in columns.items()}, unit)

    def time_to(self, level: float, trace: str, name: str, *, falling: bool = False) -> Samples:
        """Epochs until a trace has risen, or fallen, to a level; the budget, and censored, where it never does."""
        sign = -1 if falling else 1
        times = {
            condition: time_to(sign * level, sign * self.array(condition, trace), self.epochs(condition))
            for condition in self.specs
        }
        values = {condition: np.minimum(epochs, self.epochs(condition)[-1]) for condition, epochs in times.items()}
        censored = {condition: np.any(np.isinf(epochs), axis=1) for condition, epochs in times.items()}
        return replace(self.samples(name, values, "epochs"), censored=censored)

    def relabelled(self) -> Samples:
        """The share of the training examples whose label is not the true one."""
        datasets = {condition: [self.dataset(spec) for spec in specs] for condition, specs in self.specs.items()}
        values = {
            condition: np.array([float((data.labels != data.true_labels).double().mean()) for data in sets])
            for condition, sets in datasets.items()
        }
        return self.samples("share of labels that are not the true ones", values)

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
        """Measure the trained nets: `function(logits, inputs, **options) -> (nets,)`.

        Values are kept in the store, by the run, the function's code and the options.

        Args:
            function: logits maps inputs (nets, examples, *shape) to (nets, examples, classes), in evaluation mode. If
                it has parameters of these names it gets `labels`, (nets, examples), int64, `generators`, one for
                each net, on the CPU, and `held_out`, the validation images, (nets, images, *shape).
            name: what it measures.
            unit: of the result.
            on: which images the nets are measured on; those of a run's generator are the same for all of its nets, and
                neither these nor corrupted validation images have labels.
            part: which of these images.
            **options: passed on; what is an `OfRange` is put into the unit of the inputs. Where the plan has a radius,
                a measure that has a parameter `radius` gets it so, unless it is given.

        Raises:
            SettingError: for a function or an option that cannot be named in the key of its values.
        """
        by_run = measured(self, function, options, on=on, part=part)
        values = {
            condition: np.stack([by_run[spec][..., 0] for spec in specs]) for condition, specs in self.specs.items()
        }
        return self.samples(name, values, unit)

    def traced(
        self, trace: str, function: Measure, *, on: Images = "validation", part: slice = slice(None), **options: Any
    ) -> Runs:
        """The same runs with one more trace, all traces limited to epochs whose weights were kept.

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
        kept = next(iter(self.keys)).record.weights
        if not isinstance(kept, tuple):
            raise SettingError(f"weights are kept at {kept!r}; legal for a further trace is a tuple of epochs")
        evaluated = set(self.epochs(next(iter(self.specs))))
        epochs = [epoch for epoch in sorted(set(kept)) if epoch in evaluated]
        by_run = measured(self, function, options, on=on, part=part, moments=[str(epoch) for epoch in epochs])
        seen = {spec: seen_at(epochs, self.arrays(spec)) | {f"trace/{trace}": by_run[spec]} for spec in self.keys}
        entries = {
            self.keys[spec]: replace(self.entries[self.keys[spec]], arrays=arrays) for spec, arrays in seen.items()
        }
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
        values = {}
        for condition, (first, second) in pairs.items():
            answered = compare.answered(self, self.specs[first], self.specs[second])
            values[condition] = np.stack([function(*each, **options).cpu().numpy() for each in answered])
        return self.samples(name, values, unit)

    def _recorded(self, condition: str, name: str) -> Array:
        """What was recorded on the way, of which a course may be known at its end alone."""
        if name.endswith("_error"):
            return 1 - self._recorded(condition, name.replace("_error", "_accuracy"))
        arrays = [self.arrays(spec) for spec in self.specs[condition]]
        place = name if name == "right" else f"trace/{name}"
        if place not in arrays[0]:
            there = ", ".join(key.removeprefix("trace/") for key in arrays[0] if key.startswith("trace/"))
            raise SettingError(f"nothing was recorded as {name!r}; there are {there}")
        return np.stack([run[place] for run in arrays])

    def _sensitivity(self, condition: str, part: str) -> Array:
        if not self.unrolled:
            raise SettingError(
                "gradients are taken through no training of this plan; legal is one with `unrolled=True`"
            )
        by_run = sensitivities(self, self.specs[condition], by_class=part.endswith(("classes", "others")))
        if part not in by_run[0]:
            raise SettingError(
                f"there is no sensitivity {part!r}; legal are l1, l2, linf, classes and others, and total- before them"
            )
        return np.stack([arrays[part] for arrays in by_run])
