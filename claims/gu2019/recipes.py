"""How the nets of Gu & Tresp 2019 are trained, at both scales."""

from dataclasses import replace

from harness.conditions import TRUE, random_labels
from harness.plan import Plan
from harness.spec import Recipe, Record, RunSpec

G = "harness.measures.gradients:input_gradient_magnitude"
"""The input-gradient magnitude of section 2, taken at every evaluation."""
AGREEMENT = "harness.measures.agreement:agreement"
DIRECTIONS = "harness.measures.agreement:direction_agreement"
"""How far the gradients of one batch agree, as they are and all made equally long, taken then too."""
RECORD = Record(weights="none", probes=(G,), gradient_probes=(AGREEMENT, DIRECTIONS))

CONDITIONS = {"true labels": TRUE, "random labels": random_labels()}

CNN = RunSpec(
    data="digits",
    subset=200,
    validation=100,
    model="cnn-16",
    recipe=Recipe(rate=0.02, batch=32, epochs=100, stop_accuracy=1.0),
    record=RECORD,
    nets=4,
)
PATHS = Plan(base=CNN, conditions=CONDITIONS)
TEN_PATHS = Plan(
    base=replace(CNN, model="mlp-2x64", record=Record(weights="none", probes=(G,)), nets=10),
    conditions=CONDITIONS,
)
"""As many initialisations as in the paper's figure 4, of a net that is cheap enough."""
PAPER_PATHS = Plan(
    base=RunSpec(
        data="cifar10",
        model="vgg11",
        recipe=Recipe(rate=0.01, batch=128, epochs=100),
        record=RECORD,
        nets=10,
    ),
    conditions=CONDITIONS,
)
REDUCED = (
    "a small convolutional net instead of VGG11, with batches of 32 and twice the learning rate",
    "training stops at the fit, and a net is taken to stay there",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
    "no weight decay on true labels, so that the two arms differ in the labels alone",
)
PAPER = (
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
    "no weight decay on true labels, so that the two arms differ in the labels alone",
)
