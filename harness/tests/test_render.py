"""From a record on disk to the reports beside it, by the session and by the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli import main as cli
from memorization_claims.errors import HarnessError
from memorization_claims.reports import render
from memorization_claims.reports.effects import label
from memorization_claims.reports.markdown import LARGEST
from memorization_claims.reports.matrix import begun
from memorization_claims.tests import toy_project
from memorization_claims.tests.reported import PANELS, entry, record
from memorization_claims.tests.test_layers import imported

RECORD = record(entry("T01"), entry("T02"), figures=list(PANELS[:1]))
REFERENCES = toy_project.ROOT / "reports/reference"
MATRIX = begun({"options": {}}, RECORD)
MATRIX["mutants"]["wrong-norm"] = {
    **{"says": "it is l2", "spoils": "values", "caught_by": "", "code": "", "blunt": False, "caught": None},
    **{"verdicts": {"refuted": ["T01"]}, "noticed": ["T01"], "same": [], "errors": {}},
}


def put(folder: Path, **files: Any) -> Path:
    """Write these files as JSON; the path of the record."""
    for name, content in {"verdicts": RECORD, **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder / "verdicts.json"


def report(*arguments: Path | str) -> tuple[int, str]:
    """The exit status and the output of `claims report`."""
    done = CliRunner().invoke(cli.main, ["report", *map(str, arguments)])
    return done.exit_code, done.output


def test_reports_stand_beside_their_record(tmp_path: Path) -> None:
    """Both are named, and nothing else is left."""
    status, told = report(put(tmp_path))
    assert (status, told.split()) == (0, [str(tmp_path / "report.html"), str(tmp_path / "report.md")])
    assert {path.name for path in tmp_path.iterdir()} == {"verdicts.json", "report.html", "report.md"}
    assert "The claim of T01." in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(REFERENCES.glob("*/verdicts.json")), ids=lambda path: str(path.parent.name))
def test_the_reference_records_have_reports(path: Path, tmp_path: Path) -> None:
    """Each item stands in both, and the Markdown can be a comment on GitHub."""
    render.write(path, tmp_path)
    page, comment = ((tmp_path / name).read_text(encoding="utf-8") for name in ("report.html", "report.md"))
    items = [label(one) for one in json.loads(path.read_text(encoding="utf-8"))["claims"]]
    assert all(f">{item}</a>" in page and f"`{item}`" in comment for item in items)
    assert len(comment) < LARGEST


def test_a_folder_stands_for_its_record(tmp_path: Path) -> None:
    """And the reports go where they are wanted, into a new folder."""
    put(tmp_path)
    status, _ = report(tmp_path, "--output", tmp_path / "new" / "folder")
    assert status == 0
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == {"report.html", "report.md"}


def test_mutants_are_found_beside_the_record(tmp_path: Path) -> None:
    """Or where the user says that they are."""
    path = put(tmp_path, other=MATRIX)
    report(path)
    assert "Fails with" not in (tmp_path / "report.html").read_text(encoding="utf-8")
    report(path, "--mutants", tmp_path / "other.json")
    assert "Fails with wrong-norm." in (tmp_path / "report.html").read_text(encoding="utf-8")
    put(tmp_path, mutants=MATRIX)
    report(path)
    assert "Fails with no mutant that breaks what it says." in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "| 1 |" in (tmp_path / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"verdicts": {"schema": "other/2"}},
            r"is no record of claims with schema 'memorization-claims/v.*'; legal are",
        ),
        (
            {"verdicts": {**RECORD, "schema": "memorization-claims/verdicts/1"}},
            r"verdicts.json was made by an older version, which did not count runs: judge its claims again$",
        ),
        ({"verdicts": []}, r"verdicts.json is no record of claims with schema"),
        (
            {"mutants": {"a": ["b"]}},
            r"mutants.json is no matrix of mutants with schema .*; legal is what `claims mutants",
        ),
        ({"mutants": []}, r"mutants.json is no matrix of mutants with schema"),
        ({"mutants": {**MATRIX, "items": {}}}, r"mutants.json is a damaged matrix of mutants; legal is"),
    ],
)
def test_what_is_no_record(tmp_path: Path, files: dict[str, Any], message: str) -> None:
    """It is refused by name, in one line, and no report is written."""
    path = put(tmp_path, **files)
    with pytest.raises(HarnessError, match=message):
        render.write(path, tmp_path)
    status, told = report(path)
    assert status == 2
    assert told.startswith("Error: ")
    assert not (tmp_path / "report.html").exists()


def test_what_is_no_json(tmp_path: Path) -> None:
    """A record that is cut off, or that is not there."""
    put(tmp_path).write_text('{"schema": ', encoding="utf-8")
    with pytest.raises(HarnessError, match=r"verdicts.json is no JSON: Expecting value"):
        render.write(tmp_path / "verdicts.json", tmp_path)
    assert report(tmp_path / "nowhere.json")[0] == 2


def test_a_report_is_made_without_torch(tmp_path: Path) -> None:
    """And without collecting the claims: from the record alone."""
    script = "import contextlib\nfrom memorization_claims.cli.main import main\n"
    script += f"with contextlib.suppress(SystemExit): main(['report', {str(put(tmp_path))!r}])"
    found = imported(script, tmp_path)
    assert "matplotlib" in found
    assert not {"torch", "sklearn", "claims", "fixtures", "_pytest.python"} & found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of small claims."""
    return toy_project.write(tmp_path_factory.mktemp("project"), test_others=toy_project.OTHERS)


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Judge the theorems of the project."""
    return toy_project.session(project, "-m", "fast", *arguments, "test_others.py")


def test_a_session_writes_its_report(project: Path) -> None:
    """It says where, and the report tells verdicts, errors and what was skipped."""
    done = run(project, "--claims-report=whole", "-k", "exact or raises or missing")
    assert f"record: {project}/whole/verdicts.json\nreport: {project}/whole/report.html" in done.stdout
    text = (project / "whole/report.html").read_text(encoding="utf-8")
    for told in (
        "T18[3]",
        "ZeroDivisionError: division by zero",
        "cifar10 is not in",
        "its opposite",
        "as in the test",
    ):
        assert told in text
    assert "T18[3]" in (project / "whole/report.md").read_text(encoding="utf-8")
    assert toy_project.record(project / "whole")["stopped"] == ""


def test_a_session_that_was_stopped_says_so(project: Path) -> None:
    """In the record and in the report, which holds what had been reached."""
    run(project, "--claims-report=part", "-x", "-k", "raises or exact")
    assert toy_project.record(project / "part")["stopped"] == "stopping after 1 failures"
    assert "was stopped before its end" in (project / "part/report.html").read_text(encoding="utf-8")


def test_what_was_known_is_in_the_record(project: Path) -> None:
    """The finding that a refutation was expected for, and what would refute the claim."""
    run(project, "--claims-report=known", "-k", "finding_refuted")
    (found,) = toy_project.record(project / "known")["claims"]
    assert (found["expected"], found["known"]) == ("refuted", "the opposite")
    assert (found["refuted_by"], found["margin_reason"]) == ("its opposite", "as in the test")
    assert "T11</a>: the opposite (" in (project / "known/report.html").read_text(encoding="utf-8")


def test_verdicts_outlive_a_report_that_fails(project: Path) -> None:
    """The record is on disk before, the session says what went wrong, and ends as it would have."""
    (project / "spoiled").mkdir()
    (project / "spoiled/mutants.json").write_text("no list", encoding="utf-8")
    done = run(project, "--claims-report=spoiled", "-k", "exact")
    assert len(toy_project.record(project / "spoiled")["claims"]) == 2
    assert "no report: SettingError: " in done.stdout
    assert "mutants.json is not JSON" in done.stdout
    assert f"`claims report {project}/spoiled/verdicts.json` tries again" in done.stdout
    assert done.returncode == 0


def test_nothing_is_drawn_unless_a_report_is_asked_for(project: Path) -> None:
    """A session without one does not wait for Matplotlib."""
    arguments = [*toy_project.QUICK, "-q", "-m", "fast", "-k", "exact", "test_others.py"]
    assert "matplotlib" not in imported(f"import pytest\nassert pytest.main({arguments!r}) == 0", project)
