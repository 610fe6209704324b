"""How long it takes to fit random labels, and when that time is spent."""

from memorization_claims import Drawing, Finding, Judge, Margin, Plan, Runs, claim
from memorization_claims.measures.courses.start import rise, share_waited
from memorization_claims.measures.values.least_step import least_step

from ..margins import A_TENTH, TWICE
from .figures import FIGURE_1B
from .paper import ZHANG2017
from .recipes import (
    CNN,
    CORRUPTED,
    INCEPTION,
    LABELS,
    LEVELS,
    MLP,
    NARROW_INCEPTION,
    PAPER,
    REDUCED,
    SLOWER_DECAY,
    START,
    THREE_NETS,
    sharing,
)

LAG = "losses are of nets as they are evaluated, for which batch norm's averages lag by about ten steps"
PLATEAU = 0.2
"""How much more of the time to fit is spent before the start than on true labels, where figure 1a shows a plateau."""


@claim(
    id="Z04",
    says="Random labels take only a small constant factor longer to fit than true ones.",
    source=ZHANG2017.at("sections 1 and 2.1, figure 1"),
    kind="bound",
    refuted_by="random labels that take five times as long or longer",
    margin=Margin(1.609, "log 5: the paper's figures show factors of 2 to 4"),
    fast={"mlp-1x512": Plan(base=MLP, conditions=LABELS), "cnn-16": Plan(base=CNN, conditions=LABELS)},
    fullscale={name: sharing(base, LABELS) for name, base in THREE_NETS.items()},
    departs=REDUCED,
    departs_fullscale=(*PAPER, SLOWER_DECAY),
    findings=(
        Finding("Z04[mlp-1x512]", "digits", "random labels take more than five times as long as true ones, easy here"),
        Finding("Z04[cnn-16]", "digits", "random labels take about six times as long as true ones"),
    ),
)
def test_random_labels_take_a_small_factor_longer(runs: Runs, judge: Judge) -> None:
    """The ratio of the times to a training accuracy of 99 %."""
    time = runs.time_to(0.99, "train_accuracy", "time to fit")
    judge.at_most(time.log(), "random labels", less="true labels")


@claim(
    id="Z05",
    says="Once the fitting of random labels starts, it converges quickly.",
    source=ZHANG2017.at("section 2.1, figure 1a"),
    kind="bound",
    refuted_by="a rise, from the start to the fit, that takes twice as long as on true labels or longer",
    margin=TWICE,
    fast={
        "mlp-1x512": Plan(base=MLP, conditions=LABELS),
        "cnn-16": Plan(base=CNN, conditions=LABELS),
        "inception-16": Plan(base=NARROW_INCEPTION, conditions=LABELS),
    },
    fullscale=sharing(INCEPTION, LABELS),
    departs=(*REDUCED, START, LAG),
    departs_fullscale=(*PAPER, START),
    findings=(
        Finding(
            ("Z05[mlp-1x512]", "Z05[cnn-16]", "Z05[inception-16]"),
            "digits",
            "there is no plateau that true labels do not have, and so no start to be quick after",
            verdict="undecided",
        ),
    ),
)
def test_once_started_random_labels_are_fitted_quickly(runs: Runs, judge: Judge) -> None:
    """After a plateau that true labels do not have. These show what is quick for a net."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    course, guessing = ("loss", "train_accuracy"), runs.loss_of_guessing
    waited = runs.value(course, share_waited, "share of the time to fit before the start", loss_of_guessing=guessing)
    more = {"random labels": waited["random labels"] - waited["true labels"]}
    judge.given(runs.samples(f"{waited.name}, beyond that on true labels", more), at_least=PLATEAU)
    time = runs.value(course, rise, "time from the start to the fit", "epochs", loss_of_guessing=guessing)
    judge.at_most(time.log(), "random labels", less="true labels")


@claim(
    id="Z08",
    part="whole",
    says="The more labels are random, the longer the fit takes.",
    source=ZHANG2017.at("section 2.1, figure 1b"),
    kind="trend",
    refuted_by="a time to fit that grows, on the whole, by less than a tenth from true to random labels",
    margin=A_TENTH,
    fast=Plan(base=MLP, conditions=CORRUPTED),
    fullscale={name: sharing(base, CORRUPTED) for name, base in THREE_NETS.items()},
    departs=REDUCED,
    departs_fullscale=(*PAPER, SLOWER_DECAY),
)
def test_the_fit_takes_longer_with_corruption(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """Over all shares of random labels, from none on."""
    time = runs.time_to(0.99, "train_accuracy", "time to fit")
    draw.levels(FIGURE_1B, time, LEVELS, xlabel="share of random labels")
    judge.trend(time.log(), LEVELS)


@claim(
    id="Z08",
    part="each-step",
    says="The slowdown is steady: with each further quarter of random labels the fit takes longer.",
    source=ZHANG2017.at("section 2.1, figure 1b"),
    kind="bound",
    refuted_by="a quarter of further random labels with which the time to fit grows by less than a tenth",
    margin=A_TENTH,
    fast=Plan(base=MLP, conditions=CORRUPTED),
    fullscale={name: sharing(base, CORRUPTED) for name, base in THREE_NETS.items()},
    departs=REDUCED,
    departs_fullscale=(*PAPER, SLOWER_DECAY),
    findings=(
        Finding(
            "Z08[each-step]", "digits", "most of the slowdown is in the step from true labels to the first random ones"
        ),
    ),
)
def test_the_slowdown_is_steady(runs: Runs, judge: Judge) -> None:
    """Of the four steps the least: even ones would each be a fifth to two fifths, for the paper's factors of 2 to 4."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    time = runs.time_to(0.99, "train_accuracy", "time to fit").log()
    judge.at_least(runs.samples("least step in log time to fit", {"steps": least_step(time.stack(*LEVELS))}), "steps")
