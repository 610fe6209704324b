"""Which mutants there are, by name and by place, and what a session of one comes to."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from memorization_claims.controls.find import MODULES, find, mutants
from memorization_claims.controls.mutant import Mutant
from memorization_claims.errors import SettingError
from memorization_claims.tests import toy_project
from memorization_claims.tests.mutant_samples import COMPARED, GENERATED, KERNELS, NETS, PLAN, TRUE_LABELS
from memorization_claims.tests.test_layers import RUNNING, reached
from memorization_claims.tests.toy_project import ROOT

MEASURES = tuple(
    name.removeprefix("memorization_claims.")
    for name in RUNNING
    if name.startswith(("memorization_claims.measures.nets.", "memorization_claims.measures.dissection."))
    and not name.endswith(".mutants")
)
OWN = Mutant("own", "nothing is as it was", setting=lambda setting: setting)
TRAINING = ("training.cohort", "generators.generator", "measures.kernels.fit", "data.dataset", "models.build")
"""What trains, fits and prepares, with all that it imports."""
KEEPING = (*TRAINING, "lab.measure", "lab.sensitivity", "lab.compare", *MEASURES)
"""That, and what measures values that are kept."""
PLACED = """
from memorization_claims.controls.mutant import Mutant

def one_seed(setting):
    from dataclasses import replace
    return replace(setting, most=1)

FEW = Mutant("few-seeds", "one seed is all that there is", setting=one_seed)
TAKEN = Mutant("dead-nets", "the same name as another's", setting=one_seed)
"""


def test_every_file_of_mutants_is_known() -> None:
    """None that stands beside the code is forgotten."""
    files = {path.relative_to(ROOT / "harness").with_suffix("") for path in (ROOT / "harness").rglob("mutants.py")}
    files.discard(Path("cli/mutants"))  # the command
    assert {f"memorization_claims.{'.'.join(path.parts)}" for path in files} == set(MODULES)


@pytest.mark.parametrize("mutant", mutants().values(), ids=mutants())
def test_every_mutant_breaks_something(mutant: Mutant) -> None:
    """Each changes a plan, or replaces what other code than its own refers to."""
    plans = (PLAN, PLAN.trained(decay=0.5), TRUE_LABELS, NETS, GENERATED, COMPARED, KERNELS)
    places = {module.__name__ for module, _, _ in mutant.patched()}
    used = {place for place in places if place.startswith("memorization_claims.") and ".tests." not in place}
    assert used - set(MODULES) or any(mutant.setting(each) != each for each in plans)
    assert find(mutant.name) is mutant


def test_what_spoils_no_run_is_no_part_of_training() -> None:
    """Nets trained without such a mutant are taken as they are, so its target must not be among what trains."""
    script = "\n".join(f"import memorization_claims.{name}" for name in TRAINING) + "\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    trains = set(done.stdout.split())
    assert "memorization_claims.training.pool" in trains
    targets = [mutant.target for mutant in mutants().values() if mutant.spoils != "runs"]
    assert targets
    assert not [target for target in targets if target is None or target.__module__ in trains]


def test_what_spoils_nothing_is_no_part_of_what_is_kept() -> None:
    """Values that were measured without such a mutant are taken as they are, and those that are measured are kept."""
    keeping = {name for start in KEEPING for name in reached(f"memorization_claims.{start}")}
    assert "memorization_claims.measures.loss_sensitivity.norms" in keeping
    targets = [mutant.target for mutant in mutants().values() if mutant.spoils == "nothing"]
    assert targets
    assert not [target for target in targets if target is None or target.__module__ in keeping]


def test_an_unknown_mutant() -> None:
    """The message lists all of them, those of others too."""
    legal = ", ".join((*mutants(), "own"))
    with pytest.raises(SettingError, match=rf"^unknown mutant 'typo'; legal are {legal}, or package\.module:NAME$"):
        find("typo", [OWN])


def test_mutants_of_others() -> None:
    """They come after ours and are found by name."""
    assert list(mutants([OWN])) == [*mutants(), "own"]
    assert find("own", [OWN]) is OWN


def test_no_two_have_one_name() -> None:
    """Neither two of others nor one of others and ours; the same one twice is one."""
    ours = Mutant("dead-nets", "as another is named", setting=lambda setting: setting)
    again = Mutant("own", "as another is named", setting=lambda setting: setting)
    assert mutants([OWN, OWN])["own"] is OWN
    for supplied in ([ours], [OWN, again]):
        name = supplied[0].name
        with pytest.raises(SettingError, match=rf"^two mutants have the name '{name}'; legal is a name that no other"):
            mutants(supplied)
    with pytest.raises(SettingError, match=r"^a supplied mutant is 'own'; legal is a Mutant$"):
        mutants(["own"])  # type: ignore[list-item]


def test_a_mutant_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Mutant of anybody's is found where it stands; anything else there is refused, and so is a name of ours."""
    (tmp_path / "placed_mutants.py").write_text(PLACED, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    few = find("placed_mutants:FEW")
    assert few.name == "few-seeds"
    assert few.setting(PLAN) == replace(PLAN, most=1)
    assert find("placed_mutants:FEW", [few]) is few
    for place, message in {
        "placed_mutants:one_seed": "mutant 'placed_mutants:one_seed': placed_mutants has no Mutant 'one_seed'; legal",
        "placed_mutants:GONE": "mutant 'placed_mutants:GONE': placed_mutants has no Mutant 'GONE'; legal",
        "placed_mutants:TAKEN": "two mutants have the name 'dead-nets'; legal is a name that no other has",
        "nowhere.mutants:FEW": "mutant 'nowhere.mutants:FEW': No module named 'nowhere'; legal is",
        ":FEW": "mutant ':FEW': Empty module name; legal is package.module:NAME",
    }.items():
        with pytest.raises(SettingError, match=f"^{re.escape(message)}"):
            find(place)


MUTATED = (
    toy_project.HEADER
    + '''
from memorization_claims.measures.constructions import two_layers
from memorization_claims.measures.theorems import interpolation

WHOLE = two_layers.interleave
THEOREM = Cases(number=3, options={"points": 8, "dimensions": 4, "closest": 1e-3})


@toy("T21", kind="exact", fast=THEOREM)
def test_theorem(cases, judge):
    """The net of Theorem 1."""
    judge.exact(*cases.errors(interpolation, "error"))


def test_restored():
    """The function is whole again after the claim."""
    assert two_layers.interleave is WHOLE
'''
)
OWN_THEOREM = """
from memorization_claims.controls.mutant import Mutant
from memorization_claims.measures.theorems import interpolation

BROKEN = Mutant(
    "no-theorem", "the error is one", target=interpolation, replacement=lambda whole: lambda *seed, **rest: (1.0, 0.5)
)
"""


def test_a_session_of_a_mutant(pytester: pytest.Pytester) -> None:
    """The theorem fails under a mutant of ours and one of the user's, and the code is whole again afterwards."""
    toy_project.write(pytester.path, test_mutated=MUTATED)
    (pytester.path / "own_theorem.py").write_text(OWN_THEOREM, encoding="utf-8")
    outcomes = {}
    for folder, mutant in {"whole": "", "broken": "misplaced-biases", "own": "own_theorem:BROKEN"}.items():
        chosen = (f"--claims-mutant={mutant}",) if mutant else ()
        run = pytester.inline_run(*toy_project.QUICK, *chosen, f"--claims-report={folder}", "-q", "test_mutated.py")
        outcomes[folder] = [len(each) for each in run.listoutcomes()]
        (entry,) = toy_project.record(pytester.path / folder)["claims"]
        assert entry["verdict"] == ("refuted" if mutant else "supported")
    # Passed, skipped (fullscale), failed: what is restored passes every time.
    assert outcomes == {"whole": [2, 1, 0], "broken": [1, 1, 1], "own": [1, 1, 1]}
