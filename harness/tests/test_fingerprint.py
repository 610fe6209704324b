"""The fingerprint of code: what may be edited without training again, and what may not."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.store import fingerprint

SOURCE = textwrap.dedent('''
    """A step of descent."""

    class Recipe:
        """How to train."""

        rate: float = 0.1
        """The learning rate."""

    def step(weight, gradient):
        """One step."""
        return weight - Recipe.rate * gradient
''')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return weight", "# downhill\n    return weight"),
        ('"""A step of descent."""', ""),
        ('"""One step."""', '"""Take one step, downhill."""'),
        ('"""The learning rate."""', '"""The step size."""'),
        ("weight - Recipe.rate * gradient", "(weight\n        - (Recipe.rate*gradient))"),
        ("0.1", "1e-1"),
    ],
    ids=["comment", "no docstring", "docstring", "sentence under a field", "format", "spelling of a number"],
)
def test_what_the_code_does_not_do_does_not_count(old: str, new: str) -> None:
    """An edit that no run can notice keeps the fingerprint."""
    assert SOURCE.count(old) == 1
    assert fingerprint.of_source(SOURCE.replace(old, new)) == fingerprint.of_source(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.1", "0.2"),
        ("weight -", "weight +"),
        ("weight - Recipe.rate * gradient", "(weight - Recipe.rate) * gradient"),
        ("return weight", "gradient = 0\n    return weight"),
        ('"""One step."""', 'note = """One step."""'),
        ("return weight", "return 'weight'"),
    ],
    ids=["constant", "operator", "precedence", "statement", "string that is assigned", "string that is returned"],
)
def test_what_the_code_does_counts(old: str, new: str) -> None:
    """An edit of the logic changes the fingerprint."""
    assert SOURCE.count(old) == 1
    assert fingerprint.of_source(SOURCE.replace(old, new)) != fingerprint.of_source(SOURCE)


@given(left=st.integers(0, 99), right=st.integers(0, 99), comment=st.text("abc #'\"", max_size=9))
def test_equal_fingerprints_mean_equal_logic(left: int, right: int, comment: str) -> None:
    """Two programs that differ in one number at most have one fingerprint exactly when the number is the same."""
    first, second = f"x = {left}", f"x   =   {right}  # {comment}"
    assert (fingerprint.of_source(first) == fingerprint.of_source(second)) == (left == right)


def test_an_invalid_escape_is_no_warning() -> None:
    """A string that Python warns of is fingerprinted in silence, since warnings are errors here."""
    assert fingerprint.of_source(r"x = '\d'") == fingerprint.of_source(r"x = '\\d'")


@pytest.mark.parametrize("text", ["x = (", "x = '\0'"])
def test_what_is_not_python_is_refused(text: str) -> None:
    """A text that does not parse is an error that says so."""
    with pytest.raises(SettingError, match=r"^A fingerprint needs Python source, and this is none: .+\.$"):
        fingerprint.of_source(text)


def _write(folder: Path, files: dict[str, str]) -> list[Path]:
    """Write sources below a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def test_a_move_counts_and_the_order_does_not(tmp_path: Path) -> None:
    """The same sources under other names, or with their names exchanged, are other code."""
    one = fingerprint.of_files(_write(tmp_path / "1", {"a.py": "x = 1", "b.py": "x = 2"}), root=tmp_path / "1")
    same = fingerprint.of_files(_write(tmp_path / "2", {"b.py": "x = 2", "a.py": "x = 1"}), root=tmp_path / "2")
    moved = fingerprint.of_files(_write(tmp_path / "3", {"a.py": "x = 1", "c/b.py": "x = 2"}), root=tmp_path / "3")
    exchanged = fingerprint.of_files(_write(tmp_path / "4", {"a.py": "x = 2", "b.py": "x = 1"}), root=tmp_path / "4")
    assert one == same
    assert len({one, moved, exchanged}) == 3


def test_a_file_names_itself_in_errors(tmp_path: Path) -> None:
    """A file outside the root, one that does not parse and one that is not there are told apart by their messages."""
    (broken,) = _write(tmp_path, {"broken.py": "x ="})
    with pytest.raises(SettingError, match=r"broken\.py: A fingerprint needs Python source"):
        fingerprint.of_files([broken], root=tmp_path)
    with pytest.raises(
        SettingError, match=r"broken\.py cannot be fingerprinted by its place: it lies outside .*name a"
    ):
        fingerprint.of_files([broken], root=tmp_path / "elsewhere")
    with pytest.raises(SettingError, match=r"absent\.py cannot be read to be fingerprinted: "):
        fingerprint.of_files([tmp_path / "absent.py"], root=tmp_path)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the places where the training code lies."""
    names = ("seed.py", "spec.py", "data/source.py", "models/mlp.py", "training/deep/engine.py")
    _write(tmp_path / "harness", dict.fromkeys(names, "x = 1"))
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    return tmp_path / "harness"


@pytest.mark.parametrize(
    "name", ["seed.py", "spec.py", "data/source.py", "models/mlp.py", "training/deep/engine.py", "models/new.py"]
)
def test_every_part_that_trains_counts(package: Path, name: str) -> None:
    """A logic edit in any file that decides a run's numbers, or a new one, changes the fingerprint of the package."""
    before = fingerprint.of_package_parts.__wrapped__()
    _write(package, {name: "x = 2"})
    assert fingerprint.of_package_parts.__wrapped__() != before


@pytest.mark.parametrize(
    "name", ["report.py", "statistics/trend.py", "data/tests/test_source.py", "models/benchmarks/b.py"]
)
def test_no_other_part_counts(package: Path, name: str) -> None:
    """Reports, statistics, tests and benchmarks can be edited without training anything again."""
    before = fingerprint.of_package_parts.__wrapped__()
    _write(package, {name: "x = 2"})
    assert fingerprint.of_package_parts.__wrapped__() == before


def test_the_package_is_read_once() -> None:
    """The fingerprint of the code that was imported is kept for the process, whatever happens to its files."""
    assert fingerprint.of_package_parts() is fingerprint.of_package_parts()


def test_a_module_is_found_and_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module's source is read without running it, and its logic counts while its comments do not."""
    monkeypatch.syspath_prepend(tmp_path)
    _write(tmp_path, {"net_of_a_user.py": "raise SystemExit"})
    before = fingerprint.of_module("net_of_a_user")
    _write(tmp_path, {"net_of_a_user.py": "raise SystemExit  # never run"})
    assert fingerprint.of_module("net_of_a_user") == before
    _write(tmp_path, {"net_of_a_user.py": "raise KeyboardInterrupt"})
    assert fingerprint.of_module("net_of_a_user") != before
    assert "net_of_a_user" not in sys.modules


def test_a_package_is_fingerprinted_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model kept in a package counts with every file of it, not with its __init__.py alone."""
    monkeypatch.syspath_prepend(tmp_path)
    _write(tmp_path, {"nets_of_a_user/__init__.py": "from . import deep", "nets_of_a_user/deep/net.py": "width = 1"})
    before = fingerprint.of_module("nets_of_a_user")
    _write(tmp_path, {"nets_of_a_user/deep/net.py": "width = 2"})
    assert fingerprint.of_module("nets_of_a_user") != before


def test_a_module_that_pytest_rewrites_has_its_source() -> None:
    """This very module, whose loader is pytest's and knows no source, is fingerprinted from its file."""
    spec = sys.modules[__name__].__spec__
    assert not hasattr(spec and spec.loader, "get_source")
    assert len(fingerprint.of_module(__name__)) == 64


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "no_such_module",
            r"There is no module 'no_such_module' to fingerprint; name one that `import no_such_module`",
        ),
        ("no_such.module", r"There is no module 'no_such\.module' to fingerprint: No module named 'no_such'\."),
        (
            "sys",
            r"The module 'sys' has no Python source to fingerprint \(it is from built-in\)\. Name a module",
        ),
    ],
)
def test_a_module_without_source_is_refused(name: str, message: str) -> None:
    """What cannot be found or is built in is refused by name."""
    with pytest.raises(SettingError, match=message):
        fingerprint.of_module(name)


def test_a_bare_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without an __init__.py is importable, but has no source of its own."""
    monkeypatch.syspath_prepend(tmp_path)
    _write(tmp_path, {"folder_of_a_user/net.py": "width = 1"})
    with pytest.raises(SettingError, match=r"no Python source to fingerprint \(it is from a bare folder\)\."):
        fingerprint.of_module("folder_of_a_user")
