"""The fingerprint of code: what may be edited without training again, and what may not."""

from __future__ import annotations

import importlib
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.store import fingerprint, modules

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


def _write(folder: Path, files: dict[str, str]) -> None:
    """Write sources below a folder, as for a process that has not read them yet."""
    fingerprint.clear()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of somebody's, importable, whose measure imports some of it and whose other modules do not matter."""
    name = f"pack_{abs(hash(tmp_path))}"
    files = {
        "__init__.py": "",
        "measure.py": f"from {name}.constants import SCALE\nfrom . import shapes\nimport helper_{name}\n"
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import words\n"
        f"def late():\n    from {name}.parts.deep import LATE",
        "constants.py": "SCALE = 1",
        "shapes.py": "from .constants import SCALE",
        "words.py": "WORD = 1",
        "parts/__init__.py": "",
        "parts/deep.py": "LATE = 1",
        f"../helper_{name}.py": "HELP = 1",
    }
    _write(tmp_path / name, files)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / name
    for each in [each for each in sys.modules if each.split(".")[0] == name]:
        del sys.modules[each]


@pytest.mark.parametrize("name", ["measure.py", "constants.py", "shapes.py", "parts/deep.py", "../helper_{}.py"])
def test_what_is_imported_counts(package: Path, name: str) -> None:
    """An edit of a module, or of anything that it imports, at once or later, changes its fingerprint."""
    before = fingerprint.of_code(f"{package.name}.measure")
    path = package / name.format(package.name)
    _write(package, {str(path): path.read_text(encoding="utf-8") + "\nmore = 2"})
    assert fingerprint.of_code(f"{package.name}.measure") != before


@pytest.mark.parametrize("name", ["words.py", "parts/__init__.py", "new.py"])
def test_nothing_else_counts(package: Path, name: str) -> None:
    """What is imported for annotations' sake, or not at all, can be edited or added; a comment is no edit."""
    before = fingerprint.of_code(f"{package.name}.measure")
    _write(package, {name: "more = 2"})
    _write(package, {"constants.py": "SCALE = 1  # of the measure"})
    assert fingerprint.of_code(f"{package.name}.measure") == before


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_code_is_what_can_be_reached(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """In any package, an edit changes the fingerprint of just those modules that import the edited one on some path."""
    count = data.draw(st.integers(2, 6))
    edges = {own: data.draw(st.sets(st.integers(0, own - 1))) if own else set() for own in range(count)}
    folder = tmp_path_factory.mktemp("graph")
    name = folder.name
    texts = {own: "".join(f"from .m{other} import x as x{other}\n" for other in edges[own]) for own in edges}
    _write(folder, {"__init__.py": "", **{f"m{own}.py": f"{text}x = 1\n" for own, text in texts.items()}})
    edited = data.draw(st.integers(0, count - 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder.parent)
        before = [fingerprint.of_code(f"{name}.m{own}") for own in range(count)]
        _write(folder, {f"m{edited}.py": f"{texts[edited]}x = 12\n"})
        after = [fingerprint.of_code(f"{name}.m{own}") for own in range(count)]
    sys.modules.pop(name, None)
    reach = {own: {own} for own in range(count)}
    for own in range(count):
        reach[own] |= {far for near in edges[own] for far in reach[near]}
    assert [one != two for one, two in zip(before, after, strict=True)] == [edited in reach[own] for own in reach]


def test_names_of_the_package_lead_to_their_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is imported from the public surface counts, and no other part of the package does."""
    monkeypatch.syspath_prepend(tmp_path)
    _write(tmp_path, {"of_users.py": "from memorization_claims import Recipe"})
    found = names_reached("of_users")
    assert "memorization_claims.spec.recipe" in found
    assert not {each for each in found if each.startswith(("memorization_claims.lab", "memorization_claims.plan"))}


def test_what_trains_a_net() -> None:
    """A run's code has the trainer in it, and neither measures, statistics, reports nor the kernels' or other specs."""
    found = {name.removeprefix("memorization_claims.") for name in names_reached("memorization_claims.training.cohort")}
    assert {"seed", "spec.run", "data.dataset", "models.build", "training.cohort", "training.engine"} <= found
    tops = {name.partition(".")[0] for name in found}
    assert tops == {"seed", "errors", "spec", "data", "models", "training"}
    assert not {"spec.kernel", "spec.generator"} & found


def test_how_values_are_kept_does_not_count() -> None:
    """A change of the store's own files makes no value stale."""
    found = names_reached("memorization_claims.lab.measure")
    assert "memorization_claims.lab.kept" in found
    assert not {each for each in found if each.startswith("memorization_claims.store")}


def names_reached(name: str) -> set[str]:
    """The modules that a fingerprint covers."""
    return {module.name for module in fingerprint.reached((modules.find(name),))[0]}


def test_the_versions_of_libraries_count(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of an installed package that is imported is part of the code."""
    _write(package, {"shapes.py": "import numpy"})
    before = fingerprint.of_code(f"{package.name}.shapes")
    fingerprint.clear()
    monkeypatch.setattr(modules, "library", lambda top: f"{top}==0" if top == "numpy" else "")
    assert fingerprint.of_code(f"{package.name}.shapes") != before
    fingerprint.clear()


def test_a_module_is_found_and_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module's source is read without running it, and its logic counts while its comments do not."""
    monkeypatch.syspath_prepend(tmp_path)
    _write(tmp_path, {"net_of_a_user.py": "raise SystemExit"})
    before = fingerprint.of_code("net_of_a_user")
    _write(tmp_path, {"net_of_a_user.py": "raise SystemExit  # never run"})
    assert fingerprint.of_code("net_of_a_user") == before
    _write(tmp_path, {"net_of_a_user.py": "raise KeyboardInterrupt"})
    assert fingerprint.of_code("net_of_a_user") != before
    assert "net_of_a_user" not in sys.modules


def test_a_module_that_pytest_rewrites_has_its_source() -> None:
    """This very module, whose loader is pytest's and knows no source, is fingerprinted from its file."""
    spec = sys.modules[__name__].__spec__
    assert not hasattr(spec and spec.loader, "get_source")
    assert len(fingerprint.of_code(__name__)) == 64


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "no_such_module",
            r"There is no module 'no_such_module' to fingerprint; name one that `import no_such_module`",
        ),
        ("no_such.module", r"There is no module 'no_such\.module' to fingerprint; name one that"),
        (
            "sys",
            r"The module 'sys' has no Python source to fingerprint \(it is from built-in\)\. Name a module",
        ),
    ],
)
def test_a_module_without_source_is_refused(name: str, message: str) -> None:
    """What cannot be found or is built in is refused by name."""
    with pytest.raises(SettingError, match=message):
        fingerprint.of_code(name)


def test_a_bare_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without an __init__.py is importable, but has no source of its own."""
    monkeypatch.syspath_prepend(tmp_path)
    _write(tmp_path, {"folder_of_a_user/net.py": "width = 1"})
    with pytest.raises(SettingError, match=r"no Python source to fingerprint \(it is from a bare folder\)\."):
        fingerprint.of_code("folder_of_a_user")


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_folder_that_says_nothing_and_an_archive_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A package without `__init__.py`, in a folder or in an archive: a change in what its modules import is noticed."""
    name = f"bare_{kind}"
    (tmp_path / name).mkdir()
    place = tmp_path / "code.zip" if kind == "zip" else tmp_path
    monkeypatch.syspath_prepend(place)
    found = []
    for width in ("16", "16  # a comment", "17"):
        texts = {"mine": "from . import layers\n", "layers": f"WIDTH = {width}\n"}
        for stem, text in texts.items():
            (tmp_path / name / f"{stem}.py").write_text(text, encoding="utf-8")
        if kind == "zip":
            with zipfile.ZipFile(place, "w") as archive:
                archive.write(tmp_path / name, name)
                for stem in texts:
                    archive.write(tmp_path / name / f"{stem}.py", f"{name}/{stem}.py")
        importlib.invalidate_caches()
        fingerprint.clear()
        found.append(fingerprint.of_code(f"{name}.mine"))
    assert found[0] == found[1] != found[2]


def test_what_was_compiled_counts_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of the user's own beside the code that imports it."""
    (tmp_path / "uses_compiled.py").write_text("import own_compiled\n", encoding="utf-8")
    library = tmp_path / f"own_compiled{EXTENSION_SUFFIXES[0]}"
    monkeypatch.syspath_prepend(tmp_path)
    found = []
    for content in (b"one", b"one", b"other"):
        library.write_bytes(content)
        fingerprint.clear()
        found.append(fingerprint.of_code("uses_compiled"))
    assert found[0] == found[1] != found[2]


def test_a_module_of_a_release_counts_by_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is read, and another version or module is another fingerprint."""
    read = fingerprint.reached
    monkeypatch.setattr(fingerprint, "reached", lambda starts: read(starts) if not starts else pytest.fail("read"))
    fingerprint.clear()
    before = fingerprint.of_code("torch.optim")
    assert fingerprint.of_code("torch.optim.adam") != before
    monkeypatch.setattr(modules, "library", lambda top: f"{top}==0")
    assert fingerprint.of_code("torch.optim") != before
    fingerprint.clear()
