"""How the nets of Arpit et al. 2017 are trained, at both scales."""

from memorization_claims import Recipe, Record, Runs, RunSpec, Samples
from memorization_claims.measures.courses.early_peak import highest

from ..departures import HE_NORMAL

MLP = RunSpec(
    data="digits",
    subset=500,
    validation=200,
    model="mlp-2x128",
    recipe=Recipe(rate=0.02, batch=50, epochs=100),
    record=Record(every=20),
)
PAPER_CNN = RunSpec(
    data="cifar10",
    validation=1000,
    model="arpit-cnn",
    recipe=Recipe(rate=0.01, batch=100, epochs=60, decay=0.5, decay_every=15),
    record=Record(every=5),
)
REDUCED = (
    "a net of 2 x 128 units with momentum 0.9 instead of a convolutional one",
    HE_NORMAL,
)
BATCHES_OF_100 = "batches of 100 examples; the paper does not give their size"
BATCHES_AND_EPOCHS = (
    "batches of 100 examples and 60 epochs, after which a rate that halves every 15 has 6 % of its sum left; the paper "
    "does not give their number"
)
PAPER = (
    BATCHES_AND_EPOCHS,
    HE_NORMAL,
)
HALVES = ("validation_accuracy_even", "validation_accuracy_odd")
"""Accuracy on two halves of the validation set: the peak is found on one half and read off the other, so that luck does
not raise it."""


def highest_accuracy(runs: Runs) -> Samples:
    """Validation accuracy at its highest: sought on one half of the images and read off the other."""
    return runs.value(HALVES, highest, "highest validation accuracy")


ONE_DEVIATION = "randX has one mean and one standard deviation for all pixels"
