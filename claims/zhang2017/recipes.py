"""How the nets of Zhang et al. 2017 are trained, at both scales."""

from harness.spec import Recipe, Record, RunSpec

MLP = RunSpec(
    data="digits",
    subset=500,
    validation=1000,
    preprocessing="whiten",
    model="mlp-1x512",
    recipe=Recipe(rate=0.05, batch=50, epochs=200, stop_accuracy=1.0),
    record=Record(weights="none"),
)
CNN = RunSpec(
    data="digits",
    subset=250,
    validation=1000,
    preprocessing="whiten",
    model="cnn-16",
    recipe=Recipe(rate=0.02, batch=32, epochs=200, stop_accuracy=1.0),
    record=Record(weights="none"),
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
        record=Record(weights="none"),
    )


PAPER = (
    "batches of 128 examples; the paper does not give their size",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
)
