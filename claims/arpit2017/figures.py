"""What the figures of Arpit et al. 2017 show, for those that are redrawn."""

from .paper import ARPIT2017

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
FIGURE_5 = ARPIT2017.figure(
    "5",
    "On real data validation accuracy is close to its best with 4096 units a layer; with noise among the examples it "
    "takes more.",
)
FIGURE_6 = ARPIT2017.figure(
    "6", "With more units the time to fit shrinks, and with more examples it grows, by more on noise than on real data."
)
FIGURE_7 = ARPIT2017.figure(
    "7",
    "On MNIST, the more examples are noise, the lower is validation accuracy and the higher the critical sample ratio. "
    "With random labels accuracy peaks before they are fitted, and the ratio rises from then on.",
)
FIGURE_8 = ARPIT2017.figure("8", "The same on CIFAR-10.")
FIGURE_9 = ARPIT2017.figure(
    "9",
    "The critical sample ratio grows in training and then settles, far higher on random inputs and on random labels "
    "than on real data.",
)
FIGURE_10 = ARPIT2017.figure(
    "10",
    "Regularisers keep nets from memorising random labels at little cost on real ones, dropout most of all.",
)
FIGURE_11 = ARPIT2017.figure(
    "11", "Training curves under different regularisers lie in another order on random labels than on real ones."
)
