"""Claims in someone else's repository: from a wheel and from an editable install, with no conftest of theirs."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.tests import stranger, toy_project
from memorization_claims.tests.stranger import Environment

GENERIC = ("harness", "fixtures", "claims")
ITEMS = {"F01[others]", "F01[themselves]"}
SEEDED = "tests/test_other_labels.py::test_other_labels_are_drawn_evenly"
CROWDED = """
import claims, fixtures, harness
import pytest


def pytest_addoption(parser):
    for name in ("device", "dataset", "model", "seeds", "store", "report"):
        parser.addoption(f"--{name}", default="theirs")


@pytest.fixture
def device(request):
    return request.config.getoption("--device")
"""
OWN_TEST = '''
import claims, fixtures, harness


def test_names(device):
    """Their device, and their folders."""
    assert {device, claims.WHOSE, fixtures.WHOSE, harness.WHOSE} == {"theirs"}
'''


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of this repository."""
    return stranger.copied(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of it."""
    return stranger.wheel(tree, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment that the wheel is installed in."""
    return Environment(tmp_path_factory.mktemp("installed"), str(wheel))


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stranger's repository; its first session fills its store."""
    return stranger.pack(tmp_path_factory.mktemp("stranger") / "forgetting-claims")


@pytest.fixture(scope="module")
def first(installed: Environment, pack: Path) -> subprocess.CompletedProcess[str]:
    """The first session, which writes a record."""
    return installed.run(pack, "pytest", "-m", "fast", "--claims-report", "report")


def record(done: subprocess.CompletedProcess[str], folder: Path) -> dict[str, Any]:
    """The record of a session that ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stdout, done.stdout
    return toy_project.record(folder)


def test_the_wheel_holds_one_package(wheel: Path) -> None:
    """No generic name beside other packages, no tests, and all that is not code: types and templates."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"memorization_claims"}
    assert not [name for name in names if "/tests/" in name or "/benchmarks/" in name]
    tracked = {path.relative_to(toy_project.ROOT / "harness") for path in (toy_project.ROOT / "harness").rglob("*")}
    data = [path for path in tracked if path.suffix in (".html", ".css", ".pyi", ".typed") or path.name == "py.typed"]
    assert {"py.typed", "report.html", "report.css"} <= {path.name for path in data}
    assert {f"memorization_claims/{path}" for path in data} <= names


def test_one_name_is_importable(installed: Environment, tmp_path: Path) -> None:
    """The package is that of the wheel and not this repository's, and the folders' names are free."""
    code = (
        "import importlib.util as u, memorization_claims as m;"
        f"print(m.__file__, *[name for name in {GENERIC} if u.find_spec(name)], sep='\\n')"
    )
    (file,) = installed.run(tmp_path, "python", "-c", code).stdout.splitlines()
    assert Path(file).parent == installed.packages / "memorization_claims"


def test_a_pack_is_judged(first: subprocess.CompletedProcess[str], pack: Path, wheel: Path) -> None:
    """Both of its items are supported; the session and its record say whose claims they are and what judged them."""
    made = record(first, pack / "report")
    assert {entry["id"]: entry["verdict"] for entry in made["claims"]} == dict.fromkeys(ITEMS, "supported")
    assert (made["pack"]["name"], made["pack"]["version"]) == ("forgetting-claims", "0.3.0")
    version = wheel.name.split("-")[1]
    assert made["environment"]["memorization_claims"] == version
    assert f"claims: memorization-claims {version}, store .claims/store, device cpu, data digits" in first.stdout


def test_a_seeded_test_is_judged_without_torch(installed: Environment, pack: Path, tmp_path: Path) -> None:
    """Where a session has no net, nothing that is slow to import is; its store is not made either."""
    own = stranger.pack(tmp_path / "pack")
    report = ("--claims-report", str(tmp_path / "report"))
    done = installed.run(own, "python", "-X", "importtime", "-m", "pytest", "-s", SEEDED, *report)
    (entry,) = record(done, tmp_path / "report")["claims"]
    assert (entry["id"], entry["verdict"], len(entry["notes"])) == (SEEDED, "supported", 1)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "numpy" in imported
    assert not {"torch", "scipy", "sklearn"} & imported
    assert not (own / ".claims").exists()


def test_workers_find_the_same(
    installed: Environment, first: subprocess.CompletedProcess[str], pack: Path, tmp_path: Path
) -> None:
    """With two workers, and a store of their own."""
    own = ("-n", "2", "--claims-store", str(tmp_path / "store"), "--claims-report", str(tmp_path))
    made = record(installed.run(pack, "pytest", "-m", "fast", *own), tmp_path)
    assert [entry["samples"] for entry in made["claims"]] == [
        entry["samples"] for entry in toy_project.record(pack / "report")["claims"]
    ]


def test_nothing_collides(installed: Environment, pack: Path, tmp_path: Path) -> None:
    """Options, a fixture and folders of theirs that have our names; all of their tests are run."""
    crowded = stranger.pack(tmp_path / "pack")
    (crowded / "conftest.py").write_text(CROWDED, encoding="utf-8")
    (crowded / "tests/test_own.py").write_text(OWN_TEST, encoding="utf-8")
    for name in GENERIC:
        (crowded / name).mkdir()
        (crowded / name / "__init__.py").write_text('WHOSE = "theirs"\n', encoding="utf-8")
    store = ("--claims-store", str(pack / ".claims/store"), "--claims-report", str(tmp_path))
    done = installed.run(crowded, "python", "-m", "pytest", "--device=theirs", *store)
    assert {entry["id"] for entry in record(done, tmp_path)["claims"]} == {*ITEMS, SEEDED}
    assert "7 passed, 2 skipped" in done.stdout


def test_claims_are_listed(installed: Environment, pack: Path) -> None:
    """Those of the folder that the command is given in."""
    done = installed.run(pack, "claims", "list", "--format", "json")
    assert done.returncode == 0, done.stderr
    (listed,) = json.loads(done.stdout)
    assert (listed["id"], listed["test"]) == ("F01", "tests/test_forgetting.py::test_changed_labels_are_forgotten_more")
    assert listed["source"] == "Toneva et al. 2019, section 4.1, 'Detection of noisy examples', figure 3"


def test_a_mutant_of_theirs_is_noticed(
    installed: Environment, first: subprocess.CompletedProcess[str], pack: Path, tmp_path: Path
) -> None:
    """It replaces a measure of theirs, so that nothing is trained again."""
    own = stranger.pack(tmp_path / "pack", mutants=True)
    arguments = ("--only", "never-forgotten", "--save", "mutants.json", "--claims-store", str(pack / ".claims/store"))
    done = installed.run(own, "claims", "mutants", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "training" not in done.stderr
    matrix = json.loads((own / "mutants.json").read_text(encoding="utf-8"))
    assert {name: len(row["noticed"]) for name, row in matrix["mutants"].items()} == {"never-forgotten": 2}


def test_a_report_is_written(installed: Environment, first: subprocess.CompletedProcess[str], pack: Path) -> None:
    """Of the record, with the claim in it."""
    done = installed.run(pack, "claims", "report", "report", "--output", "again")
    assert done.returncode == 0, done.stderr
    assert "Toneva et al. 2019" in (pack / "again/report.html").read_text(encoding="utf-8")


def test_an_editable_install(tree: Path, first: subprocess.CompletedProcess[str], pack: Path, tmp_path: Path) -> None:
    """The same; and since the code is the same, nothing is trained again."""
    environment = Environment(tmp_path / "environment", "--no-build-isolation", "-e", str(tree))
    made = record(environment.run(pack, "pytest", "-m", "fast", "--claims-report", str(tmp_path)), tmp_path)
    assert [entry["verdict"] for entry in made["claims"]] == ["supported", "supported"]
    assert not any(entry["runs"]["trained"] for entry in made["claims"])
