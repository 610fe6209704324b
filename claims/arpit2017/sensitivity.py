"""Nets whose loss is followed back through training to the examples (Arpit et al. 2017, section 3.2)."""

from dataclasses import replace

from memorization_claims import TRUE, Plan, Recipe, Record, RunSpec, gaussian_inputs

from ..cost import DEAR
from ..departures import HE_NORMAL
from .recipes import BATCHES_OF_100, ONE_DEVIATION

DIGITS = RunSpec(
    data="digits",
    subset=500,
    validation=100,
    model="mlp-2x16",
    recipe=Recipe(rate=0.1, momentum=0.0, batch=25, epochs=60),
    record=Record(every=4, early_epochs=10, early_updates=10, weights="none"),
)
MNIST = replace(DIGITS, data="mnist", subset=1000, shrink=2, recipe=replace(DIGITS.recipe, batch=50, epochs=40))
PAPER = replace(
    MNIST,
    validation=1000,
    recipe=Recipe(rate=0.01, momentum=0.0, batch=100, epochs=1000),
    record=Record(every=20, early_epochs=50, early_updates=5, weights="none"),
)

CLASSES = {"real": TRUE, "randX": gaussian_inputs()}
FEW_DIGITS = replace(
    DIGITS,
    subset=200,
    recipe=replace(DIGITS.recipe, batch=20, epochs=80),
    record=Record(every=10, early_epochs=10, early_updates=5, weights="none"),
)
BY_CLASS = {
    "": Plan(base=FEW_DIGITS, conditions=CLASSES, unrolled=True),
    "mnist": Plan(
        base=replace(MNIST, record=replace(MNIST.record, every=10)),
        conditions=CLASSES,
        unrolled=True,
        needs_data=True,
        most=DEAR,
    ),
}
"""The loss on every class is followed by itself, which costs as many times as much: of digits on fewer examples."""
PAPER_BY_CLASS = Plan(base=PAPER, conditions=CLASSES, unrolled=True)
EARLY = 0.125
"""Share of the epochs of these after which real data are learned, and noise is not; at their end both are."""

MEANING = (
    'the derivative is through the updates alone, as the paper\'s words have it ("indirectly"); that of items named '
    '"total" is what its formula says, with what the loss on an example owes to its pixels as they stand',
    "the loss is taken more often in the first epochs than later, and a value stands for the time since the last",
    ONE_DEVIATION,
    HE_NORMAL,
)
REDUCED = (
    *MEANING,
    "batches of 20 to 50 at ten times the paper's rate, for fewer updates; the paper says neither the size of its "
    "batches nor how long it trains: here it is until random inputs are learned too",
)
FULL = (*MEANING, BATCHES_OF_100)
