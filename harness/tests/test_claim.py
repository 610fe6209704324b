"""Claims, and the items that their tests become."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.judging.claim import Claim, Finding, Margin, claim
from memorization_claims.judging.paper import Paper
from memorization_claims.plan.plan import Cases
from memorization_claims.tests import toy_project
from memorization_claims.tests.toy_project import PAPER

FINDING = Finding("T01[x]", "digits", "the opposite")
CLAIM = Claim(
    id="T01",
    part="x",
    says="It holds.",
    source=PAPER.at("table 1"),
    kind="above",
    refuted_by="its opposite",
    margin=Margin(0.5, "as in the test"),
    fast={"small": Cases(number=2), "large": Cases(number=3)},
    fullscale=Cases(),
    departs=("smaller",),
    findings=(FINDING,),
)

NAMES = (
    toy_project.HEADER
    + '''
from dataclasses import replace

WIDE = Plan(base=replace(BASE, model="mlp-1x9"), conditions=ARMS)
SLOW = Plan(base=replace(BASE, model="mlp-1x8", recipe=Recipe(rate=0.01, batch=5, epochs=2)), conditions=ARMS)
NARROW = Plan(base=BASE, conditions=ARMS)


@toy("T01", fast={"mlp-1x4": NARROW, "mlp-1x9": WIDE},
     fullscale={"mlp-1x4": NARROW, "slow": SLOW, "mlp-1x9": WIDE})
@pytest.mark.parametrize("size", [1, 2])
def test_variants(runs, judge, size):
    """Two variants that differ in the model alone, one that differs in its recipe too."""


@toy("T02", part="part", fast=Plan(base=BASE, conditions=ARMS, needs_data=True), fullscale=Cases(),
     findings=(Finding("T02[part]", "digits", "the opposite"),))
def test_part(runs, judge):
    """A claim about its own data, and a theorem."""
'''
)


class Collected:
    """Keeps what each item of a session was given."""

    def __init__(self) -> None:
        self.settings: dict[str, object] = {}
        self.looks: dict[str, tuple[int, ...]] = {}
        self.expected: dict[str, str] = {}
        self.marks: dict[str, set[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        """Note items by scale and name."""
        from memorization_claims.session import overrides
        from memorization_claims.session.items import known, name_of, placed

        for item in items:
            name = f"{placed(item).scale} {name_of(item)}"
            self.settings[name] = placed(item).setting
            found = known(item, overrides.of(item.config))
            self.looks[name] = placed(item).schedule.looks
            self.expected[name] = found.verdict if found else "supported"
            self.marks[name] = {mark.name for mark in item.iter_markers()} - {"claim", "parametrize"}


def collect(pytester: pytest.Pytester, *arguments: str) -> Collected:
    """Collect the claims above under these options, in this process."""
    toy_project.write(pytester.path, test_names=NAMES)
    collected = Collected()
    pytester.inline_run(*toy_project.QUICK, "--collect-only", "-q", "test_names.py", *arguments, plugins=[collected])
    return collected


def test_a_claim_without_variants_has_one() -> None:
    """It is named by the empty string, so that records name the claim alone."""
    assert CLAIM.settings("fullscale") == {"": Cases()}
    assert CLAIM.settings("fast") == {"small": Cases(number=2), "large": Cases(number=3)}


def test_a_finding_is_a_refutation_or_open() -> None:
    """What is supported is as the paper says, and no finding."""
    with pytest.raises(SettingError) as refused:
        Finding("T01", "digits", "as the paper says", verdict="supported")  # type: ignore[arg-type]
    assert str(refused.value) == "a finding on T01 has verdict 'supported'; legal are refuted, undecided"


def test_departures_belong_to_a_scale() -> None:
    """What the fast scale changes is not held against the full one."""
    assert (CLAIM.departures("fast"), CLAIM.departures("fullscale")) == (("smaller",), ())


@pytest.mark.parametrize(
    "place", [("T01", "fast", "digits"), ("T01[x]", "fullscale", "digits"), ("T01[x]", "fast", "mnist")]
)
def test_a_finding_holds_where_it_was_made(place: tuple[str, str, str]) -> None:
    """Another item, scale or data set knows nothing of it."""
    assert CLAIM.finding("T01[x]", "fast", "digits") is FINDING
    assert CLAIM.finding(*place) is None


def test_a_finding_may_be_of_several_items() -> None:
    """One sentence for all of them, at the fast scale where nothing else is said."""
    finding = Finding(("T01[x-a]", "T01[x-b]"), "digits", "the opposite")
    assert all(finding.concerns(item, "fast", "digits") for item in ("T01[x-a]", "T01[x-b]"))
    assert not any(finding.concerns(item, "fast", "digits") for item in ("T01[x-", "T01[x-c]"))
    assert replace(finding, scale="fullscale").concerns("T01[x-b]", "fullscale", "digits")


def test_a_claim_is_marked_with_its_fields() -> None:
    """An argument for each field of a claim, with the same default; all of them arrive."""
    arguments = signature(claim).parameters
    defaults = {own.name: own.default for own in fields(Claim) if own.default is not MISSING}
    assert set(arguments) == {own.name for own in fields(Claim)}
    assert {name: own.default for name, own in arguments.items() if own.default is not own.empty} == defaults
    assert claim(**vars(CLAIM)).args == (CLAIM,)


def test_an_unknown_kind_is_refused() -> None:
    """The message names the claim and the kinds that there are."""
    message = r"^claim T01 has kind 'equal'; legal are above, same, bound, trend, interaction, fit, exact, contested$"
    with pytest.raises(SettingError, match=message):
        Claim(**{**vars(CLAIM), "kind": "equal"})


def test_the_worked_example_is_a_claim() -> None:
    """The page about claims shows one as it stands in its file."""
    claims = toy_project.ROOT / "claims"
    page = (claims / "README.md").read_text(encoding="utf-8")
    example = page.split("```python\n")[1].split("\n```")[0]
    assert example in (claims / "gu2019/test_hunting.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", ["zhang2017", "arpit2017", "gu2019"])
def test_papers_can_be_cited(key: str) -> None:
    """A source names paper and place; the BibTeX has the paper's key and balanced braces."""
    paper: Paper = getattr(import_module(f"memorization_claims.claims.{key}.paper"), key.upper())
    assert str(paper.at("section 2")) == f"{paper.short}, section 2"
    assert paper.bibtex.startswith(f"@inproceedings{{{paper.key},\n")
    assert paper.bibtex.count("{") == paper.bibtex.count("}")


def test_the_items_of_a_claim(pytester: pytest.Pytester) -> None:
    """Each scale, variant and parameter is an item with the scale's marker, named as in the list of claims."""
    collected = collect(pytester)
    variants = [("fast", "mlp-1x4"), ("fast", "mlp-1x9")]
    variants += [("fullscale", "mlp-1x4"), ("fullscale", "slow"), ("fullscale", "mlp-1x9")]
    names = [f"{scale} T01[{variant}-{size}]" for scale, variant in variants for size in (1, 2)]
    assert sorted(collected.settings) == sorted([*names, "fast T02[part]", "fullscale T02[part]"])
    assert all(name.split()[0] in marks for name, marks in collected.marks.items())
    assert not any({"fast", "fullscale"} <= marks for marks in collected.marks.values())


def test_without_a_gpu_fullscale_is_skipped(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the CPU is asked for, or a GPU is there."""
    monkeypatch.setattr("memorization_claims.session.devices.gpus_installed", lambda: 0)
    skipped = {name for name, marks in collect(pytester).marks.items() if "skip" in marks}
    assert skipped == {name for name in collect(pytester).marks if name.startswith("fullscale")} != set()
    assert not any("skip" in marks for marks in collect(pytester, "--claims-device", "cpu").marks.values())
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr("memorization_claims.session.devices.gpus_installed", lambda: 1)
    assert not any("skip" in marks for marks in collect(pytester).marks.values())


def test_findings_are_expected(pytester: pytest.Pytester) -> None:
    """They are expected to be refuted, and marked so, where they were made; a user's model knows nothing of them."""
    plain, placebo = collect(pytester), collect(pytester, "--claims-placebo")
    assert [name for name, verdict in plain.expected.items() if verdict == "refuted"] == ["fast T02[part]"]
    assert [name for name, marks in plain.marks.items() if "xfail" in marks] == ["fast T02[part]"]
    assert not any("xfail" in marks for marks in placebo.marks.values())
    model = collect(pytester, "--claims-model", "mlp-1x6")
    assert set(model.expected.values()) == {"supported"}
    assert not any("xfail" in marks for marks in model.marks.values())


def test_a_model_of_the_users(pytester: pytest.Pytester) -> None:
    """It stands in every plan once; variants that differ in their recipes stay apart."""
    (pytester.path / "own.py").write_text("def net(): ...\n", encoding="utf-8")
    settings = collect(pytester, "--claims-model", "own:net").settings
    names = {"fast T01[own:net-1]", "fullscale T01[mlp-1x4-1]", "fullscale T01[slow-1]"}
    assert names == {name for name in settings if name.endswith("-1]")}
    plans = [settings[name] for name in names]
    assert {plan.base.model for plan in plans} == {"own:net"}  # type: ignore[attr-defined]
    assert {plan.base.recipe.rate for plan in plans} == {0.1, 0.01}  # type: ignore[attr-defined]


def test_data_and_seeds_of_the_users(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """They reach every plan, but for data that a claim is about; a relative path is the user's."""
    (pytester.path / "own.npz").touch()
    collected = collect(pytester, "--claims-dataset", "own.npz", "--claims-seeds", "3")
    settings = collected.settings
    assert set(collected.looks.values()) == {(3,)}
    assert {setting.number for setting in settings.values() if isinstance(setting, Cases)} == {3}
    data = {name: setting.dataset for name, setting in settings.items()}  # type: ignore[attr-defined]
    assert data.pop("fast T02[part]") == "digits"
    assert data.pop("fullscale T02[part]") == "generated"
    assert set(data.values()) == {str(pytester.path / "own.npz")}


def test_a_placebo_leaves_out_what_compares_nothing(pytester: pytest.Pytester) -> None:
    """Items of other kinds are deselected, not passed."""
    toy_project.write(pytester.path, test_others=toy_project.OTHERS)
    outcome = pytester.inline_run(*toy_project.QUICK, "--collect-only", "-q", "--claims-placebo", "test_others.py")
    (call,) = outcome.getcalls("pytest_deselected")
    assert {item.originalname for item in call.items} == {"test_exact"}
    assert len(call.items) == 4
