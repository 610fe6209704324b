"""What the README shows of a record is what the record says, to the letter."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from memorization_claims.cli import readme
from memorization_claims.errors import DataError
from memorization_claims.statistics import Samples, above, bound, same
from memorization_claims.tests.test_record import document, entry

LOW, HIGH = np.linspace(-1, 1, 12) / 100, 2 + np.linspace(-1, 1, 12)[::-1] / 100
LOGS = Samples("log time", "log epochs", {"a": LOW, "b": HIGH}, tuple(range(12)))


def written(folder: Path, kind: str, items: str = "") -> str:
    """A block of a record: two items of a claim, a bound and an equivalence, all refuted, and one that holds."""
    two = "A is | slower than B."
    made = document(
        entry(above(LOGS, "a", "b", margin=math.log(2)), item="T01[x]", says=two),
        entry(above(LOGS, "a", "b", margin=math.log(2)), item="T01[y]", says=two),
        entry(bound(Samples("accuracy", "", {"a": HIGH}, LOGS.seeds), "a", at_most=0.9), item="T02"),
        entry(same(LOGS, "a", "b", margin=0.1), item="T03", says="A is as fast as B."),
        entry(above(LOGS, "b", "a", margin=0.1), item="T04"),
    )
    (folder / "verdicts.json").write_text(json.dumps(made), encoding="utf-8")
    text = f"before\n<!-- claims {kind} verdicts.json{items} -->\nold\n<!-- end -->\nafter\n"
    found = readme.renewed(text, folder)
    assert readme.renewed(found, folder) == found
    assert found.startswith(text.split("old")[0])
    assert found.endswith("\n<!-- end -->\nafter\n")
    return found.split("-->\n")[1].split("<!--")[0].strip("\n")


def test_the_readme_is_current() -> None:
    """`python -m memorization_claims.cli.readme` would change nothing."""
    text = readme.README.read_text(encoding="utf-8")
    assert readme.renewed(text, readme.README.parent) == text
    assert {found[2] for found in readme.BLOCK.finditer(text)} == set(readme.KINDS)


def test_refuted_claims(tmp_path: Path) -> None:
    """Each sentence once, with the measured effect of each of its items, logarithms as ratios, and what was claimed."""
    rows = written(tmp_path, "refuted").splitlines()[2:]
    ratio = f"{math.exp(-2):.3g} [{math.exp(-2.0073):.2g}"
    assert [row.split(" | ")[0] for row in rows] == ["| T01[x], T01[y]", "| T02", "| T03"]
    assert rows[0].startswith("| T01[x], T01[y] | A is \\| slower than B. (somewhere) | time: a / b: 0.135 [")
    assert ratio[:9] in rows[0]
    assert " times and 0.135 [" in rows[0]
    assert rows[0].endswith("times, claimed > 2 |")
    assert rows[1].endswith("], claimed \\< 0.9 |")
    assert rows[2].endswith("times, claimed within a factor of 1.11 |")


def test_counts(tmp_path: Path) -> None:
    """How many ended how, and under which torch."""
    found = written(tmp_path, "counts")
    assert found.startswith("Of 5 items 1 are supported and 4 refuted, none inconclusive (torch ")


def test_lines(tmp_path: Path) -> None:
    """Those asked for, in that order, no wider than the README's code."""
    rows = written(tmp_path, "lines", ": T04, T01[x]").splitlines()
    assert [row.split()[0] for row in rows if row[4] != " "] == ["claim", "T04", "T01[x]"]
    assert all(row.startswith("    ") and len(row) <= 80 for row in rows)


def test_comparison(tmp_path: Path) -> None:
    """Versions of torch: which groups the items are in, and a line for each that changed or drifted."""
    before = document(entry(above(LOGS, "a", "b", margin=0.1), item="T01"), entry(item="T02"))
    after = document(entry(above(LOGS, "b", "a", margin=0.1), item="T01"), entry(item="T02"))
    before["environment"]["torch"], after["environment"]["torch"] = "1.0", "2.0"
    for name, record in {"old": before, "new": after}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    found = readme.renewed("<!-- claims comparison new.json: old.json -->\nold\n<!-- end -->\n", tmp_path).splitlines()
    assert found[2].startswith("torch 2.0 against torch 1.0: 1 changed, 1 the same.")
    assert found[6].startswith("| changed | T01 | refuted → supported |")
    before["environment"]["torch"] = "2.0.1"
    (tmp_path / "new.json").write_text(json.dumps({**before}), encoding="utf-8")
    found = readme.renewed("<!-- claims comparison new.json: old.json -->\nold\n<!-- end -->\n", tmp_path).splitlines()
    assert found[2].startswith("torch 2.0.1 against torch 1.0: 2 the same.")
    assert found[4] == "Nothing to report."


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("table verdicts.json", "no block of kind 'table'; legal are counts, lines, refuted, comparison"),
        ("counts none.json", "there is no record"),
        ("lines verdicts.json: T99", "the record has no item T99"),
    ],
)
def test_a_block_that_cannot_be_written_is_an_error(tmp_path: Path, block: str, message: str) -> None:
    """It says what is wrong with it."""
    (tmp_path / "verdicts.json").write_text(json.dumps(document(entry())), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        readme.renewed(f"<!-- claims {block} -->\n<!-- end -->\n", tmp_path)
