"""Gaussian kernels that interpolate: how they generalise, and what their norm says of it."""

from typing import Any

from memorization_claims import Finding, Fits, Judge, KernelSpec, Margin, Plan, claim

from .paper import ZHANG2017

DIGITS = KernelSpec(data="digits", subset=600, validation=1000)
MNIST = KernelSpec(data="mnist", subset=1000, validation=1000)
CIFAR10 = KernelSpec(data="cifar10", subset=1500, validation=1000, shrink=2)
FULL_MNIST = KernelSpec(data="mnist", subset=50_000)
FULL_CIFAR10 = KernelSpec(data="cifar10", subset=40_000, filters=32_000)

Conditions = dict[str, dict[str, Any]]

PIXELS: Conditions = {"pixels": {}}
GABOR: Conditions = {**PIXELS, "Gabor": {"features": "gabor"}}
CONVOLUTION: Conditions = {**PIXELS, "convolution": {"features": "convolutional"}}
RIDGE: Conditions = {"none": {}, "ridge": {"ridge": None}}
MEDIAN = {name: {**changes, "bandwidth": 1.0} for name, changes in GABOR.items()}
HALF = {name: {**changes, "bandwidth": 0.5} for name, changes in GABOR.items()}
EXTRA = {f"{labels} labels": {"bandwidth": 1.0, "extra": labels} for labels in ("true", "random")}
CENTRES = {f"{centres} centres": {"bandwidth": 1.0, "centres": centres} for centres in ("data", "random")}

CHOSEN = ("the bandwidth is chosen on a fifth of the training set; the paper does not say how its own was",)
MEDIAN_DISTANCE = "the bandwidth is the median distance"
BANK = ("a Gabor bank of our own; the paper says nothing of its own",)
DRAWN = ("50,000 examples of MNIST, 40,000 of CIFAR-10, drawn by seed: fits of all would be one and the same",)
FEW = Margin(0.1, "about a tenth of the errors, the least for which one would preprocess; the paper halves them")
RISE = Margin(0.1, "about a tenth, less than a fifth of the paper's rise from 220 to 390, in logarithms")
LARGE = Margin(0.57, "the factor of 1.8 between the norms of the paper's two solutions that do generalise")


@claim(
    id="Z24",
    says="A Gaussian kernel that interpolates the training set, without regularisation, generalises.",
    source=ZHANG2017.at("section 5, table 3"),
    kind="bound",
    refuted_by="a kernel that interpolates with a test error above 5 %",
    margin=Margin(0.05, "five images of a hundred, where guessing gets ninety wrong; the paper has 1.2 % on MNIST"),
    fast=Plan(base=DIGITS, conditions=PIXELS),
    fullscale=Plan(base=FULL_MNIST, conditions=PIXELS),
    departs=CHOSEN,
    departs_fullscale=CHOSEN + DRAWN,
    findings=(Finding("Z24", "mnist", "with so few images the test error is larger"),),
)
def test_an_interpolating_kernel_generalises(fits: Fits, judge: Judge) -> None:
    """Every training label is fitted, and nothing is traded for smoothness."""
    judge.given(fits.value("train_accuracy"), at_least=1.0)
    judge.at_most(fits.value("test_error"), "pixels")


@claim(
    id="Z24",
    part="cifar10",
    says="On natural images too a Gaussian kernel that interpolates does far better than guessing.",
    source=ZHANG2017.at("section 5, table 3"),
    kind="bound",
    refuted_by="a kernel that interpolates natural images with a test error above 70 %",
    margin=Margin(0.7, "twenty points better than guessing; the paper has 46 % with all of CIFAR-10"),
    fast=Plan(base=CIFAR10, conditions=PIXELS, needs_data=True),
    fullscale=Plan(base=FULL_CIFAR10, conditions=PIXELS, needs_data=True),
    departs=CHOSEN,
    departs_fullscale=CHOSEN + DRAWN,
)
def test_an_interpolating_kernel_generalises_on_natural_images(fits: Fits, judge: Judge) -> None:
    """Pixels alone, and a kernel that knows nothing of images."""
    judge.given(fits.value("train_accuracy"), at_least=1.0)
    judge.at_most(fits.value("test_error"), "pixels")


@claim(
    id="Z25",
    says="Adding a ridge to a Gaussian kernel that interpolates does not improve it on MNIST.",
    source=ZHANG2017.at("section 5"),
    kind="same",
    refuted_by="a ridge, chosen by validation, that changes the test error by half a point or more",
    margin=Margin(0.005, "half a point: the paper's Gabor features, which it calls an improvement, gain 0.6 points"),
    fast={
        "pixels": Plan(base=DIGITS, conditions=RIDGE),
        "mnist-pixels": Plan(base=MNIST, conditions=RIDGE, needs_data=True),
    },
    fullscale={
        "pixels": Plan(base=FULL_MNIST, conditions=RIDGE),
        "gabor": Plan(base=FULL_MNIST, conditions=RIDGE).changed(features="gabor"),
    },
    departs=CHOSEN,
    departs_fullscale=CHOSEN + DRAWN,
)
def test_a_ridge_does_not_help(fits: Fits, judge: Judge) -> None:
    """The same kernel at the same bandwidth, with the ridge that does best on examples held out, and with none."""
    judge.given(fits.value("train_accuracy"), "none", at_least=1.0)
    judge.same(fits.value("test_error"), "ridge", "none")


@claim(
    id="Z26",
    part="gabor",
    says="Gabor wavelets, applied beforehand, cut a Gaussian kernel's error on MNIST.",
    source=ZHANG2017.at("section 5, table 3"),
    kind="above",
    refuted_by="Gabor wavelets that take away fewer than a tenth of the errors",
    margin=FEW,
    fast={
        "": Plan(base=DIGITS, conditions=GABOR),
        "mnist": Plan(base=MNIST, conditions=GABOR, needs_data=True),
    },
    fullscale=Plan(base=FULL_MNIST, conditions=GABOR),
    departs=CHOSEN + BANK,
    departs_fullscale=CHOSEN + BANK + DRAWN,
)
def test_gabor_wavelets_cut_the_error(fits: Fits, judge: Judge) -> None:
    """Both interpolate, and one knows something of images."""
    judge.given(fits.value("train_accuracy"), at_least=1.0)
    judge.above(fits.value("log_test_error"), "pixels", "Gabor")


@claim(
    id="Z26",
    part="convolution",
    says="A convolutional net with random filters, applied beforehand, cuts a Gaussian kernel's error on CIFAR-10.",
    source=ZHANG2017.at("section 5, table 3"),
    kind="above",
    refuted_by="random filters that take away fewer than a tenth of the errors",
    margin=FEW,
    fast=Plan(base=CIFAR10, conditions=CONVOLUTION, needs_data=True),
    fullscale=Plan(base=FULL_CIFAR10, conditions=CONVOLUTION, needs_data=True),
    departs=(*CHOSEN, "normal filters; the paper selects Coates and Ng's at random, and does not say from what"),
    departs_fullscale=(*CHOSEN, "normal filters; the paper selects Coates and Ng's at random", *DRAWN),
)
def test_random_filters_cut_the_error(fits: Fits, judge: Judge) -> None:
    """Nothing is learned but a mean and a covariance of patches."""
    judge.given(fits.value("train_accuracy"), at_least=1.0)
    judge.above(fits.value("log_test_error"), "pixels", "convolution")


RULES = {
    "median": Plan(base=DIGITS, conditions=MEDIAN),
    "mnist-median": Plan(base=MNIST, conditions=MEDIAN, needs_data=True),
    "mnist-half": Plan(base=MNIST, conditions=HALF, needs_data=True),
}
FULL_RULES = {
    "median": Plan(base=FULL_MNIST, conditions=MEDIAN),
    "validated": Plan(base=FULL_MNIST, conditions=GABOR),
}
RULE = (
    "the bandwidth is one multiple of the median distance, the same for both: chosen by validation, with so few "
    "examples, it would move the norm further than the features do",
)


@claim(
    id="Z27",
    part="norm",
    says="The norm does not predict the error: Gabor wavelets, which lower the error, raise the norm.",
    source=ZHANG2017.at("section 5"),
    kind="above",
    refuted_by="a norm of the interpolating solution that Gabor wavelets raise by less than a tenth",
    margin=RISE,
    fast=RULES,
    fullscale=FULL_RULES,
    departs=RULE + BANK,
    departs_fullscale=CHOSEN + BANK + DRAWN,
    findings=(
        Finding("Z27[norm-median]", "digits", "Gabor wavelets lower the norm"),
        Finding("Z27[norm-mnist-half]", "mnist", "Gabor wavelets raise the norm, but by less than a tenth"),
    ),
)
def test_gabor_wavelets_raise_the_norm(fits: Fits, judge: Judge) -> None:
    """Norms of two kernels compare only by a rule for their bandwidths, so the rule is part of the claim."""
    judge.given(fits.value("train_accuracy"), at_least=1.0)
    judge.above(fits.value("norm").log(), "Gabor", "pixels")


@claim(
    id="Z27",
    part="error",
    says="The norm does not predict the error: Gabor wavelets, which raise the norm, lower the error.",
    source=ZHANG2017.at("section 5"),
    kind="above",
    refuted_by="Gabor wavelets that take away fewer than a tenth of the errors of the same fits",
    margin=FEW,
    fast=RULES,
    fullscale=FULL_RULES,
    departs=RULE + BANK,
    departs_fullscale=CHOSEN + BANK + DRAWN,
)
def test_gabor_wavelets_lower_the_error_of_the_same_fits(fits: Fits, judge: Judge) -> None:
    """The other half of the claim, on the fits whose norms are compared."""
    judge.given(fits.value("train_accuracy"), at_least=1.0)
    judge.above(fits.value("log_test_error"), "pixels", "Gabor")


@claim(
    id="Z28",
    part="random-labels",
    says="An interpolating solution that is made to fit random labels on further points has a much larger norm.",
    source=ZHANG2017.at("section 5"),
    kind="above",
    refuted_by="random labels on further points with which the norm is less than 1.8 times that with their true labels",
    margin=LARGE,
    fast=Plan(base=DIGITS, conditions=EXTRA),
    fullscale=Plan(base=FULL_MNIST, conditions=EXTRA),
    departs=(MEDIAN_DISTANCE,),
    departs_fullscale=(MEDIAN_DISTANCE, *DRAWN),
)
def test_random_labels_on_further_points_raise_the_norm(fits: Fits, judge: Judge) -> None:
    """Judged against true labels on the same points, since with any labels at all further points raise the norm."""
    judge.given(fits.value("train_accuracy"), at_least=1.0)
    judge.above(fits.value("norm").log(), "random labels", "true labels")


@claim(
    id="Z28",
    part="random-centres",
    says="An interpolating solution with its basis functions at random points has a much larger norm.",
    source=ZHANG2017.at("section 5"),
    kind="above",
    refuted_by="random centres with which the norm is less than 1.8 times the least of any solution",
    margin=LARGE,
    fast=Plan(base=DIGITS, conditions=CENTRES),
    fullscale=Plan(base=FULL_MNIST, conditions=CENTRES).changed(subset=30_000),
    departs=(MEDIAN_DISTANCE,),
    departs_fullscale=(
        MEDIAN_DISTANCE,
        "30,000 examples: with random centres, twice the memory",
    ),
)
def test_random_centres_raise_the_norm(fits: Fits, judge: Judge) -> None:
    """That it is larger at all is a theorem; how much larger is the claim."""
    judge.given(fits.value("train_accuracy"), at_least=1.0)
    judge.above(fits.value("norm").log(), "random centres", "data centres")
