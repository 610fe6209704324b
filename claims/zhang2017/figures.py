"""What the figures of Zhang et al. 2017 show, for those that are redrawn."""

from .paper import ZHANG2017

FIGURE_1A = ZHANG2017.figure(
    "1a",
    "Training loss goes to zero on random labels, shuffled pixels, random pixels and Gaussian inputs as it does on the "
    "true data; random labels start to be fitted last.",
)
FIGURE_1B = ZHANG2017.figure(
    "1b", "The time to fit grows steadily with the share of random labels, by a factor of two to four at the most."
)
FIGURE_1C = ZHANG2017.figure(
    "1c", "Test error rises with the share of random labels up to the 90 % of guessing, while all are fitted."
)
FIGURE_2A = ZHANG2017.figure(
    "2a",
    "Where other regularisers are absent, test accuracy on ImageNet falls from a peak: early stopping could help.",
)
FIGURE_2B = ZHANG2017.figure(
    "2b",
    "Batch norm steadies training on CIFAR-10 and gains a few points of test accuracy; early stopping gains nothing.",
)
