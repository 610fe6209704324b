"""What is told of sessions under other seeds and other arithmetic: made-up results, counted by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.cli import readme
from memorization_claims.errors import DataError
from memorization_claims.reports import result, turns
from memorization_claims.reports.stability import alarms, markdown

LETTERS = {"s": "supported", "r": "refuted", "u": "undecided"}
SESSIONS = ("seed-0", "seed-1000", "seed-10000", "instructions-avx2")


def item(name: str, letter: str, chance: float | None = 0.9995, *, median: float | None = 0.25) -> dict[str, Any]:
    """An item of a result; without a chance nothing was counted."""
    return {
        **{"id": name, "scale": "fast", "dataset": "digits", "verdict": LETTERS[letter], "expected": "supported"},
        "count": chance and {"runs": 24, "beyond": 22, "short": 1, "replicates": chance},
        "effect": {"estimate": median, "low": 0.2, "high": 0.3, "margin": 0.1},
    }


def made(session: str, items: list[dict[str, Any]], *, status: int = 0, **environment: str) -> result.Result:
    """A result of a session."""
    verdicts = [one["verdict"] for one in items]
    return {
        **{"schema": result.SCHEMA, "session": session, "arguments": ["-m", "fast"], "datasets": ["digits"]},
        "environment": {"torch": "2.14.1", "instructions": "AVX512", "commit": None, **environment},
        **{"exit_status": status, "seconds": 61.4, "mean_seeds": 15.25, "errors": 0, "skipped": 2, "items": items},
        **{verdict: verdicts.count(verdict) for verdict in LETTERS.values()},
    }


def of(*by_item: str) -> list[result.Result]:
    """Results in which the items A, B, ... come to these verdicts, a letter for each session; a dot is none."""
    return [
        made(session, [item(name, row[place]) for name, row in zip("ABCD", by_item, strict=False) if row[place] != "."])
        for place, session in enumerate(SESSIONS[: len(by_item[0])])
    ]


@pytest.mark.parametrize(
    ("verdicts", "usual", "turned", "reversed"),
    [
        ("ssss", "s", [], []),
        ("sssu", "s", [3], []),
        ("srss", "s", [1], [1]),
        ("ussu", "u", [1, 2], []),  # of as many, what the first reached
        ("rssr", "r", [1, 2], [1, 2]),
        ("usrs", "s", [0, 2], [2]),
        ("uusr", "u", [2, 3], [2, 3]),
    ],
)
def test_which_verdicts_turned(verdicts: str, usual: str, turned: list[int], reversed: list[int]) -> None:
    """They differ from the usual one; those that are decided the other way round are told apart, and alarm."""
    results = of(verdicts)
    (found,) = turns.judged(results)
    assert found.usual == LETTERS[usual]
    assert found.turned == [SESSIONS[place] for place in turned]
    assert found.reversed == [SESSIONS[place] for place in reversed]
    assert alarms(results) == bool(reversed)


def test_a_session_that_failed_alarms() -> None:
    """Also where no verdict turned."""
    assert alarms([made("seed-0", [item("A", "s")]), made("seed-1000", [item("A", "s")], status=1)])


def test_the_words() -> None:
    """How many turned, of how many, with Clopper and Pearson's interval; what was not judged in all sessions."""
    page = markdown(of("ssss", "sssr", "uu.s"))
    counted = "Of 3 items in 4 sessions, 2 of 11 verdicts turned (181.8 in a thousand; 95 % interval 22.8 to 517.8), 1 "
    assert f"{counted}between supported and refuted. A verdict turned if " in page
    assert "Not judged in all: `C`." in page
    none = "0 of 8 verdicts turned (0.0 in a thousand; 95 % interval 0.0 to 369.4), none between "
    assert none in markdown(of("ss", "ss", "uu", "rr"))
    assert "With one session nothing can turn." in markdown(of("s"))
    assert "What turned" not in markdown(of("ss"))


def test_the_gist_in_a_document(tmp_path: Path) -> None:
    """A block counts base seeds, names the other sessions and those that failed, and counts what turned."""
    block = "<!-- claims stability . -->\nold\n<!-- end -->\n"
    for one in of("ss", "su"):
        result.write(one, tmp_path)
    text = readme.renewed(block, tmp_path)
    assert "\nOn digits, 2 base seeds. All ended with exit status 0. Of 2 items in 2 sessions, 1 of 4 verdicts" in text
    result.write(made("reversed", [], status=1), tmp_path)
    text = readme.renewed(block, tmp_path)
    assert "\nOn digits, 2 base seeds, reversed. reversed ended with another exit status than 0. Of 2 items in" in text


def test_the_committed_pages_are_current() -> None:
    """Each is what `claims stability` would write of the sessions beside it."""
    folders = [path.parent for path in (readme.ROOT / "reports/stability").glob("*/README.md")]
    assert folders
    for folder in folders:
        assert (folder / "README.md").read_text(encoding="utf-8") == markdown(result.read(folder))


def test_the_rows_of_what_turned() -> None:
    """The verdict in every session with median and runs, what differs in bold."""
    rows = [line for line in markdown(of("ssss", "sssr", "uu.s")).splitlines() if line.startswith("| `")]
    assert [" ".join(row.split()) for row in rows] == [
        "| `B` | 0.1 | supported 0.25 (24) | supported 0.25 (24) | supported 0.25 (24) | **refuted** 0.25 (24) |",
        "| `C` | 0.1 | undecided 0.25 (24) | undecided 0.25 (24) | not judged | **supported** 0.25 (24) |",
    ]
    unmeasured = [made("seed-0", [item("A", "s")]), made("seed-1000", [item("A", "u", None, median=None)])]
    assert "| **undecided** " in markdown(unmeasured)


def test_the_rows_of_sessions() -> None:
    """What differs between them has a column, what they share a sentence, and what is not known neither."""
    lines = markdown([made("seed-0", []), made("torch-2.11.0", [], torch="2.11.0", status=1)]).splitlines()
    rows = [" ".join(line.split()) for line in lines if line.startswith("| ")]
    assert rows == [
        "| session | torch | exit | mean seeds | seconds | supported | refuted | undecided | errors | skipped |",
        "| ------------ | ------ | ---: | ---------: | ------: | --------: | ------: | --------: | -----: | ------: |",
        "| seed-0 | 2.14.1 | 0 | 15.25 | 61 | 0 | 0 | 0 | 0 | 2 |",
        "| torch-2.11.0 | 2.11.0 | 1 | 15.25 | 61 | 0 | 0 | 0 | 0 | 2 |",
    ]
    assert "All sessions: instructions AVX512." in lines


def test_whether_turns_were_foretold() -> None:
    """Each verdict against that of every other base seed, by the chance that it states; the rest is no base seed."""
    results = [
        made("seed-0", [item("A", "s", 0.9995), item("B", "s", 0.95), item("C", "s", None)]),
        made("seed-1000", [item("A", "s", 0.995), item("B", "u", 0.6), item("C", "s", None)]),
        made("seed-10000", [item("A", "s", 0.9995), item("B", "s", 0.97)]),
        made("instructions-avx2", [item("A", "r", 0.5)]),
    ]
    found = turns.foretold(results)
    counted = [(one.low, len(one.stated), one.same) for one in found]
    assert counted == [(0.999, 4, 4), (0.99, 2, 2), (0.9, 4, 2), (0.0, 2, 0)]
    assert [one.turns[0] for one in found] == pytest.approx([0.002, 0.01, 0.16, 0.8])
    assert [one.turns[1] for one in found] == [0, 0, 2, 2]
    rows = [" ".join(line.split()) for line in markdown(results).split("to be expected")[1].splitlines()]
    assert [row for row in rows if row[:3] in ("| 0", "| b", "| a")] == [
        "| 0.999 to 1 | 4 | 0.9995 | 1.0000 | 0.002 | 0 |",
        "| 0.99 to 0.999 | 2 | 0.9950 | 1.0000 | 0.01 | 0 |",
        "| 0.9 to 0.99 | 4 | 0.9600 | 0.5000 | 0.16 | 2 |",
        "| below 0.9 | 2 | 0.6000 | 0.0000 | 0.8 | 2 |",
        "| all | 12 | 0.9190 | 0.6667 | 0.972 | 4 |",
    ]


def test_one_base_seed_foretells_nothing() -> None:
    """The page says nothing of it."""
    assert "to be expected" not in markdown([made("seed-0", [item("A", "s")]), made("workers-1", [item("A", "s")])])


def test_the_order_of_sessions(tmp_path: Path) -> None:
    """Base seeds first, by number."""
    names = ["seed-0", "seed-9000", "seed-10000", "instructions-avx2", "torch-2.11.0", "workers-2", "reversed"]
    for name in reversed(names):
        result.write(made(name, []), tmp_path)
    assert [one["session"] for one in result.read(tmp_path)] == names


def test_results_of_other_claims(tmp_path: Path) -> None:
    """They cannot stand in one table."""
    result.write(made("seed-0", []), tmp_path)
    result.write(made("workers-2", []) | {"arguments": ["-k", "a b"]}, tmp_path)
    wrong = "seed-0 and workers-2 differ in their arguments: pytest -m fast and pytest -k 'a b'"
    with pytest.raises(DataError, match=wrong):
        result.read(tmp_path)


def test_a_damaged_result(tmp_path: Path) -> None:
    """It is named."""
    (tmp_path / "seed-0.json").write_text(json.dumps(made("seed-0", []))[:-9], encoding="utf-8")
    with pytest.raises(DataError, match=r"seed-0\.json cannot be read"):
        result.read(tmp_path)
