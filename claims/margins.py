"""The margins that claims share: for each kind of measure, once, how much would matter.

A claim of order ("more than", "rises with", "the same as") names no size, and neither does its margin: it is the least
difference that a reader of the papers could see. A claim of size ("far more", "many more") is held to a size. Margins
that follow from a number in a paper stand with the claim, and say from which.
"""

import math

from memorization_claims import Margin

FITTED = Margin(0.99, "the lowest accuracy that Zhang et al. report as fitted is 99.34 %")
"""A training accuracy."""
AT_CHANCE = Margin(0.05, "half of chance with ten classes, which no figure of the papers could tell from it")
"""A distance of an accuracy from guessing."""

A_POINT = Margin(0.01, "a point of accuracy, as a matter of order: papers print accuracies to a tenth of it")
"""A difference of accuracies on images that were not trained on, as tables have it."""

IN_TWENTY = Margin(0.05, "one in twenty, as a matter of order: closer curves lie on each other in a figure from 0 to 1")
"""A difference of shares that papers show in figures: critical samples, labels memorised, Gini coefficients."""
IN_TEN = Margin(0.1, "one in ten, twice what a figure from 0 to 1 can show: fewer would not be many")
"""The same, where the claim is "many more"."""
IN_FOUR = Margin(0.25, "one in four: with more than three quarters of them left, most are as they were")
"""The same, where the claim is that few are left."""

LOG_TENTH = math.log(1.1)
A_TENTH = Margin(LOG_TENTH, "log 1.1, a tenth, as a matter of order: less is not seen in a figure of such ratios")
"""A ratio, as a logarithm: of times, of sensitivities, of gradients, of roughness, of distances."""
TWICE = Margin(math.log(2), "log 2, a factor of two: what is far more is no less than twice as much")
"""The same, where the claim is "far more"."""
