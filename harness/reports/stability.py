"""Sessions of the same claims under other seeds or other arithmetic, in Markdown: which verdicts turned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from memorization_claims.errors import DataError
from memorization_claims.reports import turns
from memorization_claims.reports.result import read, told
from memorization_claims.reports.turns import Foretold, Judged, Result
from memorization_claims.statistics.event import interval

TITLE = "# Stability of verdicts"
NUMBERS = ("supported", "refuted", "undecided", "errors", "skipped")


def alarms(results: Sequence[Result]) -> bool:
    """Whether a verdict turned into its opposite, or a session ended with another exit status than 0."""
    return any(item.reversed for item in turns.judged(results)) or any(result["exit_status"] for result in results)


def markdown(results: Sequence[Result]) -> str:
    """The page: the sessions, how many verdicts turned, which, and whether that was foretold.

    Args:
        results: of sessions that judged the same, at least one, in their order.
    """
    items = turns.judged(results)
    judged, data = (told(results[0], what) for what in ("arguments", "datasets"))
    on = f" on {data}" if data else ""
    blocks = [TITLE, f"What `{judged}` comes to{on}, in sessions that share nothing. `claims stability` wrote it."]
    blocks += ["\n".join(_sessions(results)), _shared(results), _counted(items, len(results))]
    if turned := [item for item in items if item.turned]:
        blocks += ["## What turned", "\n".join(_turned(turned, results))]
        blocks.append("Verdict, median effect and, in brackets, runs. Bold is what differs from most sessions.")
    if foretold := turns.foretold(results):
        blocks += ["## Whether that was to be expected", "\n".join(_foretold(foretold))]
        blocks.append(
            "Each verdict states the chance that another base seed reaches it too, from how many of its runs show the "
            "claim. Here it is held against every other base seed, so that two base seeds make two pairs an item."
        )
    return "\n\n".join(filter(None, blocks)) + "\n"


def gist(folder: Path) -> str:
    """The page in some sentences: what was judged in which sessions, which failed, and how many verdicts turned.

    Raises:
        DataError: the folder holds no results, or results that cannot stand in one table.
    """
    if not (results := read(folder)):
        raise DataError(f"{folder} holds no session; legal is a folder of claims stability")
    failed = [result["session"] for result in results if result["exit_status"]]
    ended = f"{', '.join(failed)} ended with another exit status than 0" if failed else "All ended with exit status 0"
    seeds = sum(result["session"].startswith("seed-") for result in results)
    others = [result["session"] for result in results if not result["session"].startswith("seed-")]
    under = ", ".join([f"{seeds} base seed{'s' * (seeds != 1)}", *others])
    return f"On {told(results[0], 'datasets')}, {under}. {ended}. {_counted(turns.judged(results), len(results))}"


def _sessions(results: Sequence[Result]) -> Iterator[str]:
    """A row for each session, with what decides numbers where that is not the same in all."""
    differing = [name for name in _names(results) if name not in _same(results)]
    heading = ("session", *differing, "exit", "mean seeds", "seconds", *NUMBERS)
    rows = (
        (
            result["session"],
            *(_known(result["environment"].get(name)) for name in differing),
            str(result["exit_status"]),
            _known(result["mean_seeds"]),
            f"{result['seconds']:.0f}",
            *(str(result[number]) for number in NUMBERS),
        )
        for result in results
    )
    return _table(heading, rows, left=1 + len(differing))


def _shared(results: Sequence[Result]) -> str:
    same = ", ".join(f"{name} {value}" for name, value in _same(results).items() if value)
    return f"{'All sessions' if len(results) > 1 else 'The session'}: {same}." if same else ""


def _names(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(name for result in results for name in result["environment"]))


def _same(results: Sequence[Result]) -> dict[str, Any]:
    """The parts of the environment that all sessions share."""
    first = results[0]["environment"]
    return {
        name: first.get(name)
        for name in _names(results)
        if all(result["environment"].get(name) == first.get(name) for result in results)
    }


def _counted(items: Sequence[Judged], sessions: int) -> str:
    """How many verdicts turned, in sentences."""
    verdicts = sum(len(item.by_session) for item in items)
    turned = sum(len(item.turned) for item in items)
    if sessions < 2 or not verdicts:
        return "With one session nothing can turn."
    # Clopper and Pearson's for a share, as if verdicts turned independently.
    low, high = interval(turned, verdicts, miss=0.05)
    opposite = sum(len(item.reversed) for item in items)
    wanting = [item.label for item in items if len(item.by_session) < sessions]
    sentences = [
        f"Of {len(items)} items in {sessions} sessions, {turned} of {verdicts} verdicts turned "
        f"({1000 * turned / verdicts:.1f} in a thousand; 95 % interval {1000 * low:.1f} to {1000 * high:.1f}), "
        f"{opposite or 'none'} between supported and refuted.",
        "A verdict turned if it differs from the one that most sessions reached.",
    ]
    if wanting:
        sentences.append(f"Not judged in all: {', '.join(f'`{label}`' for label in wanting)}.")
    return " ".join(sentences)


def _turned(items: Sequence[Judged], results: Sequence[Result]) -> Iterator[str]:
    """A row for each item, a column for each session."""
    names = [result["session"] for result in results]
    rows = (
        (f"`{item.label}`", _margin(item), *(_cell(item.by_session.get(name), item.usual) for name in names))
        for item in items
    )
    return _table(("item", "margin", *names), rows, left=2 + len(names))


def _margin(item: Judged) -> str:
    return next((f"{each['effect']['margin']:g}" for each in item.by_session.values() if each["effect"]), "")


def _cell(item: Mapping[str, Any] | None, usual: str) -> str:
    if item is None:
        return "not judged"
    verdict = item["verdict"] if item["verdict"] == usual else f"**{item['verdict']}**"
    measured = item["effect"] and item["effect"]["estimate"] is not None
    median = [f"{item['effect']['estimate']:.3g}"] if measured else []
    runs = [f"({item['count']['runs']})"] if item["count"] else []
    return " ".join([verdict, *median, *runs])


def _foretold(found: Sequence[Foretold]) -> Iterator[str]:
    """A row for each group of chances, and one for all."""
    bounds = (1.0, *turns.BOUNDS)
    rows = [
        _row(f"{one.low:g} to {bounds[bounds.index(one.low) - 1]:g}" if one.low else f"below {bounds[-2]:g}", one)
        for one in found
    ]
    if len(found) > 1:
        stated = tuple(chance for one in found for chance in one.stated)
        rows.append(_row("all", Foretold(0.0, stated, sum(one.same for one in found))))
    heading = ("stated chance", "pairs", "the same, stated", "the same, found", "turns, stated", "turns, found")
    return _table(heading, rows, left=1)


def _row(name: str, one: Foretold) -> tuple[str, ...]:
    pairs, (stated, found) = len(one.stated), one.turns
    return name, str(pairs), f"{1 - stated / pairs:.4f}", f"{1 - found / pairs:.4f}", f"{stated:.3g}", str(found)


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]], *, left: int) -> Iterator[str]:
    """The lines of a table, padded so that they can be read as they stand; the first columns are flush left."""
    lines = [heading, *rows]
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    marks = ["-" * width if place < left else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    for line in (heading, marks, *lines[1:]):
        cells = zip(line, widths, strict=True)
        padded = (cell.ljust(width) if place < left else cell.rjust(width) for place, (cell, width) in enumerate(cells))
        yield f"| {' | '.join(padded)} |"


def _known(value: Any) -> str:
    return "" if value is None else str(value)
