"""What the figures of Gu & Tresp 2019 show, for those that are redrawn."""

from .paper import GU2019

FIGURE_1 = GU2019.figure(
    "1",
    "On random labels accuracy stays at chance for a while and the gradient magnitude G is small; then G grows and "
    "accuracy rises quickly. True labels are learned from the start.",
)
FIGURE_2 = GU2019.figure(
    "2",
    "Nets trained on true labels are hardly apart, whatever their seed, depth or architecture; nets trained on random "
    "labels are far apart, even from seed to seed.",
)
FIGURE_3 = GU2019.figure(
    "3",
    "Generated images, before and after they are changed until a class answers to them most strongly: of a net that "
    "was trained on true labels they show the class.",
)
FIGURE_4 = GU2019.figure(
    "4", "Ten initialisations take similar paths on true labels, and obviously different ones on random labels."
)
FIGURE_5 = GU2019.figure("5", "The more labels are random, the further apart are the nets that learn them.")
