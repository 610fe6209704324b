"""Faults in records from elsewhere, as `claims compare` and `claims show` meet them."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import pickle
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

from memorization_claims.cli.main import main
from memorization_claims.reports import effects
from memorization_claims.tests.faults.small import Payload
from memorization_claims.tests.reported import WHOLE

JUNK: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        0,
        10**30,
        1e300,
        "",
        [],
        {},
        [[]],
        {"": None},
        "\ud800",
        "a\x1b[2J\x1b[31mb",
        "\r\x00\x9b",
        "é" * 9,
    ),
    *("memorization-claims/verdicts/1", ["supported"], float("nan"), float("inf")),
)


def call(*arguments: str) -> tuple[int, str]:
    """The exit status of `claims` with these arguments, and what it printed."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    with (
        mock.patch.dict(os.environ, {"COLUMNS": "100"}),
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
    ):
        try:
            main(list(arguments), "claims")
        except SystemExit as end:
            status = end.code or 0
    printed = "".join(stream.buffer.getvalue().decode() for stream in streams)
    assert isinstance(status, int)
    return status, printed


def _plain(status: int, printed: str, *, legal: tuple[int, ...] = (0, 1, 2)) -> None:
    assert "Traceback" not in printed, printed
    assert status in legal, f"exit status {status}: {printed}"
    assert status != 2 or printed.startswith("Error: ")
    assert not {"\x1b", "\x9b", "\r", "\0", "\b", "\a"} & set(printed), f"they reach the terminal: {printed!r}"


def _write(file: Path, record: Any) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(record), encoding="utf-8")
    return file


def schemas(random: Random, folder: Path) -> None:
    """A record has another schema, or is no record: it is refused in one line."""
    good = _write(folder / "good" / "verdicts.json", WHOLE)
    bad = folder / os.fsdecode(random.choice((b"bad", b"caf\xe9", b"a\nb"))) / "verdicts.json"
    text = json.dumps(WHOLE)
    schema = random.choice(
        (
            "memorization-claims/verdicts/0",
            "memorization-claims/verdicts/1",
            "memorization-claims/verdicts/99",
            "",
            None,
            2,
        )
    )
    contents: tuple[bytes, ...] = (
        json.dumps({**WHOLE, "schema": schema}).encode(),
        json.dumps({key: value for key, value in WHOLE.items() if key != "schema"}).encode(),
        json.dumps({"record": WHOLE, "benchmarks": random.choice((None, {}, [1], "x"))}).encode(),
        json.dumps([WHOLE]).encode(),
        text[: random.randrange(len(text))].encode(),
        text.encode("utf-16"),
        b"\xff\xfe" + text.encode(),
        b"[" * 200_000,
        b'{"schema":' * 100_000,
        b"9" * 10_000,
        b"",
        pickle.dumps(Payload(folder)),
        b"PK\x03\x04" + random.randbytes(50),
    )
    bad.parent.mkdir()
    bad.write_bytes(random.choice(contents))
    for order in ((good, bad), (bad, good)):
        _plain(*call("compare", *map(str, order)), legal=(2,))
    _plain(*call("show", str(bad)), legal=(2,))


def fields(random: Random, folder: Path) -> None:
    """Some field of a record is missing or something else: it is refused, or read for what it says."""
    good = _write(folder / "good" / "verdicts.json", WHOLE)
    record = copy.deepcopy(WHOLE)
    for _ in range(random.randint(1, 2)):
        place: Any = record
        while True:
            key = random.choice(sorted(place)) if isinstance(place, dict) else random.randrange(len(place))
            if not (isinstance(place[key], dict | list) and place[key] and random.random() < 0.8):
                break
            place = place[key]
        if random.random() < 0.3:
            del place[key]
        else:
            place[key] = random.choice(JUNK)
    bad = _write(folder / "bad" / "verdicts.json", record)
    if random.random() < 0.2:
        bad.write_text(bad.read_text().replace("0.5", "1e999"), encoding="utf-8")
    form = random.choice(("text", "markdown", "html", "json"))
    for order in ((good, bad), (bad, good)):
        _plain(*call("compare", *map(str, order), "--format", form))
    _plain(*call("show", str(bad)))


def verdicts(random: Random, folder: Path) -> None:
    """A verdict is another: `claims compare` says so, whatever else is the same, and alarms unless it leans."""
    good = _write(folder / "good" / "verdicts.json", WHOLE)
    record = copy.deepcopy(WHOLE)
    entry = random.choice(record["claims"])
    entry["verdict"] = random.choice(
        [each for each in ("supported", "refuted", "undecided") if each != entry["verdict"]]
    )
    other = _write(folder / "other" / "verdicts.json", record)
    status, printed = call("compare", str(good), str(other))
    was = next(each["verdict"] for each in WHOLE["claims"] if each["id"] == entry["id"])
    leaning = effects.leans_to(entry, was) or effects.leans_to({**entry, "verdict": was}, entry["verdict"])
    _plain(status, printed, legal=(0,) if leaning else (1,))
    assert entry["id"] in printed
    _plain(*call("compare", str(good), str(good)), legal=(0,))


def controls(random: Random, folder: Path) -> None:
    """Texts of a record have characters that would rule a terminal: none of them reaches it."""
    good = _write(folder / "good" / "verdicts.json", WHOLE)
    record = copy.deepcopy(WHOLE)
    for entry in record["claims"]:
        entry["verdict"] = random.choice(("supported", "refuted", "undecided"))
        for field in ("says", "because", "source", "known", "refuted_by"):
            entry[field] += random.choice(("\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\r", "\0", "\b\b"))
    bad = _write(folder / "bad" / "verdicts.json", record)
    for form in ("text", "markdown"):
        _plain(*call("compare", str(good), str(bad), "--format", form))
    _plain(*call("show", str(bad)))
