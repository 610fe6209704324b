"""Departures from the papers that claims of several papers share."""

HE_NORMAL = "initial weights from He et al.'s normal distribution; the paper does not name its own"
