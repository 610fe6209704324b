"""Which part may import which, how large a file may be, and what is imported when."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from memorization_claims.tests import toy_project
from memorization_claims.tests.toy_project import ROOT

LAYERS = (
    ("cli", "doctor", "plugin", "hookspec", "fixtures"),
    ("filling",),
    ("session",),
    ("reports", "drawing", "controls", "mutants", "price"),
    ("lab", "judging", "seeding", "imagenet"),
    ("plan",),
    ("measures", "generators", "statistics", "store"),
    ("training",),
    ("models",),
    ("data",),
    ("spec",),
    ("seed",),
    ("errors",),
)
"""From the outside in: a part imports from its own line and from those below. Every `mutants` module is one part."""
WITHOUT_PYTEST = ("data", "models", "measures", "generators", "statistics", "training", "store", "spec", "seed", "plan")
WITHOUT_TORCH = (
    "plugin",
    "session",
    "judging",
    "seeding",
    "cli",
    "filling",
    "statistics",
    "reports",
    "store",
    "plan",
    "spec",
    "controls",
)
MOST_LINES = 350
PACKAGE = "memorization_claims"
FOLDERS = {"harness": PACKAGE, "fixtures": f"{PACKAGE}.fixtures", "claims": f"{PACKAGE}.claims"}


def modules() -> dict[str, Path]:
    """Every module of the project by name, but for tests and benchmarks."""
    found = {}
    for folder, name in FOLDERS.items():
        for path in (ROOT / folder).rglob("*.py"):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            if not {"tests", "benchmarks"} & set(parts):
                found[".".join((name, *parts)).removesuffix(".__init__")] = path
    return found


MODULES = modules()
LAZY = {PACKAGE}
"""The public surface imports a module when one of its names is asked for."""


def imports(name: str, *, annotations: bool) -> set[str]:
    """What a module imports anywhere in it: modules of ours whole, of others the top.

    Args:
        name: of the module.
        annotations: whether imports for annotations' sake count.
    """
    found: set[str] = set()
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8")), annotations):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            full = {f"{module}.{alias.name}" for alias in node.names}
            found |= {each if each in MODULES else module for each in full}
    return {each if each in MODULES else each.split(".")[0] for each in found}


def _nodes(tree: ast.AST, annotations: bool) -> list[ast.AST]:
    found = [tree]
    for node in ast.iter_child_nodes(tree):
        if annotations or not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            found += _nodes(node, annotations)
    return found


IMPORTS = {name: imports(name, annotations=True) for name in MODULES}
RUNNING = {name: imports(name, annotations=False) - LAZY for name in MODULES}


def reached(name: str) -> set[str]:
    """What a module imports when it runs, itself or by what it imports."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for each in RUNNING.get(waiting.pop(), set()) - found:
            found.add(each)
            waiting.append(each)
    return found


def part_of(name: str) -> str:
    """The part of the project that a module belongs to: its folder, or itself; the package's surface has none."""
    parts = name.split(".")
    return "mutants" if parts[-1] == "mutants" and parts[1] != "cli" else "".join(parts[1:2])


HARNESS = [name for name in MODULES if part_of(name) not in ("", "claims", "__main__")]


@pytest.mark.parametrize("part", WITHOUT_PYTEST)
def test_science_knows_nothing_of_pytest(part: str) -> None:
    """Neither a module nor anything that it imports imports pytest."""
    inside = [name for name in HARNESS if part_of(name) == part]
    assert inside
    assert not [name for name in inside if "pytest" in reached(name)]


def test_imports_run_one_way() -> None:
    """No part of the harness imports what lies further out, for annotations neither, and every part has its place."""
    place = {part: depth for depth, layer in enumerate(LAYERS) for part in layer}
    assert {part_of(name) for name in HARNESS} == set(place)
    upwards = [
        f"{name} imports {other}"
        for name in HARNESS
        for other in sorted(IMPORTS[name] & set(HARNESS))
        if place[part_of(name)] > place[part_of(other)]
    ]
    assert not upwards


def test_no_imports_go_in_circles() -> None:
    """Within a part as between parts, annotations' imports counted too."""
    graph = {name: IMPORTS[name] & set(MODULES) - LAZY for name in MODULES if name not in LAZY}
    assert len(tuple(TopologicalSorter(graph).static_order())) == len(graph)


def test_the_surface_is_for_claims() -> None:
    """The harness itself imports from modules, so that the surface can be read from outside in."""
    assert not [name for name in HARNESS if PACKAGE in IMPORTS[name]]


def test_the_harness_knows_no_claim() -> None:
    """Claims import the harness, never the other way, nor each other's papers."""
    claims = {name for name in MODULES if part_of(name) == "claims"}
    assert not [name for name in HARNESS if IMPORTS[name] & claims]
    for name in claims:
        folders = {other.split(".")[2] for other in IMPORTS[name] & claims if other.count(".") > 2}
        assert folders <= {name.split(".")[2]} if name.count(".") > 1 else not folders


@pytest.mark.parametrize("path", sorted(MODULES.values()), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_long(path: Path) -> None:
    """What grows beyond this has more than one concept in it."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_top_of_the_harness_is_bare() -> None:
    """Folders say what the rooms are for; beside them lie the hooks and what every room may use."""
    files = {path.stem for path in (ROOT / "harness").glob("*.py")}
    assert files == {"__init__", "__main__", "plugin", "hookspec", "errors", "seed"}


def imported(script: str, folder: Path) -> set[str]:
    """The modules that a process has imported after a script."""
    script += "\nimport sys; open('modules', 'w').write(' '.join(sys.modules))"
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run([sys.executable, "-c", script], cwd=folder, env=environment, check=True, capture_output=True)
    return set((folder / "modules").read_text(encoding="utf-8").split())


def test_the_plugin_does_not_wait_for_torch(tmp_path: Path) -> None:
    """Options, help, the command line and all that verdicts are reached with are imported without it."""
    names = [name for name in HARNESS if part_of(name) in WITHOUT_TORCH]
    # Charts are drawn when a session is over.
    names = [name for name in names if not name.startswith(f"{PACKAGE}.reports.html")]
    found = imported("\n".join(f"import {name}" for name in names), tmp_path)
    assert not {"torch", "torchvision", "scipy", "sklearn", "matplotlib"} & found


def test_a_session_imports_no_more_than_it_needs(tmp_path: Path) -> None:
    """Claims on digits are judged without torchvision."""
    toy_project.write(tmp_path, test_trained=toy_project.TRAINED)
    arguments = [*toy_project.QUICK, "-q", "-k", "test_supported", "test_trained.py"]
    found = imported(f"import pytest\nassert pytest.main({arguments!r}) == 0", tmp_path)
    assert "torch" in found
    assert not {"torchvision", "matplotlib"} & found
