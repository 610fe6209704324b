"""The group `claims`: help, version, usage that is not legal, and what is imported."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

from memorization_claims.cli.main import main
from memorization_claims.tests.command_line import claims
from memorization_claims.tests.reported import entry, record
from memorization_claims.tests.test_layers import imported

COMMANDS = ("cite", "compare", "doctor", "list", "mutants", "plan", "report", "run", "show", "stability", "train")


def called(*arguments: str) -> tuple[int, str, str]:
    """The exit status of the command, and what it writes to both streams."""
    done = CliRunner().invoke(main, arguments)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", [(), ("-h",), ("--help",)])
def test_help(arguments: tuple[str, ...]) -> None:
    """Without a command too: every command in a line."""
    status, out, _ = called(*arguments)
    assert status == 0
    assert [line.split()[0] for line in out.split("Commands:\n")[1].splitlines()] == list(COMMANDS)


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command(name: str, flag: str) -> None:
    """Also of those that hand options to pytest."""
    status, out, _ = called(name, flag)
    assert status == 0
    assert out.startswith(f"Usage: main {name} ")


def test_python_runs_the_package(tmp_path: Path) -> None:
    """`python -m memorization_claims` is the command."""
    done = claims(tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"memorization-claims {version('memorization-claims')}\n")
    assert "Usage: python -m memorization_claims list" in claims(tmp_path, "list", "-h").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lst",), f"there is no command 'lst'; legal are {', '.join(COMMANDS)}"),
        (("--typo",), "No such option '--typo'; legal are --version, -h, --help"),
        (("show",), "Missing argument 'RECORD'; legal is main show [OPTIONS] RECORD [ID ...]"),
        (
            ("show", "a", "--typo"),
            "No such option '--typo'; legal are --supported, --refuted, --undecided, -h, --help",
        ),
        (("cite", "a", "b"), "Got unexpected extra argument (b); legal is main cite [OPTIONS] RECORD"),
        (("list", "--format", "xml"), "Invalid value for '--format': 'xml' is not one of 'text', 'json'"),
        (("compare", "a"), "one record was given; legal are two or more"),
        (
            ("run", "-n", "2", "Z18"),
            "no claim is named; legal is claims run ID [ID ...] [PYTEST ARGUMENTS], as claims run Z18",
        ),
    ],
)
def test_usage_that_is_not_legal(arguments: tuple[str, ...], message: str) -> None:
    """One line says what is wrong and what is legal."""
    assert called(*arguments) == (2, "", f"Error: {message}\n")


@pytest.mark.parametrize("name", ["show", "cite", "report", "compare"])
def test_what_is_no_record(tmp_path: Path, name: str) -> None:
    """Every command that reads one ends with status 2 and names it."""
    path = tmp_path / "verdicts.json"
    path.write_text("{}", encoding="utf-8")
    status, out, told = called(name, str(path), *([str(path)] if name == "compare" else []))
    assert (status, out) == (2, "")
    assert told.startswith(f"Error: {path} is no record of claims")
    assert len(told.splitlines()) == 1


def test_records_are_read_without_torch(tmp_path: Path) -> None:
    """Nor is pytest imported to show, cite and compare them."""
    made = record(entry(paper="toy2020"), papers={"toy2020": {"short": "Toy et al. 2020", "bibtex": "@misc{toy2020}"}})
    path = tmp_path / "verdicts.json"
    path.write_text(json.dumps(made), encoding="utf-8")
    calls = [["show", str(path)], ["cite", str(path)], ["compare", str(path), str(path)], ["list", "-h"]]
    script = "from memorization_claims.cli.main import main\n"
    script += f"for call in {calls!r}:\n    try:\n        main(call)\n"
    script += "    except SystemExit as ended:\n        assert not ended.code, call\n"
    assert not {"torch", "sklearn", "scipy", "matplotlib", "pytest"} & imported(script, tmp_path)
