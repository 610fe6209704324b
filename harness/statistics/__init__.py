"""From samples, one number per condition and seed, to a verdict: supported, refuted or inconclusive."""

from harness.statistics.above import above
from harness.statistics.bound import bound
from harness.statistics.contested import contested
from harness.statistics.exact import exact
from harness.statistics.fit import binomial_dispersion, fit
from harness.statistics.interaction import interaction
from harness.statistics.same import same
from harness.statistics.samples import Samples
from harness.statistics.trend import trend
from harness.statistics.verdict import ALPHA, Effect, Outcome, Verdict, inconclusive

__all__ = [
    "ALPHA",
    "Effect",
    "Outcome",
    "Samples",
    "Verdict",
    "above",
    "binomial_dispersion",
    "bound",
    "contested",
    "exact",
    "fit",
    "inconclusive",
    "interaction",
    "same",
    "trend",
]
