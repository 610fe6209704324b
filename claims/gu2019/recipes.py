"""How the nets of Gu & Tresp 2019 are trained, at both scales."""

from dataclasses import replace
from typing import Any

from memorization_claims import TRUE, Judge, Plan, Recipe, Record, Runs, RunSpec, Samples, random_labels
from memorization_claims.measures.courses.paths import highest_reached

from ..cost import DEARER, DEAREST
from ..departures import HE_NORMAL
from ..margins import FITTED

G = "memorization_claims.measures.nets.gradients:input_gradient_magnitude"
"""The input-gradient magnitude of section 2, taken at every evaluation."""
G_IN_NATS = "gradient magnitude G (nats)"
AGREEMENT = "memorization_claims.measures.nets.agreement:agreement"
DIRECTIONS = "memorization_claims.measures.nets.agreement:direction_agreement"
"""How far the gradients of one batch agree, as they are and all made equally long, at every evaluation."""
UPDATE = "memorization_claims.measures.nets.agreement:mean_gradient_length"
"""How long the gradient of that batch is in the parameters."""
CLASSES = "memorization_claims.measures.nets.agreement:class_excess"
"""How much more the gradients of one class agree than those of several."""
RECORD = Record(weights="none", probes=(G,), gradient_probes=(AGREEMENT, DIRECTIONS, UPDATE, CLASSES))

CONDITIONS = {"true labels": TRUE, "random labels": random_labels()}

CNN = RunSpec(
    data="digits",
    subset=200,
    validation=100,
    model="cnn-16",
    recipe=Recipe(rate=0.02, batch=32, epochs=150, stop_accuracy=1.0),
    record=RECORD,
    nets=4,
)
PATHS = Plan(base=CNN, conditions=CONDITIONS, most=DEARER)
MLP = replace(
    CNN,
    model="mlp-2x64",
    recipe=Recipe(rate=0.02, batch=32, epochs=100),
    record=Record(weights="none", probes=(G,)),
    nets=10,
)
TEN_PATHS = Plan(base=MLP, conditions=CONDITIONS)
"""As many initialisations as in the paper's figure 4, to the end of the budget, of a net that is cheap enough."""
PAPER_PATHS = Plan(
    base=RunSpec(
        data="cifar10",
        model="vgg11",
        recipe=Recipe(rate=0.01, batch=128, epochs=100),
        record=RECORD,
        nets=5,
    ),
    conditions=CONDITIONS,
)
NO_DECAY = "no weight decay on true labels, where the paper has 1e-4, so that the two arms differ in the labels alone"
TEST_SET = "test accuracy is that of images by which nothing is chosen: there is no validation set beside them"
BATCH_NORM = "batch norm in ResNet alone; the paper does not say whether its VGG nets have any"
SMALL = "batches of 32 and twice the learning rate"
HELD = "training stops at the fit, within 150 epochs, and a net is taken to stay there"
REDUCED = (f"a small convolutional net instead of VGG11, with {SMALL}", HELD, HE_NORMAL, NO_DECAY, TEST_SET)
PAPER = (
    HE_NORMAL,
    NO_DECAY,
    TEST_SET,
    BATCH_NORM,
    "a net has fitted if it did at some epoch: at a constant rate accuracy falls back now and then",
    "G is averaged over the first 5000 training images",
)
PAPER_OF_PATHS = (*PAPER, "each seed has a training set and five initialisations; the paper's figure 4 has ten of one")

TRAINED = RunSpec(
    data="digits",
    subset=200,
    validation=400,
    model="vgg3-16",
    recipe=Recipe(optimizer="adam", rate=0.004, batch=50, epochs=50),
    record=Record(every=10),
    nets=2,
)
"""A pair of nets that are trained until they fit and on from there, and kept, to be compared with each other and with
other pairs."""
PAPER_TRAINED = RunSpec(
    data="cifar10",
    model="vgg11",
    recipe=Recipe(rate=0.01, batch=128, epochs=100),
    record=Record(every=10),
    nets=2,
)
NATURAL = replace(TRAINED, data="cifar10", subset=1000, shrink=2, recipe=replace(TRAINED.recipe, rate=0.003, epochs=24))
"""The same on natural images, of which it takes more to learn anything from."""
NATURAL_IMAGES = "on CIFAR-10: 1000 images of 16 x 16 pixels and 24 epochs"
DEEPER: dict[str, Any] = {"model": "vgg6-16", "recipe": replace(TRAINED.recipe, epochs=40)}
RESIDUAL: dict[str, Any] = {"model": "resnet8-16", "recipe": replace(TRAINED.recipe, epochs=15)}
"""Nets that fit sooner are trained for fewer epochs, since each takes longer."""
DISSECTED = {
    name: Plan(base=replace(TRAINED, **changes), conditions=CONDITIONS, most=DEARER)
    for name, changes in {"vgg3-16": {}, "vgg6-16": DEEPER, "resnet8-16": RESIDUAL}.items()
}
"""Plans by net: each seed has a pair on true labels and one on random labels, of the same images. Plans share these
runs whatever else they compare."""
PAPER_DISSECTED = {
    model: Plan(base=PAPER_TRAINED, conditions=CONDITIONS).changed(model=model)
    for model in ("vgg11", "vgg13", "resnet32")
}
ADAM = (
    "Adam instead of SGD, batches of 50, and nets of three stages with 16 to 64 channels for VGG and ResNet",
    "50 epochs, 40 for the deeper net and 15 for ResNet, which is some way beyond the fit",
    HE_NORMAL,
    NO_DECAY,
    TEST_SET,
    BATCH_NORM,
)

PCA = {"kind": "pca", "latent": 20}
DCGAN = {"kind": "dcgan", "latent": 20, "width": 24, "epochs": 100, "batch": 32, "rate": 0.002}
PAPER_DCGAN = {"kind": "dcgan", "latent": 100, "width": 128, "epochs": 30, "batch": 128, "rate": 0.0002}
GENERATED = {
    name: replace(DISSECTED["vgg3-16"], conditions={"true labels": TRUE}, generator=generator, most=most)
    for name, generator, most in (("pca", PCA, DEARER), ("dcgan", DCGAN, DEAREST))
}
"""Plans by generator: the pair on true labels, and a generator of images like those that it was trained on."""
PAPER_GENERATED = {"dcgan": replace(PAPER_DISSECTED["vgg11"], conditions={"true labels": TRUE}, generator=PAPER_DCGAN)}
REDUCED_GENERATOR = (
    "20 latent values; `dcgan` has 24 channels next to the image and is trained for 100 epochs in batches of 32 with "
    "ten times the learning rate, since an epoch has 7 steps; `pca` is the mean image with its principal components"
)
PAPER_GENERATORS = (
    *PAPER,
    "the DCGAN has 128 to 512 channels, as far as Radford et al.'s for 64 x 64 images goes for 32 x 32 ones; the paper "
    "gives the number of layers alone",
)


def best(runs: Runs) -> Samples:
    """The highest training accuracy that nets reach."""
    return runs.value("train_accuracy", highest_reached, "highest training accuracy")


def given_that_nets_fit(runs: Runs, judge: Judge, *conditions: str) -> None:
    """These nets reach a training accuracy of 99 %, and end at 90 % at least: a net that has collapsed is like any."""
    judge.given(best(runs), *conditions, at_least=FITTED.value)
    judge.given(runs.final("train_accuracy"), *conditions, at_least=0.9)
