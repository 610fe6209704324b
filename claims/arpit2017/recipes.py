"""How the nets of Arpit et al. 2017 are trained, at both scales."""

from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec

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
    recipe=Recipe(rate=0.01, batch=100, epochs=100, decay=0.5, decay_every=15),
    record=Record(every=5),
)
REDUCED = (
    "a net of 2 x 128 units with momentum 0.9 instead of a convolutional one",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
)
PAPER = (
    "batches of 100 examples and 100 epochs; the paper does not give their number",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
)
