"""With noise among the examples, good validation accuracy takes a wider net."""

import pytest

from memorization_claims import Drawing, Finding, Judge, Plan, Runs, claim

from ..margins import A_POINT
from .capacity import (
    CAPACITY,
    LEVELS,
    ON_DIGITS,
    PAPER_CAPACITY,
    PAPER_MLP,
    PAPER_WIDTHS,
    PARTLY_NOISE,
    WIDTHS,
    Data,
    accuracy,
    beside_real,
    fitted,
    sketch,
)
from .figures import FIGURE_5
from .paper import ARPIT2017

WHEN = pytest.mark.parametrize("when", ["final", "best"])
START = pytest.mark.parametrize("start", ["narrow", "middle"])
LEFT = {"randX": 100, "randY": 200}
PAPER_LEFT = {"randX": 10_000, "randY": 20_000}


def beside_removed(noise: str, left: int) -> Data:
    """Data with noise, and as many examples as are real among them."""
    return {noise: PARTLY_NOISE[noise], f"{noise} removed": {"subset": left}}


@claim(
    id="A09",
    says="With noise among the training examples, a wider net gains more validation accuracy than on real data alone.",
    source=ARPIT2017.at("section 3.3.1, figure 5; poster, figure 1"),
    kind="interaction",
    refuted_by="a gain from a narrower net to a wide one that noise raises by less than a point",
    margin=A_POINT,
    fast={noise: Plan.crossed(ON_DIGITS, {"data": beside_real(noise, LEVELS), "width": WIDTHS}) for noise in LEVELS},
    fullscale={
        noise: Plan.crossed(PAPER_MLP, {"data": beside_real(noise, LEVELS), "width": PAPER_WIDTHS}) for noise in LEVELS
    },
    departs=CAPACITY,
    departs_fullscale=PAPER_CAPACITY,
    findings=(
        Finding(
            ("A09[randX-40-best-middle]", "A09[randX-40-final-middle]"),
            "digits",
            "with two random inputs in five a wide net gains no more on one of 64 units, as far as its width matters",
            verdict="undecided",
        ),
        Finding(
            ("A09[randX-40-best-narrow]", "A09[randX-40-final-narrow]"),
            "digits",
            "with two random inputs in five a wide net gains about a point more",
            verdict="undecided",
        ),
        Finding(
            (
                "A09[randY-30-best-narrow]",
                "A09[randY-30-best-middle]",
                "A09[randY-60-best-narrow]",
                "A09[randY-60-best-middle]",
            ),
            "digits",
            "before random labels are fitted, a wide net gains little more than on real data, if at all",
            verdict="undecided",
        ),
    ),
)
@START
@WHEN
def test_noise_takes_a_wider_net(runs: Runs, judge: Judge, draw: Drawing, when: str, start: str) -> None:
    """From a net that is narrow for real data too, and from one that real data want no wider.

    All of them fit. Noise leaves accuracy well below that on real data, so that a wider net has much to gain; that
    width matters there is seen from the narrow net.
    """
    reached, (real, noise) = accuracy(runs, when), runs.levels("data")
    sketch(draw, FIGURE_5, reached, runs, real, noise, panel=f"{noise}, {when}")
    arms = (f"{noise}, wide", f"{noise}, {start}"), ("real, wide", f"real, {start}")
    gain = reached.between(
        "gain of the wide net on the narrow one", {str(noise): (f"{noise}, wide", f"{noise}, narrow")}
    )
    fitted(runs, judge, *arms[0], *arms[1])
    judge.control(gain, at_least=A_POINT.value)
    judge.interaction(reached, *arms)


@claim(
    id="A11",
    says="A wider net gains more validation accuracy with noise among the examples than where the noise is left out.",
    source=ARPIT2017.at("section 3.3.1"),
    kind="interaction",
    refuted_by="a gain from a narrower net to a wide one that leaving out the noise lowers by less than a point",
    margin=A_POINT,
    fast={
        noise: Plan.crossed(ON_DIGITS, {"data": beside_removed(noise, left), "width": WIDTHS})
        for noise, left in LEFT.items()
    },
    fullscale={
        noise: Plan.crossed(PAPER_MLP, {"data": beside_removed(noise, left), "width": PAPER_WIDTHS})
        for noise, left in PAPER_LEFT.items()
    },
    departs=(*CAPACITY, "without the noise as many real examples are left as with it, not the same ones"),
    departs_fullscale=(*PAPER_CAPACITY, "without the noise as many real examples are left as with it"),
    findings=(
        Finding(
            "A11[randX-middle]",
            "digits",
            "from 64 units on, a wide net gains about a point more beside the noise",
            verdict="undecided",
        ),
    ),
)
@START
def test_without_the_noise_a_narrower_net_will_do(runs: Runs, judge: Judge, draw: Drawing, start: str) -> None:
    """Beside the same number of real examples, which alone ask for less; all nets fit."""
    reached, (noise, removed) = runs.final("validation_accuracy"), runs.levels("data")
    sketch(draw, FIGURE_5, reached, runs, noise, removed, panel=str(removed))
    arms = (f"{noise}, wide", f"{noise}, {start}"), (f"{removed}, wide", f"{removed}, {start}")
    fitted(runs, judge, *arms[0], *arms[1])
    judge.interaction(reached, *arms)
