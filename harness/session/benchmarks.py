"""The claims of a session as rows of pytest-benchmark, so that it saves and compares what they took.

pytest-benchmark switches itself off among the workers of pytest-xdist, and by `--benchmark-disable` in the
configuration. Its session then measures nothing, but saves, compares and shows the rows that it is given all the same.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from memorization_claims.reports.saved import GROUP

if TYPE_CHECKING:
    from pytest_benchmark.session import BenchmarkSession
    from pytest_benchmark.stats import Metadata

    from memorization_claims.session.results import Results

COLUMNS = ("mean",)
"""What is shown: a row has one number, of which the other columns say nothing."""
VERSIONS = ("torch", "torchvision", "numpy", "scipy", "cuda", "device", "threads")
"""The parts of a record's environment that decide its numbers and times."""


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


class Hooks:
    """Gives the rows to pytest-benchmark's session in time, and tells it of the machine, where claims were judged.

    Args:
        config: pytest's.
        results: what the claims of the session came to so far.
    """

    def __init__(self, config: pytest.Config, results: Results) -> None:
        self._config, self._results = config, results

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, object, object]:
        """Before pytest-benchmark saves what it has."""
        session = self._config.pluginmanager.getplugin("pytest-benchmark")
        if self._results.entries and session and (session.save or session.autosave or session.json or session.compare):
            add(session, self._results.document())
        return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_machine_info(self, machine_info: dict[str, Any]) -> None:
        """Add what decides numbers."""
        if self._results.entries:
            machine_info.update(self._versions())

    def _versions(self) -> dict[str, Any]:
        made = self._results.document()["environment"]
        return {name: made[name] for name in VERSIONS}

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_benchmark_compare_machine_info(
        self, benchmarksession: BenchmarkSession, machine_info: dict[str, Any], compared_benchmark: dict[str, Any]
    ) -> None:
        """Say in a few lines what differs from what claims were saved with; that is asked before any is judged."""
        if "record" not in compared_benchmark:
            return
        for line in differences(machine_info | self._versions(), compared_benchmark["machine_info"]):
            benchmarksession.logger.info(line, newline=False)  # type: ignore[no-untyped-call]
        # Else pytest-benchmark would dump both machines whole, and fail where the storage lies outside this folder.
        compared_benchmark["machine_info"] = machine_info

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json: dict[str, Any]) -> None:
        """Add the record but for its claims, which are in their rows, and its figures."""
        if self._results.entries:
            made = self._results.document()
            output_json["record"] = {key: value for key, value in made.items() if key not in ("claims", "figures")}


def add(session: BenchmarkSession, record: dict[str, Any]) -> None:
    """Give the session of benchmarks a row for each claim that was judged, before it is saved and shown."""
    if not session.benchmarks and not session.config.getoption("benchmark_columns"):
        session.columns = list(COLUMNS)
    if session.autosave:
        session.autosave += f"_torch-{record['environment']['torch']}"
    session.benchmarks += [row(entry) for entry in sorted(record["claims"], key=lambda one: str(one["nodeid"]))]


def differences(here: dict[str, Any], there: dict[str, Any]) -> list[str]:
    """What differs from the machine of a saved benchmark, of what decides numbers and times, a line each."""
    names = (*VERSIONS, "node", "python_version")
    changed = [name for name in names if name in there and here.get(name) != there[name]]
    return [f"{name} was {there[name]} there and is {here.get(name)} here" for name in changed]


def row(entry: dict[str, Any]) -> Metadata:
    """What a claim took when its runs were trained and measured; the entry itself is its `extra_info`."""
    from pytest_benchmark.stats import Metadata

    reused = entry["runs"]["reused"] and not entry["runs"]["trained"]
    name = f"{entry['id']} (reused)" if reused else entry["id"]
    made = Metadata(Timed(name, entry["nodeid"], entry), iterations=1, options={})  # type: ignore[no-untyped-call]
    # No less than the record resolves, so that ratios are finite.
    made.update(max(0.001, entry["seconds"]["training"] + entry["seconds"]["measuring"]))  # type: ignore[no-untyped-call]
    return made
