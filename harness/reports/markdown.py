"""The record as Markdown, for a pull request: the summary and the table of verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memorization_claims.reports import effects, summary
from memorization_claims.reports.matrix import Failing
from memorization_claims.reports.summary import Record

LARGEST = 65536
"""Characters that a comment on GitHub may have."""


def markdown(record: Record, caught: Mapping[str, Failing] | None = None) -> str:
    """The report as Markdown; where it would be too long for a comment, without what is claimed and measured.

    Args:
        record: as `verdicts.json` holds it.
        caught: the mutants that take each test's support away, by its id; None where they were not tried.
    """
    whole = _markdown(record, caught, brief=False)
    return whole if len(whole) < LARGEST else _markdown(record, caught, brief=True)


def _markdown(record: Record, caught: Mapping[str, Failing] | None, *, brief: bool) -> str:
    ended = "; ".join(f"**{number}** {words}" for number, words, _ in summary.tally(record))
    told = (summary.counts(record), summary.aside(record), summary.fragility(record))
    blocks = ["# Memorization claims", " ".join(filter(None, told))]
    blocks += [f"{ended}."] if ended else []
    if control := summary.control(record):
        blocks.append(f"**A control, which says nothing of the papers**: {_plain(control)}.")
    if record["stopped"]:
        blocks.append(f"The session was stopped before its end ({_plain(record['stopped'])}).")
    alarm = summary.false_alarm(record)
    if alarm["tested"]:
        blocks.append(
            f"Counting runs decides {alarm['tested']} of them, each at alpha = {alarm['alpha']} over all looks: the "
            f"chance of even one false support is at most {100 * alarm['bound']:.2g} %. {summary.LEGEND}"
        )
    blocks += [_plain(alarm["seeded"])] if alarm["seeded"] else []
    lists = {"Not as expected": summary.unexpected, "Decided now": summary.decided, "Leaning": summary.leaning}
    for heading, entries in ((heading, listed(record)) for heading, listed in lists.items()):
        lines = [f"- `{effects.label(each)}` {effects.ending(each)}: {_plain(each['because'])}" for each in entries]
        blocks += [f"## {heading}", "\n".join(lines)] if lines else []
    if record["errors"]:
        lines = [f"- `{each['nodeid']}`: {_plain(each['message'])}" for each in record["errors"]]
        blocks += ["## Errors", "\n".join(lines)]
    for paper, entries in summary.by_paper(record).items():
        blocks += [f"## {paper}", _table(entries, caught, brief=brief)]
    if skipped := summary.skipped(record):
        blocks += ["## Skipped", "\n".join(f"- {len(ids)}: {_plain(reason)}" for reason, ids in skipped.items())]
    about = ", ".join(f"{name} {value}" for name, value in record["environment"].items() if value is not None)
    return "\n\n".join([*blocks, f"<sub>{_plain(about)}</sub>"]) + "\n"


def _table(entries: Sequence[effects.Entry], caught: Mapping[str, Failing] | None, *, brief: bool) -> str:
    """A line for each item; the first of a claim's items says what is claimed."""
    heads = ("item", "claim", "verdict", "again", "measured", "effect [95 % interval]", "claimed", "seeds", "seconds")
    rows = [(*heads, *(("mutants it fails with",) if caught is not None else ()))]
    rows.append(tuple("--:" if head in ("seeds", "seconds") else "---" for head in rows[0]))
    said = ""
    for entry in entries:
        ending = effects.ending(entry)
        seconds = entry["seconds"]["training"] + entry["seconds"]["measuring"]
        cells = (
            f"`{effects.label(entry)}`",
            _plain(entry["says"]) if entry["says"] != said else "",
            f"**{ending}**" if effects.surprises(entry) else ending,
            _plain(effects.again(entry)),
            _plain(entry["effect"]["name"]) if entry["effect"] else "",
            _plain(effects.numbers(entry)),
            _plain(effects.margin(entry)),
            str(effects.runs(entry)),
            f"{seconds:.1f}",
        )
        rows.append((*cells, *([_failing(caught.get(entry["nodeid"]))] if caught is not None else [])))
        said = entry["says"]
    shown = [at for at, head in enumerate(rows[0]) if not (brief and head in ("claim", "measured"))]
    return "\n".join(f"| {' | '.join(row[at] for at in shown)} |" for row in rows)


def _failing(names: Failing | None) -> str:
    """How many mutants take an item's support: their names would be more than a comment holds."""
    if names is None:
        return ""
    blunt = f", {len(names.blunt)} blunt" if names.blunt else ""
    return f"{len(names.sharp)}{blunt}"


def _plain(text: str) -> str:
    """A text that Markdown shows as it stands, on one line."""
    for mark in "\\`*_<>|[]#":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
