"""What the claims of a session came to, over all workers."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest

from memorization_claims.session import pack, stash
from memorization_claims.session.reported import carried
from memorization_claims.session.root import root_of
from memorization_claims.session.took import Took

UNRECORDED = ("store", "report", "data_root", "only", "stage", "arithmetic")
"""Options that change no verdict; the arithmetic is part of the environment."""
UNORDERED = " does not have a deterministic implementation"
"""What torch's warning says of an operation after its name."""
REFUSED = "claims_refused"
"""The key of the error, in a worker's output, for which it judges nothing."""


@dataclass
class Attempt:
    """What the reports on one run of a test say."""

    entry: dict[str, Any] | None = None
    drawn: list[dict[str, Any]] = field(default_factory=list)
    noted: tuple[str, ...] = ()
    """How the user's data, net and optimizer were taken."""
    errors: dict[str, str] = field(default_factory=dict)
    """Messages by the phase that went wrong."""
    skipped: str = ""
    """The reason."""


class Results:
    """Collects entries, errors, skips and figures from the reports on tests.

    A test that a plugin runs again is reported again: its last attempt counts.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.attempts: dict[str, Attempt] = {}
        """The last attempt at each test of a claim that has something to tell, by its id."""
        self.papers: dict[str, dict[str, str]] = {}
        self.damaged: list[str] = []
        self.uncompiled: set[str] = set()
        """A sentence for each kind of nets whose steps could not be compiled."""
        self.unordered: set[str] = set()
        """Operations that the device has in no fixed order, as torch names them."""
        self.said: list[str] = []
        """Lines of tests that were tried out at one seed."""
        self.device = ""
        self.stopped = ""
        self.refused = ""
        self.took = Took()

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The entries of all claims that were judged."""
        return [attempt.entry for attempt in self.attempts.values() if attempt.entry is not None]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what the report on a claim's test carries."""
        told = carried(report)
        self.device = told.get("device") or self.device
        self.damaged += told.get("damaged", ())
        self.uncompiled |= set(told.get("uncompiled", ()))
        self.said += told.get("said", ())
        self.papers |= told.get("papers", {})
        if report.when == "setup":
            self.attempts.pop(report.nodeid, None)
        if told:
            self._take(self.attempts.setdefault(report.nodeid, Attempt()), told, report)
        elif report.failed and not report.keywords:  # the report on a worker that died
            self.attempts.setdefault(report.nodeid, Attempt()).errors["worker"] = _message(report)

    def _take(self, attempt: Attempt, told: dict[str, Any], report: pytest.TestReport) -> None:
        attempt.drawn, attempt.noted = told.get("drawn", attempt.drawn), tuple(told.get("noted", attempt.noted))
        if "entry" in told:
            attempt.entry = told["entry"]
        elif report.failed:
            attempt.errors[str(report.when)] = _message(report)
        elif report.skipped and isinstance(report.longrepr, tuple):
            attempt.skipped = report.longrepr[2].removeprefix("Skipped: ")

    def remarks(self) -> Iterator[tuple[str, int, str]]:
        """What is worth a line for all claims that it concerns: "skipped" or "note", their number, the sentence.

        Notes are those on what the user chose; without that, they stand in the record alone.
        """
        chosen = self.config.stash[stash.OPTIONS]
        skipped = Counter(attempt.skipped for attempt in self.attempts.values() if attempt.skipped)
        noted = Counter(note for attempt in self.attempts.values() for note in attempt.noted)
        for sentence, claims in skipped.most_common():
            yield "skipped", claims, sentence
        for sentence, claims in noted.most_common() if chosen.dataset or chosen.model or chosen.optimizer else ():
            yield "note", claims, sentence

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take note of a file that cannot be collected."""
        if report.failed:
            self.attempts[report.nodeid] = Attempt(errors={"collect": _message(report)})

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Take note of an operation whose results may differ from run to run, of workers' too."""
        operation, found, _ = str(warning_message.message).partition(UNORDERED)
        if found:
            self.unordered.add(operation)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take note of what a worker took, and of why it judged nothing."""
        output = getattr(node, "workeroutput", {})
        self.took.add(output)
        self.refused = output.get(REFUSED, self.refused)

    def document(self) -> dict[str, Any]:
        """The record of the session."""
        from memorization_claims.reports import record

        chosen = self.config.stash[stash.OPTIONS]
        return record.document(
            self.entries,
            list(self._errors()),
            [{"nodeid": id, "reason": one.skipped} for id, one in self.attempts.items() if one.skipped],
            [panel for attempt in self.attempts.values() for panel in attempt.drawn],
            papers=self.papers,
            pack=pack.of(self.config),
            device=self.device or chosen.device,
            computed={
                "arithmetic": str(chosen.arithmetic),
                "not compiled": "; ".join(sorted(self.uncompiled)),
                "in no fixed order": ", ".join(sorted(self.unordered)),
            },
            options={key: value for key, value in asdict(chosen).items() if key not in UNRECORDED},
            root=root_of(self.config),
            stopped=self.stopped,
            seconds=self.took.seconds(),
        )

    def _errors(self) -> Iterator[dict[str, str]]:
        for nodeid, attempt in self.attempts.items():
            for message in attempt.errors.values():
                yield {"nodeid": nodeid, "message": message}


def _message(report: pytest.TestReport | pytest.CollectReport) -> str:
    """What went wrong, in a line: the exception where there is a traceback, else the end of the text."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message if crash else report.longrepr).strip()
    lines = text.splitlines() or [f"{report.outcome} without a message"]
    return lines[0] if crash else lines[-1].removeprefix("E   ")
