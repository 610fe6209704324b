"""How the nets of Zhang et al. 2017 are trained, at both scales."""

from harness.conditions import TRUE, random_labels
from harness.spec import Recipe, Record, RunSpec

MLP = RunSpec(
    data="digits",
    subset=500,
    validation=1000,
    preprocessing="whiten",
    model="mlp-1x512",
    recipe=Recipe(rate=0.05, batch=50, epochs=200, stop_accuracy=1.0),
    record=Record(weights="none", early_epochs=6, early_updates=2),
)
CNN = RunSpec(
    data="digits",
    subset=250,
    validation=1000,
    preprocessing="whiten",
    model="cnn-16",
    recipe=Recipe(rate=0.02, batch=32, epochs=200, stop_accuracy=1.0),
    record=Record(weights="none", early_epochs=8, early_updates=2),
)
REDUCED = (
    "the learning rate does not decay: at the paper's 0.95 an epoch, so few examples would be too few steps to fit",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
)


def paper(model: str, rate: float) -> RunSpec:
    """The paper's own run on CIFAR-10 (appendix A)."""
    return RunSpec(
        data="cifar10",
        crop=28,
        preprocessing="whiten",
        model=model,
        recipe=Recipe(rate=rate, batch=128, epochs=100, decay=0.95, stop_accuracy=1.0),
        record=Record(weights="none", early_epochs=2, early_updates=50),
    )


INCEPTION = paper("inception", rate=0.1)
ALEXNET = paper("alexnet", rate=0.01)
PAPER_MLP = paper("mlp-1x512", rate=0.01)
PAPER = (
    "batches of 128 examples; the paper does not give their size",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
)

LABELS = {"true labels": TRUE, "random labels": random_labels()}
LEVELS = {"0 %": 0.0, "25 %": 0.25, "50 %": 0.5, "75 %": 0.75, "100 %": 1.0}
CORRUPTED = {name: random_labels(level) if level else TRUE for name, level in LEVELS.items()}
