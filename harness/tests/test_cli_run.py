"""`claims run`: claims and items by their ids, and the rest is pytest's."""

from __future__ import annotations

from pathlib import Path

import pytest

from memorization_claims.cli import run
from memorization_claims.tests.command_line import claims, outsider


@pytest.mark.parametrize(
    ("arguments", "handed"),
    [
        (["Z18"], ["--claims-only=Z18", "-m", "fast"]),
        (["Z18", "A16[a-b]", "-n", "2"], ["--claims-only=Z18,A16[a-b]", "-m", "fast", "-n", "2"]),
        (["Z18", "-m", "fullscale", "-k", "x"], ["--claims-only=Z18", "-m", "fullscale", "-k", "x"]),
        (["Z18", "-khidden", "-mfast"], ["--claims-only=Z18", "-khidden", "-mfast"]),
        (["T1[models/a.py:net]", "test_a.py"], ["--claims-only=T1[models/a.py:net]", "-m", "fast", "test_a.py"]),
        (["Z18", "tests/"], ["--claims-only=Z18", "-m", "fast", "tests/"]),
        (["Z18", "a.py::test"], ["--claims-only=Z18", "-m", "fast", "a.py::test"]),
    ],
)
def test_what_pytest_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], handed: list[str]
) -> None:
    """The ids come first and go into one option; the rest is handed on as it stands."""
    (tmp_path / "test_a.py").touch()
    monkeypatch.chdir(tmp_path)
    started: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda path, words: started.append(words))
    run.command.main(arguments, standalone_mode=False)
    (words,) = started
    assert words[words.index("pytest") + 1 :] == handed


def test_an_item_is_judged(tmp_path: Path) -> None:
    """At fast scale, in the current folder, with pytest's output and exit status."""
    done = claims(outsider(tmp_path), "run", "T18[2]", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert "T18[2]" in done.stdout
    assert "T18[3]" not in done.stdout


def test_an_id_of_no_claim(tmp_path: Path) -> None:
    """It is pytest's usage error, which names it."""
    done = claims(outsider(tmp_path), "run", "T99", "-p", "no:cacheprovider")
    assert done.returncode == 4
    assert "T99" in done.stdout + done.stderr
