"""How long it takes to fit random labels, and when that time is spent."""

from memorization_claims import Drawing, Finding, Judge, Margin, Plan, Runs, claim
from memorization_claims.measures.courses.start import wait_and_rise

from .figures import FIGURE_1B
from .paper import ZHANG2017
from .recipes import ALEXNET, CNN, CORRUPTED, INCEPTION, LABELS, LEVELS, MLP, PAPER, PAPER_MLP, REDUCED, START

PARTLY = {name: changes for name, changes in CORRUPTED.items() if changes}
SLOPE = Margin(0.405, "log 1.5 over the whole range: less would not show in the paper's figure")


@claim(
    id="Z04",
    says="Random labels take only a small constant factor longer to fit than true ones.",
    source=ZHANG2017.at("sections 1 and 2.1, figure 1"),
    kind="bound",
    refuted_by="random labels that take ten times as long or longer",
    margin=Margin(2.303, "log 10: nobody would call an order of magnitude small; the paper's figures show 2 to 4"),
    fast={"mlp-1x512": Plan(base=MLP, conditions=LABELS), "cnn-16": Plan(base=CNN, conditions=LABELS)},
    fullscale={
        "inception": Plan(base=INCEPTION, conditions=LABELS),
        "alexnet": Plan(base=ALEXNET, conditions=LABELS),
        "mlp-1x512": Plan(base=PAPER_MLP, conditions=LABELS),
    },
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_random_labels_take_a_small_factor_longer(runs: Runs, judge: Judge) -> None:
    """The ratio of the times to a training accuracy of 99 %."""
    time = runs.time_to(0.99, "train_accuracy", "time to fit")
    judge.at_most(time.log(), "random labels", less="true labels")


@claim(
    id="Z05",
    says="Once the fitting of random labels starts, it is quick: the rise is shorter than the wait before it.",
    source=ZHANG2017.at("section 2.1, figure 1a"),
    kind="above",
    refuted_by="a rise, from the start to the fit, that is longer than the wait before the start",
    margin=Margin(0.0, "shorter at all; the paper gives no number"),
    fast={"mlp-1x512": Plan(base=MLP, conditions=LABELS), "cnn-16": Plan(base=CNN, conditions=LABELS)},
    fullscale=Plan(base=INCEPTION, conditions=LABELS),
    departs=(*REDUCED, START),
    departs_fullscale=(*PAPER, START),
    findings=(
        Finding(("Z05[mlp-1x512]", "Z05[cnn-16]"), "digits", "the rise takes several times as long as the wait"),
    ),
)
def test_once_started_random_labels_are_fitted_quickly(runs: Runs, judge: Judge) -> None:
    """Wait and rise of the same runs, as logarithms."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    losses, accuracies = runs.array("random labels", "loss"), runs.array("random labels", "train_accuracy")
    wait, rise = wait_and_rise(losses, accuracies, runs.epochs("random labels"), loss_of_guessing=runs.loss_of_guessing)
    judge.above(runs.samples("time", {"wait": wait, "rise": rise}, "epochs").log(), "wait", "rise")


@claim(
    id="Z08",
    part="whole",
    says="The more labels are random, the longer the fit takes.",
    source=ZHANG2017.at("section 2.1, figure 1b"),
    kind="trend",
    refuted_by="a time to fit that grows, on the whole, by less than a half from true to random labels",
    margin=SLOPE,
    fast=Plan(base=MLP, conditions=CORRUPTED),
    fullscale={
        "inception": Plan(base=INCEPTION, conditions=CORRUPTED),
        "alexnet": Plan(base=ALEXNET, conditions=CORRUPTED),
        "mlp-1x512": Plan(base=PAPER_MLP, conditions=CORRUPTED),
    },
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_the_fit_takes_longer_with_corruption(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """Over all shares of random labels, from none on."""
    time = runs.time_to(0.99, "train_accuracy", "time to fit")
    draw.levels(FIGURE_1B, time, LEVELS, xlabel="share of random labels")
    judge.trend(time.log(), LEVELS)


@claim(
    id="Z08",
    part="steady",
    says="The slowdown is steady: among sets that are partly corrupted too, more random labels take longer to fit.",
    source=ZHANG2017.at("section 2.1, figure 1b"),
    kind="trend",
    refuted_by="a time to fit that grows, from a quarter of random labels on, by less than that slope",
    margin=SLOPE,
    fast=Plan(base=MLP, conditions=PARTLY),
    fullscale={
        "inception": Plan(base=INCEPTION, conditions=PARTLY),
        "alexnet": Plan(base=ALEXNET, conditions=PARTLY),
        "mlp-1x512": Plan(base=PAPER_MLP, conditions=PARTLY),
    },
    departs=REDUCED,
    departs_fullscale=PAPER,
    findings=(
        Finding(
            "Z08[steady]", "digits", "most of the slowdown is in the step from true labels to the first random ones"
        ),
    ),
)
def test_the_slowdown_is_steady(runs: Runs, judge: Judge) -> None:
    """Over the shares of random labels from the first on, without the step from true labels."""
    time = runs.time_to(0.99, "train_accuracy", "time to fit")
    judge.trend(time.log(), {name: LEVELS[name] for name in PARTLY})
