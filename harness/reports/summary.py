"""What a record comes to as a whole: counts, the chance of a false alarm, and what was not expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from memorization_claims.reports import alarms, effects
from memorization_claims.reports.effects import Entry
from memorization_claims.statistics.looks import SURE
from memorization_claims.statistics.verdict import ALPHA

Record = Mapping[str, Any]

ALWAYS = ("supported", "refuted, known", "undecided")
"""How items end, in the words of `effects.ending`, that are counted also where none does."""
DECIDED = ("supported, was undecided", "refuted, was undecided")
ENDINGS = (
    "supported",
    "refuted, known",
    "undecided, known",
    "undecided, leaning",
    "undecided",
    "supported, not expected",
    "refuted, not expected",
    *DECIDED,
)
LEGEND = (
    "The effect is the median over seeds. Again: the chance that a fresh base seed gives the same verdict; below "
    f"{100 * SURE:g} % the verdict is fragile. Leaning: more than half of the runs show what was expected."
)
"""What the numbers beside a verdict are."""


def tally(record: Record) -> list[tuple[int, str, str]]:
    """How many items ended how, in words, and the verdict."""
    ended = Counter(map(effects.ending, record["claims"]))
    shown = [words for words in ENDINGS if words in ALWAYS or ended[words]] if record["claims"] else []
    return [(ended[words], words, words.partition(",")[0]) for words in shown]


def counts(record: Record) -> str:
    """How many items of how many claims were judged, in a sentence."""
    entries = record["claims"]
    if not entries:
        return "No claim was judged."
    claims = {entry["id"].partition("[")[0] for entry in entries}
    return f"{_number(len(entries), 'item')} of {_number(len(claims), 'claim')} judged."


def line(record: Record) -> str:
    """The counts of a record and of how its items ended, what was left out, and which control it was, in a line."""
    ended = "; ".join(f"{number} {words}" for number, words, _ in tally(record))
    about = [counts(record), f"{ended}." if ended else "", aside(record), fragility(record)]
    about.append(f"A control, which says nothing of the papers: {control(record)}." if control(record) else "")
    return " ".join(part for part in about if part)


def aside(record: Record) -> str:
    """What was not judged, in a sentence; empty where nothing was left out."""
    parts = []
    if record["errors"]:
        parts.append(_number(len(record["errors"]), "error"))
    if record["skipped"]:
        parts.append(f"{_number(len(record['skipped']), 'item')} skipped")
    return f"{', '.join(parts)}." if parts else ""


def fragile(record: Record) -> list[Entry]:
    """The entries whose verdict a fresh base seed may well not reach."""
    return [entry for entry in _listed(record) if effects.fragile(entry)]


def fragility(record: Record) -> str:
    """How many these are, in a sentence; empty where there is none."""
    number = len(fragile(record))
    return f"{_number(number, 'verdict')} {'is' if number == 1 else 'are'} fragile." if number else ""


def where(record: Record) -> str:
    """On what the verdicts were reached, in a line."""
    about = record["environment"]
    return ", ".join(f"{name} {about[name]}" for name in ("device", "torch", "commit") if about.get(name))


def control(record: Record) -> str:
    """Which control the session was; empty for one that judged the papers."""
    options = record["options"]
    if options.get("mutant"):
        return f"the science was broken by the mutant {options['mutant']}"
    if options.get("aa"):
        return "both arms of a comparison had the same condition, at different seeds"
    return "conditions were exchanged at random within each seed" if options.get("placebo") else ""


def false_alarm(record: Record) -> dict[str, Any]:
    """How many claims were decided by counting runs, and the chance of even one false support among them, at most.

    Seeded tests, whose level may be another, are told of in `seeded`, a sentence.
    """
    claims = [entry for entry in record["claims"] if "alarm" not in entry]
    tested = sum(entry["kind"] != "exact" for entry in claims)
    counted = {"alpha": ALPHA, "tested": tested, "exact": len(claims) - tested, "bound": min(1, tested * ALPHA)}
    return counted | {"seeded": alarms.sentence(record["claims"])}


def known(record: Record, verdict: str) -> dict[str, list[Entry]]:
    """The entries that ended as expected in a verdict, by what the claim says: what does not hold, or is undecided."""
    by_sentence: dict[str, list[Entry]] = {}
    for entry in _listed(record):
        if entry["verdict"] == entry["expected"] == verdict:
            by_sentence.setdefault(entry["says"], []).append(entry)
    return by_sentence


def unexpected(record: Record) -> list[Entry]:
    """The entries that want a look, since they are not as expected."""
    return [entry for entry in _listed(record) if effects.surprises(entry)]


def leaning(record: Record) -> list[Entry]:
    """The entries that are undecided, but lean to what was expected."""
    return [entry for entry in _listed(record) if effects.leans(entry)]


def decided(record: Record) -> list[Entry]:
    """The entries that were known to be undecided and no longer are."""
    return [entry for entry in _listed(record) if effects.ending(entry) in DECIDED]


def skipped(record: Record) -> dict[str, list[str]]:
    """The ids of the tests that were skipped, by the reason."""
    by_reason: dict[str, list[str]] = {}
    for each in record["skipped"]:
        by_reason.setdefault(each["reason"], []).append(each["nodeid"])
    return by_reason


def by_paper(record: Record) -> dict[str, list[Entry]]:
    """The entries by the paper that makes the claim, papers by year; those of seeded tests by their file."""
    papers: dict[str, list[Entry]] = {}
    for entry in record["claims"]:
        paper = record["papers"].get(entry["paper"])
        papers.setdefault(paper["short"] if paper else entry["nodeid"].partition("::")[0], []).append(entry)
    return {paper: papers[paper] for paper in sorted(papers, key=lambda paper: (paper.rpartition(" ")[2], paper))}


def _listed(record: Record) -> list[Entry]:
    """The entries in the order in which reports list them."""
    return [entry for entries in by_paper(record).values() for entry in entries]


def options(record: Record) -> dict[str, str]:
    """What the user asked for, in words."""
    words = {"None": "as each claim says", "True": "yes", "False": "no"}
    unasked = {"mutant": "none", "placebo_seed": "none", "seed": "none", "seeds": "as many as it takes"}
    return {
        name.replace("_", " "): unasked[name]
        if value is None and name in unasked
        else words.get(str(value), str(value))
        for name, value in record["options"].items()
    }


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
