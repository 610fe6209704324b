"""With noise among the examples, good validation accuracy takes a wider net."""

import pytest

from memorization_claims import Drawing, Finding, Judge, Margin, Plan, Runs, claim

from .capacity import (
    CAPACITY,
    ON_DIGITS,
    PAPER_CAPACITY,
    PAPER_MLP,
    PAPER_WIDTHS,
    PARTLY_NOISE,
    WIDTHS,
    Data,
    accuracy,
    sketch,
)
from .figures import FIGURE_5
from .paper import ARPIT2017

NOISES = pytest.mark.parametrize("noise", ["randX", "randY"])
WHEN = pytest.mark.parametrize("when", ["final", "best"])
START = pytest.mark.parametrize("start", ["narrow", "middle"])
BESIDE: Data = {noise: PARTLY_NOISE[noise] for noise in ("randX", "randY")}
LEFT: Data = {"randX removed": {"subset": 100}, "randY removed": {"subset": 200}}
PAPER_LEFT: Data = {"randX removed": {"subset": 10_000}, "randY removed": {"subset": 20_000}}


def beside_real(noise: str) -> Data:
    """Real data, and the same with one kind of noise."""
    return {arm: PARTLY_NOISE[arm] for arm in ("real", noise)}


A_POINT = Margin(0.01, "a point of validation accuracy more from a wider net: less is not worth its price")


@claim(
    id="A09",
    says="With noise among the training examples, a wider net gains more validation accuracy than on real data alone.",
    source=ARPIT2017.at("section 3.3.1, figure 5; poster, figure 1"),
    kind="interaction",
    refuted_by="a gain from a narrower net to a wide one that noise raises by less than a point",
    margin=A_POINT,
    fast={
        "randX": Plan.crossed(ON_DIGITS, {"data": beside_real("randX"), "width": WIDTHS}),
        "randY": Plan.crossed(ON_DIGITS, {"data": beside_real("randY"), "width": WIDTHS}),
    },
    fullscale={
        noise: Plan.crossed(PAPER_MLP, {"data": beside_real(noise), "width": PAPER_WIDTHS})
        for noise in ("randX", "randY")
    },
    departs=CAPACITY,
    departs_fullscale=PAPER_CAPACITY,
    findings=(
        Finding(
            "A09[randY-final-narrow]", "digits", "the narrow net, which cannot fit random labels, ends more accurate"
        ),
        Finding(
            "A09[randY-best-middle]", "digits", "before random labels are fitted, the wide net gains more on real data"
        ),
    ),
)
@START
@WHEN
def test_noise_takes_a_wider_net(runs: Runs, judge: Judge, draw: Drawing, when: str, start: str) -> None:
    """From a net that is narrow for real data too, and from one that real data want no wider."""
    reached, (real, noise) = accuracy(runs, when), runs.levels("data")
    sketch(draw, FIGURE_5, reached, runs, real, noise, panel=f"{noise}, {when}")
    judge.given(reached, "real, wide", at_least=2 * runs.chance)
    judge.interaction(reached, (f"{noise}, wide", f"{noise}, {start}"), ("real, wide", f"real, {start}"))


@claim(
    id="A11",
    says="A wider net gains more validation accuracy with noise among the examples than where the noise is left out.",
    source=ARPIT2017.at("section 3.3.1"),
    kind="interaction",
    refuted_by="a gain from a narrower net to a wide one that leaving out the noise lowers by less than a point",
    margin=A_POINT,
    fast=Plan.crossed(ON_DIGITS, {"data": {**BESIDE, **LEFT}, "width": WIDTHS}),
    fullscale=Plan.crossed(PAPER_MLP, {"data": {**BESIDE, **PAPER_LEFT}, "width": PAPER_WIDTHS}),
    departs=(*CAPACITY, "without the noise as many real examples are left as with it, not the same ones"),
    departs_fullscale=(*PAPER_CAPACITY, "without the noise as many real examples are left as with it"),
    findings=(
        Finding(
            "A11[randY-narrow]", "digits", "the narrow net, which cannot fit random labels, is more accurate with them"
        ),
    ),
)
@START
@NOISES
def test_without_the_noise_a_narrower_net_will_do(
    runs: Runs, judge: Judge, draw: Drawing, noise: str, start: str
) -> None:
    """Beside the same number of real examples, which alone ask for less."""
    reached = runs.final("validation_accuracy")
    sketch(draw, FIGURE_5, reached, runs, noise, f"{noise} removed", panel=f"{noise} removed")
    judge.given(reached, f"{noise} removed, wide", at_least=2 * runs.chance)
    judge.interaction(
        reached, (f"{noise}, wide", f"{noise}, {start}"), (f"{noise} removed, wide", f"{noise} removed, {start}")
    )
