"""Where a session keeps what belongs to it: the keys of pytest's stash, on its configuration and on its items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from memorization_claims.judging.judge import Judge
    from memorization_claims.session.held import Held
    from memorization_claims.session.options import Options

OPTIONS: pytest.StashKey[Options] = pytest.StashKey()
"""On the configuration: what the user asked for."""
DEVICE: pytest.StashKey[str] = pytest.StashKey()
"""On the configuration: the name of the device, once something is computed on it."""
DAMAGED: pytest.StashKey[list[str]] = pytest.StashKey()
"""On the configuration: a sentence for each entry of the store that was found damaged since the last claim."""
SPARED: pytest.StashKey[list[float]] = pytest.StashKey()
"""On the configuration: the seconds of the measured values that came from the store since the last claim."""
UNCOMPILED: pytest.StashKey[dict[object, str]] = pytest.StashKey()
"""On the configuration: a sentence for each kind of runs whose steps could not be compiled."""
JUDGE: pytest.StashKey[Judge] = pytest.StashKey()
"""On an item: the judge of its claim."""
HELD: pytest.StashKey[Held[Any]] = pytest.StashKey()
"""On an item: the runs or fits that its test holds, and what they cost."""
NOTES: pytest.StashKey[dict[str, None]] = pytest.StashKey()
"""On an item: how its claim was judged on its data, a sentence each, in order."""
DRAWN: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()
"""On an item: the panels that its claim handed over for the report."""
PROPERTIES: pytest.StashKey[list[tuple[str, str]]] = pytest.StashKey()
"""On an item: the properties of its test case in JUnit's XML that tell its verdict."""
