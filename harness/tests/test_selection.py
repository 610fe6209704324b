"""Which items are judged: by exact id, by -k, and what an id that is none comes to."""

from __future__ import annotations

import pytest

# What a session in this process imports is dropped after it, and operations that it registers in torch go with it.
import memorization_claims.price.items  # noqa: F401
from memorization_claims.session import options
from memorization_claims.tests import toy_project
from memorization_claims.tests.test_guests import CLAIM, run


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """Claims T18, of two items, and T19, and a test of none."""
    toy_project.write(pytester.path, test_claims=CLAIM, test_plain="def test_plain():\n    pass\n")
    return pytester


def selected(project: pytest.Pytester, *arguments: str) -> set[str]:
    """The tests that are left, without the fullscale ones."""
    result = project.runpytest_inprocess(*toy_project.QUICK, "--collect-only", "-q", "-m", "not fullscale", *arguments)
    return {line.partition("::")[2] for line in result.outlines if "::" in line}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--claims-only=T18",), {"test_exact[fast-2]", "test_exact[fast-3]"}),
        (("--claims-only=T18[3]",), {"test_exact[fast-3]"}),
        (("--claims-only=T18[2],T19",), {"test_exact[fast-2]", "test_other[fast]"}),
        (("--claims-only=T19", "--claims-only", "T18[3]"), {"test_exact[fast-3]", "test_other[fast]"}),
        (("-k", "T18"), {"test_exact[fast-2]", "test_exact[fast-3]"}),
        (("-k", "T18[3] or T19"), {"test_exact[fast-3]", "test_other[fast]"}),
        (("-k", "not T1"), {"test_plain"}),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_claims_are_selected_by_their_ids(
    project: pytest.Pytester, arguments: tuple[str, ...], expected: set[str]
) -> None:
    """By the option exactly and nothing beside them; by -k as by any keyword."""
    assert selected(project, *arguments) == expected


@pytest.mark.parametrize(
    ("asked", "legal"),
    [("T1", "T18, T19"), ("T18,T18[4]", "T18[2], T18[3]"), ("test_plain", "T18, T19")],
)
@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "worker"])
def test_an_id_that_selects_nothing_is_an_error(
    project: pytest.Pytester, asked: str, legal: str, workers: tuple[str, ...]
) -> None:
    """It is named, with those that there are, and nothing is judged."""
    result = run(project, f"--claims-only={asked}", *workers)
    unknown = asked.split(",")[-1]
    message = f"--claims-only names {unknown!r}, which selects nothing; legal are {legal}"
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    assert message in str(result.stdout) + str(result.stderr)
    assert "passed" not in str(result.stdout)


def test_where_there_are_no_claims_none_is_legal(pytester: pytest.Pytester) -> None:
    """Said in words."""
    (pytester.path / "test_plain.py").write_text("def test_plain():\n    pass\n", encoding="utf-8")
    result = pytester.runpytest_inprocess(*toy_project.QUICK, "--claims-only=Z18")
    assert "selects nothing; legal are none, since no claim was collected" in str(result.stdout) + str(result.stderr)


def test_a_comma_in_brackets_belongs_to_its_id() -> None:
    """Commas outside part the ids, of which each is kept once."""
    assert options._ids(["Z18, A16[a,b]", "Z18,"]) == ("Z18", "A16[a,b]")
    assert options._ids([]) == ()


STAGED = toy_project.HEADER + "".join(
    f"""
@toy("S{epochs}", fast=Plan(base=BASE, conditions={{"one": {{"recipe": Recipe(rate=0.1, batch=5, epochs={epochs})}}}}))
def test_{epochs}(runs, judge):
    judge.at_least(runs.final("train_accuracy"), "one")
"""
    for epochs in (40, 10, 30, 20)
)


def test_stages(pytester: pytest.Pytester) -> None:
    """The cheaper half of what other options select, then half of the rest; only claims, and nothing is trained."""
    toy_project.write(pytester.path, test_claims=STAGED, test_plain="def test_plain():\n    pass\n")
    found = [selected(pytester, f"--claims-stage={stage}") for stage in (1, 2, 3, 4)]
    assert found == [{"test_10[fast]", "test_20[fast]"}, {"test_30[fast]"}, {"test_40[fast]"}, set()]
    fewer = [selected(pytester, "-k", "not S20", f"--claims-stage={stage}") for stage in (1, 2)]
    assert fewer == [{"test_10[fast]", "test_30[fast]"}, {"test_40[fast]"}]
    assert not (pytester.path / ".claims").exists()


def test_there_is_no_stage_before_the_first(pytester: pytest.Pytester) -> None:
    """Said in one line."""
    result = pytester.runpytest_inprocess(*toy_project.QUICK, "--claims-stage=0")
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    assert "--claims-stage is 0; legal is 1 or more" in str(result.stderr)


TWICE = (
    toy_project.HEADER
    + '''
@toy("T40")
def test_one(runs, judge):
    """A claim."""
    judge.above(made(runs, 9), "high", "low")


@toy("T40")
def test_two(runs, judge):
    """Another of the same name."""
    judge.above(made(runs, 9), "high", "low")
'''
)


def test_two_items_of_one_name_are_refused(pytester: pytest.Pytester) -> None:
    """A record could hold one of them alone."""
    toy_project.write(pytester.path, test_claims=TWICE)
    result = run(pytester, "-m", "fast")
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    both = (
        "test_claims.py::test_one[fast] and test_claims.py::test_two[fast] are both T40; legal is a `part` of its own"
    )
    assert both in str(result.stderr)


def test_a_method_of_a_test_case_is_no_claim(pytester: pytest.Pytester) -> None:
    """Unittest gives it no arguments."""
    method = (
        TWICE.partition('@toy("T40")')[0]
        + """
import unittest


class Case(unittest.TestCase):
    @toy("T41")
    def test_method(self):
        pass
"""
    )
    toy_project.write(pytester.path, test_claims=method)
    result = run(pytester, "-m", "fast")
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    assert "test_claims.py::Case::test_method is of a unittest.TestCase; legal for a claim is" in str(result.stderr)
