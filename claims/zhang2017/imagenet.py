"""The trainings of Inception v3 on ImageNet in table 2 of Zhang et al. 2017, and where they depart from it."""

from memorization_claims import ImagenetSpec, random_labels

BASE = ImagenetSpec()
DECAYED = {"weight_decay": 4e-5}
DROPPED = {"dropout": 0.2}
AUGMENTED = {"augmentation": True}
ALL = {**AUGMENTED, **DROPPED, **DECAYED}
RANDOM = random_labels()
RANDOM_DECAYED = {**RANDOM, **DECAYED}
RANDOM_DROPPED = {**RANDOM, **DROPPED, **DECAYED}
"""The rows of the table but that without regularisers on true labels: the last three have random labels."""

ONE_LOOK = 12
"""At most so many seeds: a training takes a GPU days, and the paper has one of each."""
TOGETHER = (
    "batches of 256 images, on devices that update together; in the paper 50 workers update each by itself, and those "
    "of TensorFlow's package for Inception have 32 images each"
)
SETUP = (
    "the setup of that package, which the paper names for its own: RMSProp of decay 0.9, momentum 0.9 and epsilon 1, a "
    "rate of 0.045 that falls by 0.94 every second epoch, weight decay 4e-5, dropout 0.2; 100 epochs are those of "
    "Szegedy et al. (2016)"
)
LEFT_OUT = (
    "without the package's smoothed labels and averages of weights over time, which the paper does not name; epsilon "
    "is added to the root of the mean square, and batch norm's running means follow faster, by a tenth a step"
)
CROPS = "augmentation is random crops and flips; the package changes brightness, saturation, hue and contrast too"
SAMPLE = "training accuracies are of 50,000 images, the same after every epoch, without augmentation"
PAPER = (TOGETHER, SETUP, LEFT_OUT, CROPS, SAMPLE)
