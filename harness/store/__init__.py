"""The store of runs: what was trained once is never trained again, by this process or any other.

Deleting it changes time, never a result. `entry` says what is kept and how damage is noticed, `shelf` how it gets on
the disk whole or not at all, `locks` how processes take turns, `store` what callers use.
"""

from memorization_claims.store.entry import JSON, Entry
from memorization_claims.store.store import Make, Obtained, Store

__all__ = ["JSON", "Entry", "Make", "Obtained", "Store"]
