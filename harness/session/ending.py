"""The end of a session: its record and report are written whatever the terminal shows, and the terminal shows them."""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from memorization_claims.session import stash
from memorization_claims.session.results import Results
from memorization_claims.session.signals import Handler

WHOLE = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)
"""The exit statuses of sessions that came to their end."""


class Ending:
    """Writes the record where one was asked for, also of a session that is stopped, and shows what claims came to.

    Args:
        results: what the claims of the session came to so far.
    """

    def __init__(self, results: Results) -> None:
        self.results, self.config = results, results.config
        self._handler = Handler()
        self._told: list[tuple[str, bool]] = []
        """Lines about the files that were written, and whether each tells of a failure."""
        self._shown = False

    @property
    def _folder(self) -> Path | None:
        """Where the record goes."""
        return None if self.config.option.collectonly else self.config.stash[stash.OPTIONS].report

    def pytest_sessionstart(self) -> None:
        """Take a signal that ends the process as an interruption, where there is a record to lose."""
        if self._folder:
            self._handler.install()
            self.config.add_cleanup(self._handler.restore)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int | pytest.ExitCode
    ) -> Generator[None, object, object]:
        """Write the record before anything else that is done at the end, which may go wrong or take its time."""
        self._handler.ending = True
        if self.results.refused:
            exitstatus = session.exitstatus = pytest.ExitCode.USAGE_ERROR
        self.results.stopped = self._stopped(session, exitstatus)
        # A session that was refused has judged nothing, and an earlier record may lie there.
        if self._folder and exitstatus != pytest.ExitCode.USAGE_ERROR and not self._write(self._folder):
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        self._handler.restore()
        return (yield)

    def _stopped(self, session: pytest.Session, exitstatus: int | pytest.ExitCode) -> str:
        """Why the session ended before its end; empty if it did not."""
        if self._handler.received:
            return self._handler.received
        if session.shouldfail or session.shouldstop:
            return str(session.shouldfail or session.shouldstop)
        if exitstatus in WHOLE:
            return ""
        return "interrupted" if exitstatus == pytest.ExitCode.INTERRUPTED else f"exit status {int(exitstatus)}"

    def _write(self, folder: Path) -> bool:
        """Write the record, and then its report. False where there is no record; no verdict is lost by that."""
        from memorization_claims.reports import record

        try:
            path = record.write(self.results.document(), folder)
        except Exception as error:
            self._told.append((f"no record in {folder}: {type(error).__name__}: {error}", True))
            return False
        self._told.append((f"record: {path}", False))
        self._report(path)
        return True

    def _report(self, path: Path) -> None:
        """Render the record, which is safe by now."""
        from memorization_claims.reports import render

        try:
            shown, _ = render.write(path, path.parent)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            self._told.append((f"no report: {what}; `claims report {path}` tries again", True))
        else:
            self._told.append((f"report: {shown}", False))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the verdicts, and where record and report are."""
        from memorization_claims.reports.plain import plain

        self._shown = True
        encoding = getattr(terminalreporter._tw._file, "encoding", None)
        if self.results.refused:
            terminalreporter.write_line(plain(f"ERROR: {self.results.refused}", encoding), red=True)
        for sentence in self.results.damaged:
            terminalreporter.write_line(plain(f"damaged: {sentence}", encoding), yellow=True)
        for line in self.results.said:
            terminalreporter.write_line(plain(line, encoding))
        if self.results.entries:
            self._show(terminalreporter, encoding)
        self._remark(terminalreporter, encoding)
        for line, wrong in self._told:
            terminalreporter.write_line(plain(line, encoding), red=wrong)

    def _remark(self, reporter: pytest.TerminalReporter, encoding: str | None) -> None:
        """Say what was skipped, and how what the user chose was taken."""
        remarks = list(self.results.remarks())
        if not remarks:
            return
        from memorization_claims.reports import terminal
        from memorization_claims.reports.plain import plain

        writer = reporter._tw
        for what, claims, sentence in remarks:
            line = f"{what}, {claims} claim{'s' if claims > 1 else ''}: {sentence}"
            writer.write(plain(terminal.wrapped(line, width=writer.fullwidth), encoding))

    def _show(self, reporter: pytest.TerminalReporter, encoding: str | None) -> None:
        from memorization_claims.reports import alarms, terminal
        from memorization_claims.reports.plain import plain

        writer = reporter._tw
        width, color = writer.fullwidth, writer.hasmarkup
        reporter.section("verdicts")
        entries = sorted(self.results.entries, key=lambda entry: (entry["scale"], entry["id"]))
        # The names of tests are longer than those of claims, and would take the columns of these.
        for group in ([one for one in entries if one["paper"]], [one for one in entries if not one["paper"]]):
            writer.write(plain(terminal.table(group, width=width, color=color) if group else "", encoding))
        writer.write(plain("\n" + terminal.legend(width=width, color=color), encoding))
        if alarm := alarms.sentence(entries):
            writer.write(plain(terminal.wrapped(alarm, width=width), encoding))
        if noted := terminal.notes(entries, width=width, color=color):
            writer.write(plain("\n" + noted, encoding))
        if reasons := terminal.reasons(entries, width=width, color=color):
            writer.write(plain("\n" + reasons, encoding))

    def pytest_unconfigure(self) -> None:
        """Tell what went wrong with the files where no summary was shown."""
        from memorization_claims.reports.plain import plain

        refused = [(f"ERROR: {self.results.refused}", True)] if self.results.refused else []
        for line, wrong in [*refused, *self._told]:
            if wrong and not self._shown:
                print(plain(line, sys.stderr.encoding), file=sys.stderr)
