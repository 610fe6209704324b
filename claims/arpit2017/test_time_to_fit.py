"""Noise takes longer to fit, the more so the more of it there is and the narrower the net."""

from dataclasses import replace

import pytest

from memorization_claims import (
    TRUE,
    Drawing,
    Finding,
    Judge,
    Level,
    Plan,
    Recipe,
    Record,
    Runs,
    RunSpec,
    Samples,
    claim,
)

from ..departures import HE_NORMAL
from ..margins import A_TENTH
from .capacity import ONE_SCALE, PAPER_MLP, TEST_IMAGES, TIMED, beside_real, examples, mlp, saved, sketch
from .figures import FIGURE_6
from .paper import ARPIT2017
from .recipes import BATCHES_OF_100, MLP

UNTIL_FITTED = replace(
    MLP,
    model="mlp-2x64",
    validation=100,
    recipe=Recipe(rate=0.02, batch=50, epochs=300, stop_accuracy=1.0),
    record=Record(weights="none", validation="final"),
    nets=2,
)
ON_MNIST = replace(UNTIL_FITTED, data="mnist", shrink=2, nets=1)
SIZES = {"a sixteenth": examples(60), "a quarter": examples(240), "all": examples(960)}
MNIST_SIZES = {"a sixteenth": examples(250), "a quarter": examples(1000), "all": examples(4000)}
PAPER_SIZES = {"a sixteenth": examples(3125), "a quarter": examples(12_500), "all": examples(50_000)}
NETS = {"narrow": mlp(16), "middle": mlp(32), "doubled": mlp(64), "wide": mlp(128)}
PAPER_NETS = {"narrow": mlp(1024), "middle": mlp(2048), "doubled": mlp(4096), "wide": mlp(8192)}


def by_size(base: RunSpec, sizes: dict[str, Level], noise: str) -> Plan:
    """Real data and noise in growing numbers."""
    return Plan.crossed(base, {"data": beside_real(noise, TIMED), "examples": sizes})


BY_SIZE = {noise: by_size(UNTIL_FITTED, SIZES, noise) for noise in TIMED}
MNIST_BY_SIZE = {"mnist-randX": replace(by_size(ON_MNIST, MNIST_SIZES, "randX"), needs_data=True)}
PAPER_BY_SIZE = {noise: by_size(PAPER_MLP, PAPER_SIZES, noise) for noise in TIMED}
EACH = {"real": TRUE, "randX": TIMED["randX"], "randY": TIMED["randY"]}
EACH_BY_SIZE = {
    name: Plan.crossed(UNTIL_FITTED, {"data": {name: data}, "examples": SIZES}) for name, data in EACH.items()
}
PAPER_EACH_BY_SIZE = {
    name: Plan.crossed(PAPER_MLP, {"data": {name: data}, "examples": PAPER_SIZES}) for name, data in EACH.items()
}
MNIST_REAL_BY_SIZE = {
    "mnist-real": Plan.crossed(ON_MNIST, {"data": {"real": TRUE}, "examples": MNIST_SIZES}, needs_data=True)
}
BY_WIDTH = {noise: Plan.crossed(UNTIL_FITTED, {"data": beside_real(noise, TIMED), "width": NETS}) for noise in TIMED}
PAPER_BY_WIDTH = {
    noise: Plan.crossed(PAPER_MLP, {"data": beside_real(noise, TIMED), "width": PAPER_NETS}) for noise in TIMED
}
EACH_BY_WIDTH = {name: Plan.crossed(UNTIL_FITTED, {"data": {name: data}, "width": NETS}) for name, data in EACH.items()}
PAPER_EACH_BY_WIDTH = {
    name: Plan.crossed(PAPER_MLP, {"data": {name: data}, "width": PAPER_NETS}) for name, data in EACH.items()
}
HOW_MUCH_NOISE = "40, 80 or 100 inputs in 100 are random; the paper does not say how many"
RANDOM_LABELS = "random labels are timed besides; the paper's figure has random inputs alone"
REDUCED = (
    "digits instead of MNIST, a net of 2 x 64 units instead of 4096 and momentum 0.9; the time is the mean of 2 nets",
    HOW_MUCH_NOISE,
    RANDOM_LABELS,
    ONE_SCALE,
    HE_NORMAL,
)
REDUCED_SIZES = (
    *REDUCED,
    "of MNIST up to 4000 images of 14 x 14 pixels, so that there are far more of them than pixels, as in the paper",
)
PAPER = (
    HOW_MUCH_NOISE,
    RANDOM_LABELS,
    ONE_SCALE,
    TEST_IMAGES,
    BATCHES_OF_100,
    HE_NORMAL,
)


def time_to_fit(runs: Runs) -> Samples:
    """Epochs to a training accuracy of 100 %, as in the paper; a lower bound where the budget ends before."""
    return runs.time_to(1.0, "train_accuracy", "time to fit")


@claim(
    id="A12",
    says="It takes more epochs to fit noise than to fit real data.",
    source=ARPIT2017.at("section 3.3.2, figure 6"),
    kind="above",
    refuted_by="a time to fit noise that is less than a tenth longer",
    margin=A_TENTH,
    fast={**BY_SIZE, **MNIST_BY_SIZE},
    fullscale=PAPER_BY_SIZE,
    departs=REDUCED_SIZES,
    departs_fullscale=PAPER,
)
def test_noise_takes_longer_to_fit(runs: Runs, judge: Judge) -> None:
    """On the largest set, as a ratio of epochs.

    There are many more examples than values in one: fewer random inputs are fitted by what is linear, in no time.
    """
    _, noise = runs.levels("data")
    judge.above(time_to_fit(runs).log(), f"{noise}, all", "real, all")


@claim(
    id="A13",
    says="With the number of examples the time to fit grows by a larger factor on noise than on real data.",
    source=ARPIT2017.at("section 3.3.2, figure 6 right; poster, figure 2"),
    kind="interaction",
    refuted_by="a factor, from a sixteenth of the examples to all of them, that on noise is less than a tenth larger",
    margin=A_TENTH,
    fast={**BY_SIZE, **MNIST_BY_SIZE},
    fullscale=PAPER_BY_SIZE,
    departs=REDUCED_SIZES,
    departs_fullscale=PAPER,
)
def test_the_time_to_fit_noise_grows_with_the_set(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """In epochs, so that a larger set does not take longer merely because its epochs do."""
    time, (real, noise) = time_to_fit(runs), runs.levels("data")
    sketch(draw, FIGURE_6, time, runs, real, noise, over="examples", panel=f"right, {noise}", log="xy")
    judge.interaction(time.log(), (f"{noise}, all", f"{noise}, a sixteenth"), ("real, all", "real, a sixteenth"))


@claim(
    id="A13",
    part="slows",
    says="More examples slow down training, as well for real data as for noise.",
    source=ARPIT2017.at("section 3.3.2, figure 6 right"),
    kind="above",
    refuted_by="a time to fit all of the examples that is less than a tenth longer than to fit a sixteenth of them",
    margin=A_TENTH,
    fast={**EACH_BY_SIZE, **MNIST_REAL_BY_SIZE},
    fullscale=PAPER_EACH_BY_SIZE,
    departs=REDUCED_SIZES,
    departs_fullscale=PAPER,
    findings=(
        Finding(
            "A13[slows-real]",
            "digits",
            "more real digits take fewer epochs, since an epoch of a sixteenth has 2 steps and one of all has 20",
        ),
    ),
)
def test_more_examples_slow_down_training(runs: Runs, judge: Judge) -> None:
    """In epochs; that noise is slowed in the same nets shows that real data could be."""
    (data,) = runs.levels("data")
    judge.above(time_to_fit(runs).log(), f"{data}, all", f"{data}, a sixteenth")


@claim(
    id="A14",
    says="A wider net shortens the time to fit by a smaller factor on real data than on noise.",
    source=ARPIT2017.at("figure 6 left, caption"),
    kind="interaction",
    refuted_by="a factor, from a narrower net to a wide one, that on noise is less than a tenth larger",
    margin=A_TENTH,
    fast=BY_WIDTH,
    fullscale=PAPER_BY_WIDTH,
    departs=(*REDUCED, "500 examples, and nets of 2 x 16 to 2 x 128 units"),
    departs_fullscale=(*PAPER, "nets of 2 x 1024 to 2 x 8192 units"),
    findings=(
        Finding(
            "A14[randY-doubled]",
            "digits",
            "the last doubling saves a factor on random labels that is about a tenth larger",
            verdict="undecided",
        ),
    ),
)
@pytest.mark.parametrize("start", ["narrow", "middle", "doubled"])
def test_width_saves_less_time_on_real_data(runs: Runs, judge: Judge, draw: Drawing, start: str) -> None:
    """A narrow net may not fit noise within the budget: its time is a lower bound, and so is the factor."""
    time, (real, noise) = time_to_fit(runs), runs.levels("data")
    sketch(draw, FIGURE_6, time, runs, real, noise, panel=f"left, {noise}", log="xy")
    judge.interaction(time.log(), (f"{noise}, {start}", f"{noise}, wide"), (f"real, {start}", "real, wide"))


@claim(
    id="A14",
    part="returns",
    says="Returns diminish sooner on real data: of two doublings of the width, the second saves less beside the first.",
    source=ARPIT2017.at("section 3.3.2, figure 6 left"),
    kind="interaction",
    refuted_by=(
        "a factor by which a doubling of the width shortens the time to fit, which from one doubling to the next "
        "shrinks on real data by less than a tenth more than on noise"
    ),
    margin=A_TENTH,
    fast=BY_WIDTH,
    fullscale=PAPER_BY_WIDTH,
    departs=(*REDUCED, "500 examples, and nets of 2 x 32, 2 x 64 and 2 x 128 units"),
    departs_fullscale=(*PAPER, "nets of 2 x 2048, 2 x 4096 and 2 x 8192 units"),
    findings=(
        Finding(
            tuple(f"A14[returns-{noise}]" for noise in ("randX-40", "randX-80", "randX", "randY")),
            "digits",
            "returns hardly diminish on real data at these widths, and rather more on noise",
            verdict="undecided",
        ),
    ),
)
def test_returns_diminish_sooner_on_real_data(runs: Runs, judge: Judge) -> None:
    """The text's reading, where that above is the caption's; a factor and not epochs, of which noise takes more.

    The control is that returns diminish on real data at all: the second doubling saves a tenth less than the first.
    """
    _, noise = runs.levels("data")
    gained = saved(time_to_fit(runs).log(), first=("middle", "doubled"), second=("doubled", "wide"))
    diminished = gained.between("what the second doubling saves less", {"real": ("real, first", "real, second")})
    judge.control(diminished, at_least=A_TENTH.value)
    judge.interaction(gained, ("real, first", "real, second"), (f"{noise}, first", f"{noise}, second"))


@claim(
    id="A14",
    part="slows",
    says="A narrower net slows down training, as well for real data as for noise.",
    source=ARPIT2017.at("section 3.3.2, figure 6 left"),
    kind="above",
    refuted_by="a time to fit by the narrow net that is less than a tenth longer than that by the wide one",
    margin=A_TENTH,
    fast=EACH_BY_WIDTH,
    fullscale=PAPER_EACH_BY_WIDTH,
    departs=(*REDUCED, "500 examples, and nets of 2 x 16 and 2 x 128 units"),
    departs_fullscale=(*PAPER, "nets of 2 x 1024 and 2 x 8192 units"),
)
def test_narrower_nets_slow_down_training(runs: Runs, judge: Judge) -> None:
    """What is not fitted within the budget is a lower bound."""
    (data,) = runs.levels("data")
    judge.above(time_to_fit(runs).log(), f"{data}, narrow", f"{data}, wide")
