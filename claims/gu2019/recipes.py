"""How the nets of Gu & Tresp 2019 are trained, at both scales."""

from dataclasses import replace

from memorization_claims import TRUE, Plan, Recipe, Record, RunSpec, random_labels

from ..cost import DEAR, DEARER
from ..departures import HE_NORMAL

G = "memorization_claims.measures.nets.gradients:input_gradient_magnitude"
"""The input-gradient magnitude of section 2, taken at every evaluation."""
G_IN_NATS = "gradient magnitude G (nats)"
AGREEMENT = "memorization_claims.measures.nets.agreement:agreement"
DIRECTIONS = "memorization_claims.measures.nets.agreement:direction_agreement"
"""How far the gradients of one batch agree, as they are and all made equally long, at every evaluation."""
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
PATHS = Plan(base=CNN, conditions=CONDITIONS, most=DEARER)
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
NO_DECAY = "no weight decay on true labels, so that the two arms differ in the labels alone"
REDUCED = (
    "a small convolutional net instead of VGG11, with batches of 32 and twice the learning rate",
    "training stops at the fit, and a net is taken to stay there",
    HE_NORMAL,
    NO_DECAY,
)
PAPER = (
    HE_NORMAL,
    NO_DECAY,
)

TRAINED = RunSpec(
    data="digits",
    subset=200,
    validation=400,
    model="vgg3-16",
    recipe=Recipe(optimizer="adam", rate=0.001, batch=32, epochs=100, stop_accuracy=1.0),
    record=Record(every=2),
    nets=2,
)
"""A pair of nets that are trained until they fit, and kept, to be compared with each other and with other pairs."""
PAPER_TRAINED = RunSpec(
    data="cifar10",
    model="vgg11",
    recipe=Recipe(rate=0.01, batch=128, epochs=100),
    record=Record(every=10),
    nets=2,
)
DISSECTED = {
    model: Plan(base=TRAINED, conditions=CONDITIONS, most=DEAR).changed(model=model)
    for model in ("vgg3-16", "vgg6-16", "resnet8-16")
}
"""Plans by net: each seed has a pair on true labels and one on random labels, of the same images. Plans share these
runs whatever else they compare."""
PAPER_DISSECTED = {
    model: Plan(base=PAPER_TRAINED, conditions=CONDITIONS).changed(model=model)
    for model in ("vgg11", "vgg13", "resnet32")
}
ADAM = (
    "Adam instead of SGD, batches of 32, and nets of three stages with 16 to 64 channels for VGG and ResNet",
    "training stops at the fit",
    HE_NORMAL,
    NO_DECAY,
)

PCA = {"kind": "pca", "latent": 20}
DCGAN = {"kind": "dcgan", "latent": 20, "width": 24, "epochs": 100, "batch": 32, "rate": 0.002}
PAPER_DCGAN = {"kind": "dcgan", "latent": 100, "width": 128, "epochs": 30, "batch": 128, "rate": 0.0002}
GENERATED = {
    name: replace(DISSECTED["vgg3-16"], conditions={"true labels": TRUE}, generator=generator, most=most)
    for name, generator, most in (("pca", PCA, None), ("dcgan", DCGAN, DEARER))
}
"""Plans by generator: the pair on true labels, and a generator of images like those that it was trained on."""
PAPER_GENERATED = {"dcgan": replace(PAPER_DISSECTED["vgg11"], conditions={"true labels": TRUE}, generator=PAPER_DCGAN)}
REDUCED_GENERATORS = (
    *ADAM,
    "20 latent values; `dcgan` has 24 channels next to the image and is trained for 100 epochs in batches of 32 with "
    "ten times the learning rate, since an epoch has 7 steps; `pca` is the mean image with its principal components",
)
PAPER_GENERATORS = (
    *PAPER,
    "the DCGAN has 128 to 512 channels, as far as Radford et al.'s for 64 x 64 images goes for 32 x 32 ones; the paper "
    "gives the number of layers alone",
)
