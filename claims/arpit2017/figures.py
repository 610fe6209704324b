"""What the figures of Arpit et al. 2017 show, for those that are redrawn."""

from harness.papers import ARPIT2017

FIGURE_1 = ARPIT2017.figure(
    "1",
    "How often each example is misclassified after one epoch, over 100 initialisations and orders: real examples "
    "differ much more in it than noise, and of randX it is what a binomial distribution gives.",
)
FIGURE_2 = ARPIT2017.figure("2", "The filters of the first layer, learned from real data and from randY, are no noise.")
FIGURE_3 = ARPIT2017.figure(
    "3",
    "The Gini coefficient over examples of the loss-sensitivity, as training progresses: of real data few examples "
    "matter much, of noise all alike, also where every example is a class of its own.",
)
FIGURE_4 = ARPIT2017.figure(
    "4",
    "How sensitive the loss on each class is to training examples of each class: most of all to its own, and more "
    "spread out for real data than for noise.",
)
