"""How dense a net's decision boundaries are around the data, from the first epoch to the last."""

from memorization_claims import Drawing, Finding, Judge, Margin, Runs, Samples, claim
from memorization_claims.measures.courses.average import early_average
from memorization_claims.measures.courses.early_peak import rise_and_fall
from memorization_claims.measures.nets.critical_samples import critical_sample_ratio

from ..cost import DEARER
from .courses import CSR, DECADES, GREY, GRID, IN_TEN, PAPER_EACH, SMALLER, cnn, cnn_bn, mlp, paper
from .figures import FIGURE_9
from .paper import ARPIT2017
from .recipes import PAPER, REDUCED

FALLS = "the ratio falls from the first epoch on"
FROM_THE_FIRST = "from the end of the first epoch: before it the ratio tells of the initial weights alone"

UNDECIDED_GROWTH = (
    "left out as undecided: mean rises per decade of 0.085 [0.070, 0.100] on random labels and of 0.058 [0.026, 0.089] "
    "on noise inputs in the MLP; with batch norm of 0.050 [0.030, 0.069] on real data, 0.028 [0.000, 0.057] on noise "
    "inputs and 0.093 [0.069, 0.117] on random labels; without batch norm noise inputs were not always fitted"
)
UNDECIDED_END = (
    "left out as undecided: a mean change of 0.023 [0.007, 0.040] on random labels with batch norm; noise inputs were "
    "not always fitted without it"
)
UNDECIDED_LEVEL = "left out as undecided: on CIFAR-10, with batch norm, a mean difference of 0.117 [0.080, 0.153]"
UNDECIDED_RISE = (
    "left out as undecided: mean rises of 0.007 [-0.068, 0.081] on random labels in the MLP, 0.008 [-0.048, 0.058] on "
    "noise inputs with batch norm and -0.058 [-0.114, -0.003] on real data without; noise inputs were not always "
    "fitted without it"
)
FIRST_RISE = "judged first with the peak sought from the start on: where there is no rise it is then 0 in every run"


@claim(
    id="A17",
    part="grows",
    says="In the course of training, more and more validation images have another prediction close by.",
    source=ARPIT2017.at("section 4.2, figure 9"),
    kind="trend",
    refuted_by="a critical sample ratio that rises, on the whole, by less than 10 points from epoch 1 to epoch 40",
    margin=Margin(0.1 / DECADES["epoch 40"], f"{IN_TEN.reason}; per decade of epochs, of which there are 1.6"),
    fast={
        "mlp-2x128-real": mlp("real"),
        "cnn-12-real": cnn("real"),
        "cnn-12-randY": cnn("randY"),
    },
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, FROM_THE_FIRST, UNDECIDED_GROWTH),
    departs_fullscale=(*PAPER, FROM_THE_FIRST),
    findings=(
        Finding("A17[grows-mlp-2x128-real]", "digits", "on real data the ratio falls"),
        Finding("A17[grows-cnn-12-real]", "cifar10", "on real data the ratio falls"),
        Finding("A17[grows-cnn-12-randY]", "cifar10", "without batch norm the ratio falls on random labels too"),
    ),
)
def test_critical_samples_increase_in_training(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """The critical sample ratio after epochs 1, 3, 10 and 40: the paper has it increase gradually, and then settle."""
    measured = runs.traced(CSR, critical_sample_ratio)
    draw.course(FIGURE_9, measured, CSR, panel=runs.first.model)
    (data,) = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.trend(measured.over(CSR, data, GRID, CSR), DECADES)


@claim(
    id="A17",
    part="settles",
    says="In the end, the share of validation images that have another prediction close by no longer changes.",
    source=ARPIT2017.at("section 4.2, figure 9"),
    kind="same",
    refuted_by="a critical sample ratio that changes by 5 points or more in the last quarter of training",
    margin=Margin(0.05, "half of the 10 points that count as a rise"),
    fast={
        "mlp-2x128-real": mlp("real"),
        "mlp-2x128-randX": mlp("randX"),
        "mlp-2x128-randY": mlp("randY"),
        "cnn-12-real": cnn("real"),
        "cnn-12-randY": cnn("randY"),
        "cnn-bn-12-real": cnn_bn("real"),
        "cnn-bn-12-randX": cnn_bn("randX"),
    },
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, UNDECIDED_END),
    departs_fullscale=PAPER,
)
def test_critical_samples_settle(runs: Runs, judge: Judge) -> None:
    """The critical sample ratio three quarters through training, and at the end."""
    measured = runs.traced(CSR, critical_sample_ratio)
    (data,) = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    last = {"late": 0.75 * runs.budget, "end": runs.budget}
    judge.same(measured.over(CSR, data, last, CSR), "end", "late")


@claim(
    id="A18",
    part="early",
    says="Early in training, noise inputs have brought forth more critical samples than random labels.",
    source=ARPIT2017.at("poster, figure 4.1"),
    kind="above",
    refuted_by="a critical sample ratio over the first quarter of training that is higher by less than 10 points",
    margin=IN_TEN,
    fast={"mlp-2x128": mlp("randX", "randY"), "cnn-bn-12": cnn_bn("randX", "randY", most=DEARER)},
    fullscale=paper("randX", "randY"),
    departs=(*SMALLER, GREY, FROM_THE_FIRST),
    departs_fullscale=(*PAPER, FROM_THE_FIRST),
    findings=(
        Finding("A18[early-mlp-2x128]", "digits", "random labels have more critical samples from the start"),
        Finding(
            "A18[early-cnn-bn-12]", "cifar10", "random labels have as many critical samples or more from the start"
        ),
    ),
)
def test_critical_samples_come_fast_on_noise_inputs(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """The average over the first quarter: the poster has it increase very rapidly for randX, for randY eventually."""
    measured = runs.traced(CSR, critical_sample_ratio)
    draw.course(FIGURE_9, measured, CSR, panel=f"{runs.first.model}, noise")
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.above(measured.value(CSR, early_average, f"early {CSR}", share=0.25), "randX", "randY")


@claim(
    id="A18",
    part="level",
    says="In the end there are almost as many critical samples after random labels as after noise inputs.",
    source=ARPIT2017.at("poster, figure 4.1"),
    kind="same",
    refuted_by="critical sample ratios at the end of training that differ by 10 points or more",
    margin=IN_TEN,
    fast=mlp("randX", "randY"),
    fullscale=paper("randX", "randY"),
    departs=(*REDUCED, GREY, UNDECIDED_LEVEL),
    departs_fullscale=PAPER,
    findings=(Finding("A18[level]", "digits", "random labels end with many more"),),
)
def test_critical_samples_end_at_one_level_on_noise(runs: Runs, judge: Judge) -> None:
    """Around the same real validation images."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.same(runs.measure(critical_sample_ratio, CSR), "randY", "randX")


HALVES = (
    "on 60 images of each half of the training set: the peak is sought on one and read off the other, so that luck "
    "does not make one"
)


def among_training_examples(runs: Runs) -> Samples:
    """The critical sample ratio on training examples after the first epoch, at its peak and at the end."""
    (data,) = runs.specs
    even, odd = slice(0, 120, 2), slice(1, 120, 2)
    halves = runs.traced("even", critical_sample_ratio, on="training", part=even)
    halves = halves.traced("odd", critical_sample_ratio, on="training", part=odd)
    start, peak, end = rise_and_fall(
        halves.array(data, "even"), halves.array(data, "odd"), halves.epochs(data), first=1
    )
    return runs.samples(CSR, {"start": start, "peak": peak, "end": end})


@claim(
    id="A23",
    part="rises",
    says="Among the training examples, critical samples first increase.",
    source=ARPIT2017.at("section 4.2, footnote 5"),
    kind="above",
    refuted_by="a critical sample ratio at its peak that is less than 5 points above that after the first epoch",
    margin=Margin(0.05, "5 points, half of what is asked of the whole rise on the validation set: the peak is early"),
    fast={
        "mlp-2x128-real": mlp("real"),
        "mlp-2x128-randX": mlp("randX"),
        "cnn-12-randY": cnn("randY"),
        "cnn-bn-12-real": cnn_bn("real"),
        "cnn-bn-12-randY": cnn_bn("randY"),
    },
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, FROM_THE_FIRST, HALVES, UNDECIDED_RISE, FIRST_RISE),
    departs_fullscale=(*PAPER, FROM_THE_FIRST, HALVES),
    findings=(
        Finding("A23[rises-mlp-2x128-real]", "digits", FALLS),
        Finding("A23[rises-mlp-2x128-randX]", "digits", "the rise is over after one epoch"),
        Finding(
            ("A23[rises-cnn-12-randY]", "A23[rises-cnn-bn-12-real]", "A23[rises-cnn-bn-12-randY]"), "cifar10", FALLS
        ),
    ),
)
def test_critical_samples_rise_among_training_examples(runs: Runs, judge: Judge) -> None:
    """From the first epoch on, while the examples are learned."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.above(among_training_examples(runs), "peak", "start")


@claim(
    id="A23",
    part="falls",
    says="Once the training examples are learned, fewer and fewer of them are critical samples.",
    source=ARPIT2017.at("section 4.2, footnote 5"),
    kind="above",
    refuted_by="a critical sample ratio at the end that is less than 5 points below its peak",
    margin=Margin(0.05, "5 points, as of the rise"),
    fast={
        "mlp-2x128-real": mlp("real"),
        "mlp-2x128-randX": mlp("randX"),
        "mlp-2x128-randY": mlp("randY"),
        "cnn-12-real": cnn("real"),
        "cnn-12-randY": cnn("randY"),
        "cnn-bn-12-real": cnn_bn("real"),
        "cnn-bn-12-randX": cnn_bn("randX"),
        "cnn-bn-12-randY": cnn_bn("randY"),
    },
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, FROM_THE_FIRST, HALVES),
    departs_fullscale=(*PAPER, FROM_THE_FIRST, HALVES),
)
def test_critical_samples_fall_among_training_examples(runs: Runs, judge: Judge) -> None:
    """Log loss goes on pushing learned examples away from the boundary."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.above(among_training_examples(runs), "peak", "end")
