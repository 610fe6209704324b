"""Records compared: groups, what is absent, times, what raises an alarm, and how it is written."""

from __future__ import annotations

import copy
import json
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memorization_claims.errors import DataError
from memorization_claims.reports.compare import markdown, text, words
from memorization_claims.reports.compare.comparison import alarms, compare
from memorization_claims.reports.compare.html import html
from memorization_claims.reports.reading import read
from memorization_claims.statistics import Samples, above, bound, exact, trend
from memorization_claims.statistics.event import event
from memorization_claims.tests.command_line import claims
from memorization_claims.tests.test_layers import imported
from memorization_claims.tests.test_record import document, entry
from memorization_claims.tests.toy_project import ROOT

Record = dict[str, Any]


def samples(seed: int, **means: float) -> Samples:
    """Conditions that scatter by 1 about their means over 12 seeds."""
    drawn = np.random.default_rng(seed)
    values = {name: mean + drawn.normal(size=12) for name, mean in means.items()}
    return Samples("number", "points", values, tuple(range(12)))


def record(seed: int, **changes: Any) -> Record:
    """A record of claims of several kinds, whose effects lie far beyond their margins."""
    far = samples(seed, a=30.0, b=0.0)
    made = {
        "T01": above(far, "a", "b", margin=1),
        "T02": bound(far, "a", at_least=10),
        "T03": trend(samples(seed, **{"0": 0.0, "1": 20.0, "2": 40.0}), {"0": 0, "1": 1, "2": 2}, margin=5),
        "T04": exact(Samples("error", "", {"error": np.full(3, 1e-9 * seed)}, (0, 1, 2)), "error", tolerance=1e-6),
        "T05": above(far, "b", "a", margin=1),
    }
    places = {name: {"item": name, "nodeid": f"claims/t.py::{name}[fast]"} for name in made}
    seconds = {"training": 2.0 + seed, "measuring": 0.0, "wall": 0.0}
    return document(*(entry(made[name], seconds=seconds, **places[name], **changes) for name in made))


def groups(found: dict[str, Any]) -> dict[str, str]:
    """The group of each item of the only pair."""
    (pair,) = found["comparisons"]
    return {item["id"]: item["group"] for item in pair["items"]}


def moved(made: Record, item: str, by: float) -> Record:
    """A record in which one effect is another, and every verdict what it was."""
    made = copy.deepcopy(made)
    effect = next(one["effect"] for one in made["claims"] if one["id"] == item)
    effect["by_seed"] = [value + by for value in effect["by_seed"]]
    effect["estimate"] += by
    return made


def test_a_version_against_itself_is_the_same() -> None:
    """Nothing is reported, and nothing has gone."""
    found = compare({"a": record(0), "again": record(0)})
    assert set(groups(found).values()) == {"the same"}
    assert found["comparisons"][0]["absent"] == []
    assert not alarms(found)
    assert "Nothing to report." in text.text(found, width=80, color=False)
    assert "Nothing to report." in markdown.markdown(found)
    assert "Nothing to report." in html(found)


def test_groups() -> None:
    """Another verdict, an effect that moved, one of which nothing can be told, and the others."""
    before, after = record(0), record(0)
    after = moved(moved(after, "T02", 15), "T03", -5.0)
    place = next(place for place, one in enumerate(after["claims"]) if one["id"] == "T01")
    after["claims"][place] |= {"verdict": "undecided", "because": "a run diverged", "count": None}
    found = compare({"a": before, "b": after})
    assert groups(found) == {
        **{"T01": "changed", "T02": "drifted", "T03": "cannot tell"},
        **{"T04": "the same", "T05": "the same"},
    }
    (pair,) = found["comparisons"]
    assert [item["id"] for item in pair["items"]][:3] == ["T01", "T02", "T03"]
    assert pair["items"][0]["because"] == "it is now undecided: a run diverged"
    assert pair["items"][1]["change"]["estimate"] == pytest.approx(15)
    assert pair["summary"]["the same"] == 2
    assert alarms(found)
    json.dumps(found, allow_nan=False)


def test_placebo_pairs_raise_no_alarm() -> None:
    """Of 60 pairs of independent records of one truth, 300 comparisons, nothing has changed or drifted."""
    for place in range(60):
        earlier, later = record(1000 + 2 * place), record(1001 + 2 * place)
        assert not alarms(compare({"a": earlier, "b": later}))


def test_a_claim_that_is_another_cannot_be_told() -> None:
    """Another kind, another measure, or no effect."""
    before = record(0)
    effect = before["claims"][0]["effect"]
    for name, changes, because in (
        ("kind", {"kind": "same"}, "the claim was judged as 'above' and is judged as 'same'"),
        (
            "name",
            {"effect": effect | {"name": "x"}},
            "the effect was 'number: a - b' and is 'x'",
        ),
        ("none", {"effect": None, "because": "a run diverged"}, "one has no effect: a run diverged"),
        (
            "lost",
            {"effect": effect | {"estimate": None}, "because": "no run counts"},
            "one has no effect: no run counts",
        ),
    ):
        after = copy.deepcopy(before)
        after["claims"][0] |= changes
        (pair,) = compare({"a": before, name: after})["comparisons"]
        item = next(item for item in pair["items"] if item["id"] == "T01")
        assert (item["group"], item["because"]) == ("cannot tell", because)


def test_of_an_event_the_verdicts_are_compared() -> None:
    """Another share with the same verdict cannot be told from chance; equal numbers are the same."""
    made = [
        document(
            entry(
                event(
                    Samples("it ends", "", {"a": np.repeat((1.0, 0.0), (ends, 40 - ends))}, tuple(range(40))),
                    "a",
                    at_least=0.5,
                )
            )
        )
        for ends in (40, 40, 38)
    ]
    assert list(groups(compare({"a": made[0], "b": made[1]})).values()) == ["the same"]
    found = compare({"a": made[0], "b": made[2]})
    assert list(groups(found).values()) == ["cannot tell"]
    assert found["comparisons"][0]["items"][0]["because"].startswith("of an event, which happens or does not")


def test_what_only_one_judged_is_named() -> None:
    """With what became of it in the other; what was judged and then went wrong raises an alarm, a skip does not."""
    before, after = record(0), record(0)
    nodeids = [one["nodeid"] for one in after["claims"]]
    del after["claims"][:3]
    after["errors"].append({"nodeid": nodeids[0], "message": "RuntimeError: no"})
    after["skipped"].append({"nodeid": nodeids[1], "reason": "mnist is not there"})
    before["skipped"].append({"nodeid": "claims/t.py::both", "reason": "no GPU"})
    after["skipped"].append({"nodeid": "claims/t.py::both", "reason": "no GPU"})
    found = compare({"a": before, "b": after})
    assert found["comparisons"][0]["absent"] == [
        {"item": "T01", "fate": "gone wrong", "before": "supported", "after": "error: RuntimeError: no"},
        {"item": "T02", "fate": "skipped", "before": "supported", "after": "skipped: mnist is not there"},
        {"item": "T03", "fate": "no longer there", "before": "supported", "after": "not there"},
    ]
    assert words.absent(found["comparisons"][0]) == [
        ("gone wrong", "error: RuntimeError: no", ["T01"]),
        ("no longer there", "", ["T03"]),
        ("skipped", "mnist is not there", ["T02"]),
    ]
    assert alarms(found)
    after["skipped"].append({"nodeid": nodeids[2], "reason": "mnist is not there"})
    assert alarms(compare({"a": before, "b": after}))
    after["errors"].clear()
    after["skipped"].append({"nodeid": nodeids[0], "reason": "mnist is not there"})
    found = compare({"a": before, "b": after})
    assert not alarms(found)
    items = ["T01", "T02", "T03"]
    assert words.absent(found["comparisons"][0]) == [("skipped", "mnist is not there", items)]
    back = compare({"b": after, "a": before})
    assert words.absent(back["comparisons"][0]) == [("new", "before skipped: mnist is not there", items)]
    assert words.counts(back["comparisons"][0]).endswith(", 3 new.")


def test_what_is_no_longer_there_raises_an_alarm() -> None:
    """A file that nobody collects any more would pass unseen; and that a session was stopped is told."""
    before, after = record(0), record(0)
    del after["claims"][1:]
    after["stopped"] = "interrupted"
    found = compare({"a": before, "b": after})
    assert alarms(found)
    assert "b was stopped before its end: interrupted" in words.made_otherwise(found, found["comparisons"][0])


def test_times_are_ratios() -> None:
    """The median of those that took a second, and each beside its claim."""
    before, after = record(0), record(0)
    for place, one in enumerate(after["claims"]):
        one["seconds"]["training"] = 4.0 + place
    before["claims"][0]["seconds"]["training"] = 0.5
    (pair,) = compare({"a": before, "b": after})["comparisons"]
    assert pair["time"] == {"claims": 4, "ratio": 3.25, "low": 2.5, "high": 4.0}
    claims = "Time: 3.25 times as long, the median of 4 claims (2.50 to 4.00)."
    took = "12 s of the processor, for 15 runs trained"
    assert words.time(pair) == f"{claims} The sessions took {took}, and {took}."
    del before["summary"]["seconds"]
    (pair,) = compare({"a": before, "b": after})["comparisons"]
    assert words.time(pair) == claims


def test_more_versions_are_each_set_beside_the_first() -> None:
    """In the order given."""
    found = compare({"a": record(0), "b": record(1), "c": record(2)})
    assert [(pair["before"], pair["after"]) for pair in found["comparisons"]] == [("a", "b"), ("a", "c")]


@pytest.mark.parametrize("lost", [(0,), (0, 5, 11)])
def test_runs_that_do_not_count_are_no_numbers(lost: tuple[int, ...]) -> None:
    """Where the same runs do not count in both, nothing changed; where one fell out, that is for neither answer."""
    before, after = record(0), record(0)
    for place in lost:
        after["claims"][0]["effect"]["by_seed"][place] = None
    assert groups(compare({"a": after, "again": copy.deepcopy(after)}))["T01"] == "the same"
    found = compare({"a": before, "b": after})
    assert groups(found)["T01"] == "cannot tell"
    assert found["comparisons"][0]["items"][0]["change"]["estimate"] == 0
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("verdicts", [("undecided", "supported"), ("supported", "undecided")])
@pytest.mark.parametrize(("beyond", "group"), [(6, "changed"), (7, "leaning")])
def test_what_became_undecided_or_ceased_to_be(verdicts: tuple[str, str], beyond: int, group: str) -> None:
    """It has changed, or leans to what it was or will be, which is told too, and alarms where its effect drifted."""
    records = [record(0), record(0)]
    for made, verdict in zip(records, verdicts, strict=True):
        made["claims"][0]["verdict"] = verdict
        made["claims"][0]["count"]["beyond"] = beyond if verdict == "undecided" else 12
    found = compare(dict(zip("ab", records, strict=True)))
    assert groups(found)["T01"] == group
    assert alarms(found) == (group == "changed")
    assert f"{verdicts[0]} → {verdicts[1]}" in text.text(found, width=80, color=False)
    found = compare({"a": records[0], "b": moved(records[1], "T01", 15)})
    assert groups(found)["T01"] == ("changed" if group == "changed" else "drifted")
    assert alarms(found)


class Page(HTMLParser):
    """What a page holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note."""
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("src", "href")]


def test_all_that_is_written_says_the_same() -> None:
    """Every claim that differs is named in each form, what differs between the versions too, and nothing is a tag."""
    before, after = record(0), moved(record(0, says="a < b & c", source="<script>"), "T02", 15)
    after["environment"]["torch"] = "9.0"
    found = compare({"old": before, "new": after})
    written = {"text": text.text(found, width=80, color=False), "md": markdown.markdown(found), "html": html(found)}
    for form in written.values():
        assert "T02" in form
        assert "15" in form
        assert "→ 9.0" in form
    assert max(map(len, written["text"].splitlines())) <= 80
    page = Page()
    page.feed(written["html"])
    assert not {"script", "link", "img"} & set(page.tags)
    assert page.links == []
    assert "http" not in written["html"]
    assert page.tags.count("html") == page.tags.count("main") == 1
    rows = [line for line in written["md"].splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in rows}) == 1


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`claims compare`, in a process of its own."""
    return claims(ROOT, "compare", *arguments)


def test_the_command(tmp_path: Path) -> None:
    """Its exit status: 0 for the same, 1 for another, 2 for what is no record."""
    paths = [tmp_path / name for name in ("a", "b.json", "none.json", "other.json")]
    paths[0].mkdir()
    (paths[0] / "verdicts.json").write_text(json.dumps(record(0)), encoding="utf-8")
    paths[1].write_text(json.dumps(moved(record(0), "T02", 15)), encoding="utf-8")
    paths[3].write_text("{}", encoding="utf-8")
    a, b, none, other = map(str, paths)
    same = command(a, a)
    assert (same.returncode, same.stderr) == (0, "")
    assert f"{a} (2) against {a} (1)" in " ".join(same.stdout.split())
    different = command(a, b)
    assert different.returncode == 1
    assert different.stdout.startswith("b against a\n")
    assert "drifted" in different.stdout
    page = tmp_path / "new" / "page.html"
    assert command(a, b, "--format", "html", "--output", str(page)).returncode == 1
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads(command(a, b, "--format", "json").stdout)["comparisons"][0]["summary"]["drifted"] == 1
    assert command(a).returncode == 2
    missing = command(a, none)
    assert missing.returncode == 2
    assert missing.stderr == (
        f"Error: {none} cannot be read: No such file or directory; legal are verdicts.json, the folder that "
        "--claims-report wrote it to, and what --benchmark-save wrote\n"
    )
    assert f"{other} is no record of claims" in command(a, other).stderr


def test_saved_benchmarks_are_records(tmp_path: Path) -> None:
    """What pytest-benchmark saved of claims is read as the record that it was."""
    made = record(0)
    rows = [{"group": "claims", "extra_info": one} for one in made["claims"]]
    saved = {"record": {key: value for key, value in made.items() if key != "claims"}, "benchmarks": rows}
    path = tmp_path / "0001_t215.json"
    path.write_text(json.dumps(saved), encoding="utf-8")
    assert read(path) == made
    path.write_text(json.dumps({"benchmarks": [], "machine_info": {}}), encoding="utf-8")
    with pytest.raises(DataError, match="is no record of claims"):
        read(path)


def test_it_is_quick_and_needs_no_torch(tmp_path: Path) -> None:
    """A hundred claims in two seconds of this processor, as the other tests are run, and torch is never imported."""
    many = []
    for seed in (0, 1):
        made = record(seed)
        made["claims"] = [one | {"id": f"{one['id']}[{place}]"} for one in made["claims"] for place in range(20)]
        many.append(tmp_path / f"{seed}.json")
        many[-1].write_text(json.dumps(made), encoding="utf-8")
    script = f"import sys; sys.argv[1:] = ['compare', *{list(map(str, many))!r}]\n"
    script += "from memorization_claims.cli.main import main\n"
    script += "import time\ntry:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code\n"
    script += "assert time.process_time() < 2"
    started = time.monotonic()
    found = imported(script, tmp_path)
    assert time.monotonic() - started < 60
    assert not {"torch", "scipy", "sklearn", "matplotlib", "pytest"} & found
