"""What others add by hooks, and what the record and the head of a session say of where it was made."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.session import header, pack
from memorization_claims.session.options import Options
from memorization_claims.tests import toy_project
from memorization_claims.tests.test_guests import CLAIM, run

MUTANTS = """
from dataclasses import replace

from memorization_claims.controls.mutant import Mutant


def pytest_claims_mutants():
    return [Mutant("one-case", "of each theorem one case", setting=lambda setting: replace(setting, number=1))]
"""


def test_own_mutants_are_found_by_name(pytester: pytest.Pytester) -> None:
    """They change what a claim asks for, and an unknown name is told them too."""
    toy_project.write(pytester.path, test_claims=CLAIM, conftest=MUTANTS)
    options = ("-m", "fast", "-k", "T19", "--claims-report=record")
    assert run(pytester, *options, "--claims-mutant=one-case").ret is pytest.ExitCode.OK
    (entry,) = toy_project.record(pytester.path / "record")["claims"]
    assert len(entry["seeds"]) == 1
    unknown = run(pytester, *options, "--claims-mutant=no-case")
    assert unknown.ret is pytest.ExitCode.USAGE_ERROR
    assert "unknown mutant 'no-case'; legal are" in str(unknown.stderr)
    assert "one-case" in str(unknown.stderr)


def test_the_record_names_pack_and_papers(pytester: pytest.Pytester) -> None:
    """By the hook, else by pyproject.toml; the papers are those of what was judged."""
    toy_project.write(pytester.path, test_claims=CLAIM)
    options = ("-m", "fast", "-k", "T19", "--claims-report=record")
    (pytester.path / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "1.2"\n', encoding="utf-8")
    run(pytester, *options)
    made = toy_project.record(pytester.path / "record")
    assert made["pack"] == {"name": "mine", "version": "1.2", "commit": None}
    assert made["papers"] == {"toy2020": {"short": "Toy et al. 2020", "bibtex": toy_project.PAPER.bibtex}}
    assert made["claims"][0]["paper"] == "toy2020"
    assert made["environment"]["memorization_claims"] == version("memorization-claims")
    hook = "def pytest_claims_pack(config):\n    return 'theirs', None\n"
    (pytester.path / "conftest.py").write_text(hook, encoding="utf-8")
    run(pytester, *options)
    assert toy_project.record(pytester.path / "record")["pack"] == {"name": "theirs", "version": None, "commit": None}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (None, ("folder", None)),
        ("[tool.ruff]\n", ("folder", None)),
        ("no TOML", ("folder", None)),
        ('[project]\nname = "mine"\nversion = "1.2"\n', ("mine", "1.2")),
        ('[project]\nname = "never-installed"\ndynamic = ["version"]\n', ("never-installed", None)),
        ('[project]\nname = "pytest"\ndynamic = ["version"]\n', ("pytest", pytest.__version__)),
    ],
)
def test_a_pack_is_named_by_its_project(tmp_path: Path, text: str | None, named: tuple[str, str | None]) -> None:
    """Without a project by its folder; a version that is not written down is that of what is installed."""
    folder = tmp_path / "folder"
    folder.mkdir()
    if text is not None:
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    assert pack.found_at(folder) == named


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "store .claims/store, device cpu, data digits"),
        ({"store": Path("/elsewhere")}, "store /elsewhere, device cpu, data digits"),
        ({"dataset": "/own.npz"}, "store .claims/store, device cpu, data /own.npz"),
        ({"data_root": "filled"}, "store .claims/store, device cpu, data digits, mnist in {here}"),
    ],
    ids=["plain", "store", "dataset", "data root"],
)
def test_the_header_says_what_claims_are_judged_with(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    """Version, store, device, and the data that can be loaded."""
    if changes.get("data_root") == "filled":
        (tmp_path / "mnist.npz").touch()
        changes = {"data_root": tmp_path}
    fields: dict[str, Any] = dict.fromkeys(Options.__dataclass_fields__)
    where = {"store": tmp_path / ".claims/store", "data_root": tmp_path / "none", "device": "cpu"}
    line = header.line(Options(**{**fields, **where, **changes}), tmp_path)
    assert line == f"claims: memorization-claims {version('memorization-claims')}, {told.format(here=tmp_path)}"
