"""What the command line makes of records that are none, of crashes, closed pipes, and narrow encodings."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli.main import main
from memorization_claims.reports.plain import plain
from memorization_claims.reports.shape import damage
from memorization_claims.tests.reported import PANELS, entry, record, unmeasured

WHOLE = record(
    entry("T01", paper="a"),
    entry("T02", says="Nets → noise ≤ signal…", verdict="refuted", expected="refuted", paper="a"),
    unmeasured("T03", paper="a"),
    papers={"a": {"short": "A", "bibtex": "@misc{a}"}},
    errors=[{"nodeid": "t.py::test_a", "message": "went wrong"}],
    skipped=[{"nodeid": "t.py::test_b", "reason": "no data"}],
    figures=list(PANELS),
)
FREE = {"environment", "options", "summary"}
"""Fields that hold anything by name."""


def status(*arguments: str | Path) -> tuple[int, str]:
    """The exit status of a command and all that it printed."""
    done = CliRunner().invoke(main, [str(each) for each in arguments])
    return done.exit_code, done.output


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a record: the first of each list stands for all."""
    if path:
        yield path
    if isinstance(value, dict) and path[-1:] not in {(name,) for name in FREE}:
        for key, each in value.items():
            yield from places(each, (*path, key))
    if isinstance(value, list) and value:
        for place in range(len(value)) if path == ("figures",) else (0,):
            yield from places(value[place], (*path, place))


def damaged(path: tuple[Any, ...], *new: Any) -> dict[str, Any]:
    """The whole record with what stands at a path left out, or with something else in its place."""
    made: Any = copy.deepcopy(WHOLE)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    if new:
        inner[path[-1]] = new[0]
    else:
        del inner[path[-1]]
    return dict(made)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """The whole record as a file."""
    (tmp_path / "whole.json").write_text(json.dumps(WHOLE), encoding="utf-8")
    return tmp_path / "whole.json"


def test_the_whole_record_can_be_read(whole: Path) -> None:
    """By each command."""
    for arguments in (("compare", whole, whole), ("show", whole), ("cite", whole), ("report", whole)):
        assert status(*arguments)[0] == 0, status(*arguments)


@pytest.mark.parametrize("new", [(), (None,), ("text",), (-5,), ({},), ([None],), (True,)], ids=repr)
def test_a_damaged_record_is_refused_in_a_line(whole: Path, new: tuple[Any, ...]) -> None:
    """Wherever something is missing or is something else: status 2 and one line, or a record that can be read."""
    broken, refused = whole.with_name("broken.json"), 0
    for path in places(WHOLE):
        broken.write_text(json.dumps(damaged(path, *new)), encoding="utf-8")
        for arguments in (("compare", whole, broken), ("compare", broken, whole), ("show", broken), ("cite", broken)):
            code, told = status(*arguments)
            assert code in (0, 1, 2), (path, new, told)
            assert code != 2 or (told.count("\n") == 1 and told.startswith("Error: ")), (path, told)
        refused += code == 2
        named = isinstance(path[-1], str) and path[0] not in FREE and path[-2:-1] != ("samples",)
        assert code == 2 or new or not named, path
    assert refused > 20


def test_a_damaged_figure_is_refused_before_it_is_drawn(whole: Path) -> None:
    """What is not refused can be drawn."""
    figures = [path for path in places(WHOLE) if path[0] == "figures"]
    changed = [damaged(path, *(() if isinstance(path[-1], int) else (None,))) for path in figures]
    drawn = [made for made in changed if not damage(made)]
    assert len(drawn) < len(changed) / 2
    for made in drawn:
        whole.write_text(json.dumps(made), encoding="utf-8")
        assert status("report", whole)[0] == 0, made["figures"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", "[" * 100_000, "\0", '{"schema": NaN}', '{"benchmarks": 1, "record": 2}', "{}"],
    ids=lambda text: text[:20],
)
@pytest.mark.parametrize("command", ["compare", "show", "report", "cite"])
def test_what_is_no_record_is_refused_in_a_line(whole: Path, command: str, text: str) -> None:
    """Truncated, foreign, empty."""
    (whole.parent / "other.json").write_text(text, encoding="utf-8")
    arguments = (whole, whole.parent / "other.json") if command == "compare" else (whole.parent / "other.json",)
    code, told = status(command, *arguments)
    assert (code, told.count("\n")) == (2, 1), told


def test_paths_that_are_no_records(whole: Path) -> None:
    """A folder without one, a name that is too long, bytes of something else, and an output that is in the way."""
    binary = whole.with_name("binary")
    binary.write_bytes(bytes(range(256)))
    for path in (whole.parent / "absent", "x" * 5000, binary, whole / "below"):
        code, told = status("show", path)
        assert (code, told.count("\n")) == (2, 1), told
    (whole.parent / "empty").mkdir()
    assert status("show", whole.parent / "empty")[0] == 2
    assert status("compare", whole, whole, "--output", whole / "out")[0] == 2
    assert status("report", whole, "--output", whole / "out")[0] == 2


def test_the_home_is_written_out(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In arguments and options; a user that there is not is named."""
    monkeypatch.setenv("HOME", str(whole.parent))
    assert status("show", "~/whole.json")[0] == 0
    assert status("compare", "~/whole.json", whole, "--output", "~/out/compared.txt")[0] == 0
    assert (whole.parent / "out/compared.txt").exists()
    assert status("show", "~nobody-of-that-name/r")[0] == 2


@pytest.mark.parametrize(
    ("raised", "expected"),
    [(RuntimeError("odd"), 3), (MemoryError(), 3), (KeyboardInterrupt(), 130), (BrokenPipeError(), 141)],
)
def test_no_crash_has_the_status_of_a_verdict(
    whole: Path, monkeypatch: pytest.MonkeyPatch, raised: BaseException, expected: int
) -> None:
    """Whatever a command meets; the traceback of what nobody foresaw is shown."""

    def fail(*_: Any, **__: Any) -> Any:
        raise raised

    monkeypatch.setattr("memorization_claims.cli.compare.compare", fail)
    code, told = status("compare", whole, whole)
    assert code == expected
    assert ("Traceback" in told) == (expected == 3)


def test_a_closed_pipe(whole: Path) -> None:
    """Nobody reads: no verdict, and nothing to read about it."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "memorization_claims", "compare", str(whole), str(whole)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_plain_characters_where_others_cannot_be_shown(whole: Path, encoding: str) -> None:
    """An arrow stays readable; nothing is lost in question marks."""
    changed = json.loads(whole.read_text(encoding="utf-8"))
    changed["claims"][1] |= {"verdict": "undecided", "because": "Δ ≤ 3 ± 1… in Tromsø"}
    (whole.parent / "other.json").write_text(json.dumps(changed), encoding="utf-8")
    command = [sys.executable, "-m", "memorization_claims", "compare", "whole.json", "other.json"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "120"}
    done = subprocess.run(command, cwd=whole.parent, env=environment, capture_output=True)
    told = done.stdout.decode(encoding)
    assert done.returncode == 1, done.stderr
    arrow = "→" if encoding == "utf-8" else "->"
    assert f"refuted {arrow} undecided" in told
    assert "?" not in told
    because = {"cp1252": "delta <= 3 ± 1… in Tromsø", "ascii": "delta <= 3 +- 1... in Tromso"}
    assert because.get(encoding, "Δ ≤ 3 ± 1… in Tromsø") in told


def test_plain_forms() -> None:
    """Of letters with accents and of Greek, the numbers of what has none, and nothing else is touched."""
    assert plain("naïve µ, β → 数 \udcff", "ascii") == "naive mu, beta -> \\u6570 \\udcff"
    assert plain("naïve → 数", "utf-8") == "naïve → 数"
    assert plain("→", None) == plain("→", "no-such-encoding") == "->"
