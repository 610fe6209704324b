"""What the README shows of a record is what the record says, to the letter."""

from __future__ import annotations

import html
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from memorization_claims.cli import readme
from memorization_claims.errors import DataError
from memorization_claims.reports import effects
from memorization_claims.reports.reading import read
from memorization_claims.statistics import Samples, above, bound, same
from memorization_claims.statistics.looks import FIRST
from memorization_claims.tests import reported
from memorization_claims.tests.test_record import document, entry
from memorization_claims.tests.toy_project import ROOT

LOW, HIGH = np.linspace(-1, 1, 12) / 100, 2 + np.linspace(-1, 1, 12)[::-1] / 100
ITEMS = ("T01[x]", "T01[y]", "T02", "T03", "T04")
LOGS = Samples("log time", "log epochs", {"a": LOW, "b": HIGH}, tuple(range(12)))


def written(folder: Path, kind: str, items: str = "") -> str:
    """A block of a record: two items of a claim, a bound, an equivalence, all refuted, and a fragile support."""
    holds = above(LOGS, "b", "a", margin=0.1, look=FIRST)
    assert holds.count is not None
    two = "A is | slower than B."
    made = document(
        entry(above(LOGS, "a", "b", margin=math.log(2), look=FIRST), item="T01[x]", says=two),
        entry(above(LOGS, "a", "b", margin=math.log(2), look=FIRST), item="T01[y]", says=two),
        entry(bound(Samples("accuracy", "", {"a": HIGH}, LOGS.seeds), "a", at_most=0.9, look=FIRST), item="T02"),
        entry(same(LOGS, "a", "b", margin=0.1, look=FIRST), item="T03", says="A is as fast as B."),
        entry(replace(holds, count=replace(holds.count, replicates=0.8888)), item="T04"),
    )
    (folder / "verdicts.json").write_text(json.dumps(made), encoding="utf-8")
    text = f"before\n<!-- claims {kind} verdicts.json{items} -->\nold\n<!-- end -->\nafter\n"
    found = readme.renewed(text, folder)
    assert readme.renewed(found, folder) == found
    assert found.startswith(text.split("old")[0])
    assert found.endswith("\n<!-- end -->\nafter\n")
    return found.split("-->\n")[1].split("<!--")[0].strip("\n")


def test_the_documents_are_current() -> None:
    """`python -m memorization_claims.cli.readme` would change nothing, in the README and wherever else blocks stand."""
    found = readme.documents()
    assert ROOT / "README.md" in found
    assert not [path for path in found if any(part.startswith(".") for part in path.relative_to(ROOT).parts)]
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert readme.renewed(text, path.parent) == text, path


def test_the_picture_is_current() -> None:
    """Its items end as the record has them, to the letter; how rich draws a terminal may change."""
    drawn = html.unescape("".join(re.findall(r">([^<>]+)</text>", readme.PICTURE.read_text(encoding="utf-8"))))
    entries = {entry["id"]: entry for entry in read(readme.RECORD)["claims"]}
    words = " ".join(drawn.replace("\xa0", " ").split())
    for item in readme.PICTURED:
        assert f"{item} {entries[item]['verdict']}" in words
        assert " ".join(effects.written(entries[item]["effect"]).split()) in words


def test_the_command(tmp_path: Path) -> None:
    """It writes the files that it is given, from the records beside them, and names those that it changed."""
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep/NOTES.md"
    path.write_text("<!-- claims counts verdicts.json -->\nold\n<!-- end -->\n", encoding="utf-8")
    (tmp_path / "deep/verdicts.json").write_text(json.dumps(document(entry())), encoding="utf-8")
    old = CliRunner().invoke(readme.main, ["--check", str(path)])
    assert old.exit_code == 1
    assert old.stderr == f"Error: not current: {path}; run python -m memorization_claims.cli.readme\n"
    assert "\nold\n" in path.read_text(encoding="utf-8")
    assert CliRunner().invoke(readme.main, [str(path)]).output == f"{path}\n"
    assert "\n| torch " in path.read_text(encoding="utf-8")
    done = CliRunner().invoke(readme.main, ["--check", str(path)])
    assert (done.exit_code, done.output) == (0, "")
    (tmp_path / "deep/verdicts.json").unlink()
    gone = CliRunner().invoke(readme.main, [str(path)])
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert gone.stderr.startswith(f"Error: {path}: {tmp_path}/deep/verdicts.json cannot be read: ")


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
    """How many ended how on which data, and under which torch."""
    head, _, row = written(tmp_path, "counts").splitlines()
    assert head.startswith("| torch ")
    assert head.endswith(", cpu | items | supported | refuted | undecided | fragile | mean seeds |")
    assert row.startswith("| digits | 5 | 1 | 4 | 0 | 1 | ")


def test_lines(tmp_path: Path) -> None:
    """Those asked for, in that order, no wider than the README's code."""
    rows = written(tmp_path, "lines", ": T04, T01[x]").splitlines()
    assert [row.split()[0] for row in rows if row[4] != " "] == ["claim", "T04", "T01[x]"]
    assert all(row.startswith("    ") and len(row) <= 80 for row in rows)


def test_table(tmp_path: Path) -> None:
    """Every item with verdict, effect and seeds, under its paper."""
    blocks = written(tmp_path, "table").split("\n\n")
    assert blocks[0] == "**Toy 2020**"
    rows = [row.split(" | ") for row in blocks[1].splitlines()]
    assert [row[0] for row in rows] == ["| item", "|---|---|---|---|---|", *(f"| {item}" for item in ITEMS)]
    assert rows[2][1].startswith("refuted, not expected")
    assert rows[2][3].startswith("time: a / b: 0.135 [")
    assert [row[2] for row in rows[2:]] == [">99 %"] * 4 + ["88 %, fragile"]
    assert [row[4] for row in rows[2:]] == ["12 |"] * 5


def test_a_table_of_papers(tmp_path: Path) -> None:
    """One for each; an item without a measured effect says why."""
    made = reported.record(
        *(reported.unmeasured("T01", paper="b"), reported.entry("T02", paper="a")),
        papers={key: {"short": short, "bibtex": ""} for key, short in {"b": "B 2020", "a": "A 2019"}.items()},
    )
    (tmp_path / "verdicts.json").write_text(json.dumps(made), encoding="utf-8")
    found = readme.renewed("<!-- claims table verdicts.json -->\n<!-- end -->\n", tmp_path).split("\n\n")
    assert found[1:4:2] == ["**A 2019**", "**B 2020**"]
    assert found[2].splitlines()[2] == "| T02 | supported | >99 % | accuracy: a - b: 3 [2, 4] | 3 |"
    assert found[4].splitlines()[2] == "| T01 | undecided |  | a run diverged | 0 |"


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
        ("typo verdicts.json", "no block of kind 'typo'; legal are counts, lines, refuted, table, comparison"),
        ("counts none.json", r"none.json cannot be read: No such file or directory; legal are"),
        ("lines verdicts.json: T99", "the record has no item T99"),
        ("stability none", "none holds no session; legal is a folder of claims stability"),
    ],
)
def test_a_block_that_cannot_be_written_is_an_error(tmp_path: Path, block: str, message: str) -> None:
    """It says what is wrong with it."""
    (tmp_path / "verdicts.json").write_text(json.dumps(document(entry())), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        readme.renewed(f"<!-- claims {block} -->\n<!-- end -->\n", tmp_path)
