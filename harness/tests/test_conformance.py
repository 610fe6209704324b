"""The page on conformance names, for each measure, tests that there are."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from memorization_claims.tests.toy_project import ROOT

PAGE = (ROOT / "reports/trust/conformance.md").read_text(encoding="utf-8")
MEASURES = (ROOT / "harness/measures/README.md").read_text(encoding="utf-8")
TESTS = Path(__file__).parent


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of each row of the table below a heading."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def quoted(cell: str) -> list[str]:
    """What stands between backquotes."""
    return re.findall(r"`([^`]+)`", cell)


@cache
def functions(stem: str) -> dict[str, set[str]]:
    """The tests of a file, each with the names of its decorators."""
    tree = ast.parse((TESTS / f"test_{stem}.py").read_text(encoding="utf-8"))
    return {
        node.name.removeprefix("test_"): {ast.unparse(each).partition("(")[0] for each in node.decorator_list}
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def decorators(test: str) -> set[str]:
    """Those of a test that the page names as file::function."""
    stem, _, name = test.partition("::")
    assert name in functions(stem), test
    return functions(stem)[name]


def test_all_measures_are_there() -> None:
    """File by file, the symbols that the table of measures has."""
    assert [row[:2] for row in rows(PAGE, "Measures")] == [row[:2] for row in rows(MEASURES, "What there is")]


@pytest.mark.parametrize("row", rows(PAGE, "Measures"), ids=lambda row: row[0].replace("`", ""))
def test_each_measure_names_tests_that_there_are(row: list[str]) -> None:
    """Of all three kinds, under Hypothesis where it is a property; their files know each of its symbols."""
    _, symbols, *kinds = row
    assert len(kinds) == 3
    assert all(map(quoted, kinds))
    for closed_or_slow in (*quoted(kinds[0]), *quoted(kinds[1])):
        decorators(closed_or_slow)
    for named in quoted(kinds[2]):
        assert "given" in decorators(named), f"{named} is no property"
    stems = {named.partition("::")[0] for cell in kinds for named in quoted(cell)}
    words = set(re.findall(r"\w+", " ".join((TESTS / f"test_{stem}.py").read_text(encoding="utf-8") for stem in stems)))
    assert set(quoted(symbols)) <= words


@pytest.mark.parametrize("row", rows(PAGE, "Statistics"), ids=lambda row: row[0])
def test_each_statistic_names_tests_that_there_are(row: list[str]) -> None:
    """And these, or what they import, name the oracle."""
    tests = quoted(row[2])
    assert tests
    for named in tests:
        decorators(named)
    sources = " ".join((TESTS / f"test_{named.partition('::')[0]}.py").read_text(encoding="utf-8") for named in tests)
    oracles = [name.removeprefix("scipy.stats.") for name in quoted(row[1])]
    assert all(re.search(rf"\b{name}\b", sources) for name in oracles), oracles
