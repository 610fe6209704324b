"""Which claims notice which mutants: what `claims mutants --save` writes, and what is told of it.

A mutant is noticed by an item that was supported or refuted, and under the mutant has another verdict because fewer of
its runs show that, at the level of a verdict. A mutant that no item notices survives, unless a test catches it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from memorization_claims.errors import SettingError
from memorization_claims.reports import effects, whole
from memorization_claims.reports.compare.markdown import escaped, table
from memorization_claims.statistics.verdict import ALPHA

SCHEMA = "memorization-claims/mutants/1"
MADE = ("commit", "torch", "numpy", "device")
"""What is told of where the claims were judged."""

Matrix = dict[str, Any]
Entry = Mapping[str, Any]


class Failing(NamedTuple):
    """The mutants that take an item's support."""

    sharp: list[str]
    """Those that break what some claims say."""
    blunt: list[str]
    """Those that break claims whatever these say."""


class Score(NamedTuple):
    """What became of the mutants that concern a claim."""

    noticed: list[str]
    caught: list[str]
    """By a test alone."""
    survived: list[str]


def begun(asked: Mapping[str, Any], record: Mapping[str, Any]) -> Matrix:
    """A matrix without a mutant.

    Args:
        asked: what decides its numbers: digests of the items and of the code, and the options.
        record: of a session that judged the claims as they are.
    """
    made = {name: value for name, value in record.get("environment", {}).items() if name in MADE}
    items = {effects.label(entry): _counted(entry) for entry in record["claims"]}
    return {"schema": SCHEMA, "asked": dict(asked), "made": made, "items": items, "mutants": {}}


def tried(matrix: Matrix, mutant: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """What a mutant is, and what its session came to.

    Args:
        matrix: has the items as they are.
        mutant: says, blunt, spoils, caught_by and code.
        record: of the session.
    """
    entries = {effects.label(entry): entry for entry in record["claims"] if effects.label(entry) in matrix["items"]}
    verdicts: dict[str, list[str]] = {"supported": [], "refuted": [], "undecided": []}
    for item, entry in entries.items():
        verdicts[entry["verdict"]].append(item)
    whole, broken = matrix["items"], {item: _counted(entry) for item, entry in entries.items()}
    return {
        **{name: mutant[name] for name in ("says", "blunt", "spoils", "caught_by", "code")},
        "verdicts": verdicts,
        "noticed": [item for item in broken if notices(whole[item], broken[item])],
        "same": [item for item in broken if whole[item] == broken[item]],
        "errors": {error["nodeid"]: error["message"] for error in record["errors"]},
        "caught": None,
    }


def notices(whole: Mapping[str, Any], broken: Mapping[str, Any]) -> bool:
    """Whether a decided item loses its verdict, and not only some of the runs that it takes to reach it."""
    shown = effects.SHOWN.get(whole["verdict"])
    if shown is None or whole["verdict"] == broken["verdict"]:
        return False
    if not (whole["runs"] and broken["runs"]):
        return True
    from scipy.stats import fisher_exact  # it takes a while, and most commands need none

    counts = [[each[shown], each["runs"] - each[shown]] for each in (broken, whole)]
    return bool(fisher_exact(counts, alternative="less").pvalue <= ALPHA)


def score(matrix: Matrix) -> Score:
    """What became of each mutant."""
    rows = matrix["mutants"]
    unseen = [name for name, row in rows.items() if not row["noticed"]]
    caught = [name for name in unseen if rows[name]["caught"]]
    return Score([name for name in rows if name not in unseen], caught, [name for name in unseen if name not in caught])


def failing(matrix: Matrix) -> dict[str, Failing]:
    """The mutants that take the support of each supported item."""
    found = {item: Failing([], []) for item, whole in matrix["items"].items() if whole["verdict"] == "supported"}
    for name, row in matrix["mutants"].items():
        for item in row["noticed"]:
            if item in found:
                (found[item].blunt if row["blunt"] else found[item].sharp).append(name)
    return found


def by_test(matrix: Matrix) -> dict[str, Failing]:
    """The same by the id of each item's test, as records name it."""
    return {matrix["items"][item]["nodeid"]: names for item, names in failing(matrix).items()}


def sentences(matrix: Matrix) -> list[str]:
    """The mutation score, and how many supported items were shown to be able to fail, with those that were not."""
    found, items, rows = score(matrix), failing(matrix), matrix["mutants"]
    done, all_of_them = len(rows) - len(found.survived), len(rows)
    said = [
        f"Mutation score: {_share(done, all_of_them)} mutants, {len(found.noticed)} noticed by a claim and "
        f"{len(found.caught)} caught by a test alone."
    ]
    said += [f"{name} survives: no claim notices it{_untested(rows[name])}." for name in found.survived]
    said += [f"{name}: {len(row['errors'])} tests met errors." for name, row in rows.items() if row["errors"]]
    sharp = sum(bool(names.sharp) for names in items.values())
    said.append(
        f"Supported items that fail with at least one mutant that breaks what they say: {_share(sharp, len(items))}."
    )
    blunt = [item for item, names in items.items() if names.blunt and not names.sharp]
    none = [item for item, names in items.items() if not (names.blunt or names.sharp)]
    said += [f"They fail with blunt mutants alone: {', '.join(blunt)}."] if blunt else []
    said += [f"They fail with no mutant: {', '.join(none)}."] if none else []
    return said


def markdown(matrix: Matrix) -> str:
    """The matrix for a document: what was judged, the score, every mutant and every supported item."""
    items, made, options = matrix["items"], matrix["made"], matrix["asked"]["options"]
    seed = f" at base seed {options['base_seed']}" if "base_seed" in options else ""
    where = ", ".join(f"{name} {made[name]}" for name in MADE if made.get(name))
    blocks = [
        f"{len(items)} items judged as they are{seed}{f' ({where})' if where else ''}, and at one look of 12 seeds "
        f"under {len(matrix['mutants'])} mutants that concern some of them.",
        "\n".join(f"- {escaped(line)}" for line in sentences(matrix)),
        "\n".join(table(("mutant", "what is broken", "noticed by", "caught by"), _mutants(matrix))).rstrip("\n"),
        "\n".join(table(("supported item", "fails with", "and with blunt ones"), _items(matrix))).rstrip("\n"),
    ]
    return "\n\n".join(blocks)


def _mutants(matrix: Matrix) -> Iterable[Sequence[str]]:
    for name, row in matrix["mutants"].items():
        judged = sum(map(len, row["verdicts"].values()))
        test = row["caught_by"].rpartition("/")[2] if row["caught"] else ""
        yield (
            f"{name}{' (blunt)' if row['blunt'] else ''}",
            row["says"],
            f"{len(row['noticed'])} of {judged}",
            test,
        )


def _items(matrix: Matrix) -> Iterable[Sequence[str]]:
    for item, names in sorted(failing(matrix).items()):
        yield item, ", ".join(names.sharp), ", ".join(names.blunt)


def read(path: Path) -> Matrix:
    """The matrix in a file.

    Raises:
        SettingError: there is none.
        OSError: it cannot be read.
    """
    legal = "legal is what `claims mutants --save` writes"
    try:
        matrix = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingError(f"{path} is not JSON: {error}; {legal}") from error
    if not (isinstance(matrix, dict) and matrix.get("schema") == SCHEMA):
        raise SettingError(f"{path} is no matrix of mutants with schema {SCHEMA!r}; {legal}")
    if not _is_whole(matrix):
        raise SettingError(f"{path} is a damaged matrix of mutants; {legal}")
    return matrix


def _is_whole(matrix: Matrix) -> bool:
    """Whether all is there that is read of it."""
    kinds = {"asked": dict, "made": dict, "items": dict, "mutants": dict}
    if not all(isinstance(matrix.get(name), kind) for name, kind in kinds.items()):
        return False
    if not isinstance(matrix["asked"].get("options"), dict):
        return False
    counts = {"runs": int, "beyond": int, "short": int}
    of_item = {"nodeid": str, "verdict": str, "numbers": str, **counts}
    strings = {"says": str, "spoils": str, "caught_by": str, "code": str}
    of_mutant = {**strings, "blunt": bool, "verdicts": dict, "noticed": list, "same": list, "errors": dict}
    return all(
        isinstance(each, dict) and all(isinstance(each.get(name), kind) for name, kind in fields.items())
        for part, fields in (("items", of_item), ("mutants", of_mutant))
        for each in matrix[part].values()
    ) and all("caught" in row and set(row["noticed"]) <= matrix["items"].keys() for row in matrix["mutants"].values())


def write(path: Path, matrix: Matrix) -> None:
    """Write it whole or not at all."""
    whole.write(path, json.dumps(matrix, indent=1) + "\n")


def _counted(entry: Entry) -> dict[str, Any]:
    """What is kept of an item: its test, its verdict, the runs that show either answer, and its numbers as a digest."""
    numbers = hashlib.sha256(json.dumps(entry["samples"], sort_keys=True).encode()).hexdigest()[:12]
    counts = {"runs": 0, "beyond": 0, "short": 0}
    if count := entry["count"]:
        counts = {
            "runs": count["runs"],
            **{shown: entry["count"][shown] for shown in effects.SHOWN.values()},
        }
    return {"nodeid": entry["nodeid"], "verdict": entry["verdict"], **counts, "numbers": numbers}


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({100 * part / whole:.0f} %)" if whole else "")


def _untested(row: Mapping[str, Any]) -> str:
    if not row["caught_by"]:
        return ", and no test is named that catches it"
    return f", and {row['caught_by']} {'passes' if row['caught'] is False else 'was not run'}"
