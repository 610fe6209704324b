"""Mutants: the science broken in one named way, to see which claims notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from memorization_claims.errors import SettingError
from memorization_claims.generators import mutants as broken_generators
from memorization_claims.measures.constructions import mutants as broken_theorems
from memorization_claims.measures.dissection import mutants as broken_dissections
from memorization_claims.measures.kernels import mutants as broken_kernels
from memorization_claims.measures.loss_sensitivity import mutants as broken_sensitivity
from memorization_claims.measures.nets import mutants as broken_searches
from memorization_claims.plan.plan import Setting
from memorization_claims.training import mutants as broken_training


@dataclass(frozen=True)
class Mutant:
    """One way of breaking the science."""

    name: str
    says: str
    """What is broken, in a few words."""
    setting: Callable[[Setting], Setting] = lambda setting: setting
    """What it does to what a claim asks for."""
    target: str = ""
    """`package.module:function` that it replaces, if any."""
    replacement: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function
    """From the function to what replaces it."""
    within: Callable[[Setting], bool] = lambda setting: True
    """Which claims the function has a part in, by what they ask for; the others are not judged again."""
    measures: bool = False
    """The function only measures what was trained, so that nothing is trained again."""
    caught_by: str = ""
    """The test of the harness that catches it, for what no claim can notice."""

    def concerns(self, setting: Setting) -> bool:
        """Whether a claim that asks for this is judged on anything else than it would be."""
        return (bool(self.target) and self.within(setting)) or self.setting(setting) != setting

    def patched(self) -> tuple[object, str, Callable[..., Any]] | None:
        """The module, the name in it and the broken function to put there."""
        if not self.target:
            return None
        module_name, name = self.target.split(":")
        module = import_module(module_name)
        return module, name, self.replacement(getattr(module, name))


MUTANTS = {
    mutant.name: mutant
    for mutant in (
        Mutant("zero-learning-rate", "nothing is learned", broken_training.zero_learning_rate),
        Mutant("labels-not-corrupted", "random labels are the true ones", broken_training.labels_not_corrupted),
        Mutant(
            "labels-redrawn",
            "corrupted examples have another label each time that they are seen",
            target="memorization_claims.training.cohort:Pool",
            replacement=broken_training.redrawn,
            within=broken_training.has_label_noise,
        ),
        Mutant(
            "test-labels-corrupted",
            "validation labels are corrupted as the training labels are",
            target="memorization_claims.lab.laboratory:prepare",
            replacement=broken_training.test_labels_too,
            within=broken_training.has_label_noise,
            caught_by="harness/tests/test_dataset.py::test_validation_is_never_corrupted",
        ),
        Mutant(
            "misplaced-biases",
            "the biases of Theorem 1 and Lemma 1 do not interleave with the points",
            target="memorization_claims.measures.constructions.two_layers:interleave",
            replacement=broken_theorems.misplaced,
            within=broken_theorems.concerned,
        ),
        Mutant(
            "sgd-not-from-zero",
            "SGD on the linear model starts elsewhere than at zero",
            target="memorization_claims.measures.constructions.linear:sgd_least_squares",
            replacement=broken_theorems.from_one,
            within=broken_theorems.concerned,
        ),
        Mutant(
            "projection-with-ties",
            "points are projected on an axis, where some fall together",
            target="memorization_claims.measures.constructions.line:line_up",
            replacement=broken_theorems.on_an_axis,
            within=broken_theorems.concerned,
        ),
        Mutant(
            "linear-units",
            "the units of the two-layer net are linear",
            target="memorization_claims.measures.constructions.two_layers:hinge_matrix",
            replacement=broken_theorems.linear_units,
            within=broken_theorems.concerned,
        ),
        Mutant(
            "open-bump",
            "a layer of the deep net does not return to zero behind its block of points",
            target="memorization_claims.measures.constructions.deep:bump",
            replacement=broken_theorems.open_bump,
            within=broken_theorems.concerned,
        ),
        Mutant(
            "not-a-minimum",
            "one of the global minima whose curvature is compared is none",
            target="memorization_claims.measures.constructions.curvature:global_minima",
            replacement=broken_theorems.not_a_minimum,
            within=broken_theorems.concerned,
        ),
        Mutant(
            "regularised-risk",
            "the risk of the linear model, whose curvature is taken, has weight decay",
            target="memorization_claims.measures.constructions.curvature:empirical_risk",
            replacement=broken_theorems.regularised,
            within=broken_theorems.concerned,
        ),
        Mutant(
            "kernel-bandwidth-too-small",
            "the Gaussian kernel's bandwidth is a hundredth of the median distance, so that points know nothing of "
            "each other",
            broken_kernels.narrow,
        ),
        Mutant(
            "kernel-ridge-too-large",
            "where a ridge is added to the kernel, it is larger than anything in the matrix",
            broken_kernels.swamped,
        ),
        Mutant(
            "kernel-centres-on-the-data",
            "basis functions stand on the data, not at random points",
            broken_kernels.on_the_data,
        ),
        Mutant(
            "kernel-pixels-shuffled",
            "before wavelets or filters, all images' pixels are put into one other order",
            target="memorization_claims.measures.kernels.fit:feature_blocks",
            replacement=broken_kernels.shuffled,
            within=broken_kernels.transforms,
        ),
        Mutant(
            "augmentation-left-on",
            "nets without regularisers see strong random crops",
            broken_training.strongly_cropped,
        ),
        Mutant(
            "training-labels-random", "labels are random where all should be true", broken_training.all_labels_random
        ),
        Mutant(
            "training-labels-half-random",
            "half of the labels are random where a claim is about nets on true labels alone",
            broken_training.half_the_labels_random,
        ),
        Mutant(
            "untrained-generator",
            "the generator has its initial weights, or random directions in the place of principal ones",
            broken_generators.untrained,
        ),
        Mutant(
            "kl-arguments-swapped",
            "KL(f2 || f1) is taken for KL(f1 || f2)",
            target="memorization_claims.measures.dissection.dissimilarity:kullback_leibler",
            replacement=broken_dissections.swapped,
            within=broken_dissections.compares,
            measures=True,
            caught_by="harness/tests/test_dissimilarity.py::test_kl_takes_its_arguments_in_the_papers_order",
        ),
        Mutant(
            "underflowing-softmax",
            "KL is taken from probabilities in float32, of which some are 0",
            target="memorization_claims.measures.dissection.dissimilarity:kullback_leibler",
            replacement=broken_dissections.underflowing,
            within=broken_dissections.compares,
            measures=True,
            caught_by="harness/tests/test_dissimilarity.py::test_kl_does_not_underflow",
        ),
        Mutant(
            "same-net-twice",
            "the second net of every pair is the first one",
            target="memorization_claims.lab.compare:answers",
            replacement=broken_dissections.same_net,
            within=broken_dissections.compares,
            measures=True,
        ),
        Mutant(
            "dead-nets",
            "nets that are compared have been trained for two epochs at a rate a thousand times too high",
            broken_dissections.dead,
        ),
        Mutant(
            "plain-input-gradient",
            "loss-sensitivity is the gradient of the final loss in its own inputs, not through the updates",
            target="memorization_claims.measures.loss_sensitivity.unrolled:through_updates",
            replacement=broken_sensitivity.at_the_end,
            within=broken_sensitivity.unrolled,
            measures=True,
        ),
        Mutant(
            "wrong-norm",
            "loss-sensitivity has the l2 norm in the place of the others",
            target="memorization_claims.measures.loss_sensitivity.norms:norms",
            replacement=broken_sensitivity.euclidean,
            within=broken_sensitivity.unrolled,
            measures=True,
            caught_by="harness/tests/test_loss_sensitivity.py::test_norms_of_a_known_gradient",
        ),
        Mutant(
            "search-radius-zero",
            "critical samples are sought in a box without extent",
            target="memorization_claims.measures.nets.critical_samples:critical_samples",
            replacement=broken_searches.without_extent,
            within=broken_searches.keeps_weights,
            measures=True,
        ),
        Mutant(
            "search-steps-too-small",
            "the steps of the Langevin search are those for pixels of 0 to 255, taken on pixels of 0 to 1",
            target="memorization_claims.measures.nets.critical_samples:critical_samples",
            replacement=broken_searches.too_small,
            within=broken_searches.keeps_weights,
            measures=True,
        ),
        Mutant(
            "search-of-softmax",
            "the softmax is taken twice when critical samples are sought",
            target="memorization_claims.measures.nets.critical_samples:critical_samples",
            replacement=broken_searches.of_softmax,
            within=broken_searches.keeps_weights,
            measures=True,
            caught_by="harness/tests/test_critical_samples.py::test_sure_nets_are_searched_as_well",
        ),
        Mutant(
            "search-stopped-for-all",
            "the search for critical samples ends for a whole batch when few new ones appear",
            target="memorization_claims.measures.nets.critical_samples:critical_samples",
            replacement=broken_searches.batch_wide,
            within=broken_searches.keeps_weights,
            measures=True,
            caught_by="harness/tests/test_critical_samples.py::test_a_found_sample_stays_found_and_stops_no_other",
        ),
        Mutant(
            "measured-in-training-mode",
            "nets are measured in training mode",
            target="memorization_claims.lab.measure:make",
            replacement=broken_searches.in_training_mode,
            within=broken_searches.keeps_weights,
            measures=True,
            caught_by="harness/tests/test_measurement.py::test_nets_are_measured_in_evaluation_mode",
        ),
        Mutant(
            "regularisers-off",
            "dropout, noise, weight decay and adversarial training are left out of every recipe",
            broken_training.unregularised,
        ),
        Mutant("inputs-not-corrupted", "random inputs are the real ones", broken_training.inputs_not_corrupted),
    )
}


def find(name: str) -> Mutant:
    """A mutant by name.

    Raises:
        SettingError: for an unknown name.
    """
    if name not in MUTANTS:
        raise SettingError(f"unknown mutant {name!r}; legal are {', '.join(MUTANTS)}")
    return MUTANTS[name]
