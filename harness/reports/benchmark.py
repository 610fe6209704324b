"""The claims of a session as rows of pytest-benchmark, so that it saves and compares what they took.

pytest-benchmark switches itself off among the workers of pytest-xdist, and by `--benchmark-disable` in the
configuration. Its session then measures nothing, but saves, compares and shows the rows that it is given all the same.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pytest_benchmark.session import BenchmarkSession
from pytest_benchmark.stats import Metadata

GROUP = "claims"
COLUMNS = ("mean",)
"""Of one number a row, the others say nothing."""
VERSIONS = ("torch", "torchvision", "numpy", "scipy", "cuda", "device", "threads")
"""What of a record's environment decides its numbers and times."""


@dataclass(frozen=True)
class Timed:
    """What a row takes from the fixture `benchmark` where there is one."""

    name: str
    fullname: str
    extra_info: dict[str, Any]
    group: str = GROUP
    param: None = None
    params: None = None
    cprofile_stats: None = None
    has_error: bool = False


def leave_to_controller(options: Namespace) -> None:
    """Let a worker's own session of benchmarks neither compare nor save: all rows are the controller's."""
    options.benchmark_save = options.benchmark_autosave = options.benchmark_json = None
    options.benchmark_compare = []


def wanted(session: BenchmarkSession) -> bool:
    """Whether rows are to be saved or compared."""
    return bool(session.save or session.autosave or session.json or session.compare)


def add(session: BenchmarkSession, entries: Iterable[dict[str, Any]], torch: str | None) -> None:
    """Give the session of benchmarks a row for each claim that was judged, before it is saved and shown."""
    if not session.benchmarks and not session.config.getoption("benchmark_columns"):
        session.columns = list(COLUMNS)
    if session.autosave:
        session.autosave += f"_torch-{torch}"
    session.benchmarks += [row(entry) for entry in sorted(entries, key=lambda one: str(one["nodeid"]))]


def differences(here: dict[str, Any], there: dict[str, Any]) -> list[str]:
    """What differs from the machine of a saved benchmark, of what decides numbers and times, a line each."""
    names = (*VERSIONS, "node", "python_version")
    changed = [name for name in names if name in there and here.get(name) != there[name]]
    return [f"{name} was {there[name]} there and is {here.get(name)} here" for name in changed]


def row(entry: dict[str, Any]) -> Metadata:
    """What a claim took when its runs were trained and measured; the entry itself is its `extra_info`."""
    reused = entry["runs"]["reused"] and not entry["runs"]["trained"]
    name = f"{entry['id']} (reused)" if reused else entry["id"]
    made = Metadata(Timed(name, entry["nodeid"], entry), iterations=1, options={})  # type: ignore[no-untyped-call]
    # No less than the record resolves, so that ratios are finite.
    made.update(max(0.001, entry["seconds"]["training"] + entry["seconds"]["measuring"]))  # type: ignore[no-untyped-call]
    return made


def restored(saved: dict[str, Any]) -> dict[str, Any]:
    """The record whose claims were saved as benchmarks.

    Raises:
        KeyError: none were.
    """
    return {**saved["record"], "claims": [row["extra_info"] for row in saved["benchmarks"] if row["group"] == GROUP]}
