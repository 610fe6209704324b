"""Reaches a verdict, supported, refuted or undecided, from samples: one number per condition and seed."""

from memorization_claims.statistics.above import above
from memorization_claims.statistics.bound import bound
from memorization_claims.statistics.contested import contested
from memorization_claims.statistics.exact import exact
from memorization_claims.statistics.fit import binomial_dispersion, fit
from memorization_claims.statistics.interaction import interaction
from memorization_claims.statistics.same import same
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.trend import trend
from memorization_claims.statistics.verdict import ALPHA, Effect, Outcome, Verdict, undecided

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
    "interaction",
    "same",
    "trend",
    "undecided",
]
