"""A test is called at its seeds until it is decided, and told what it cannot be relied on for."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memorization_claims.errors import BlindError, SettingError
from memorization_claims.judging.judge import RefutedError, UndecidedError
from memorization_claims.seeding.circumstances import Circumstances, Ended, being
from memorization_claims.seeding.decorator import seeded
from memorization_claims.seeding.generators import global_generators, numpy_generator, torch_generator
from memorization_claims.statistics.spending import schedule
from memorization_claims.store import Store


def normal(seed: int) -> float:
    """A number of its seed."""
    return float(numpy_generator(seed).normal())


def judged(function: Callable[..., Any], here: Circumstances | None = None, **settings: Any) -> Ended:
    """What a function comes to, that is supported."""
    here = here or Circumstances()
    with being(here):
        seeded(**settings)(function)()
    assert here.ended is not None
    return here.ended


def test_it_is_called_until_it_is_decided() -> None:
    """At 12 seeds and, since another call could tell otherwise, at the first of them twice."""
    seeds: list[int] = []

    def test_far(seed: int) -> float:
        seeds.append(seed)
        return normal(seed) + 4

    ended = judged(test_far, Circumstances(base_seed=500), at_least=0.0)
    assert seeds == [*range(500, 512), 500]
    assert (ended.computed, ended.kept, ended.verdict.kind) == (12, 0, "bound")
    assert ended.alarm == pytest.approx(0.000497, abs=1e-6)
    assert ended.verdict.effect is not None
    assert ended.verdict.effect.name == "far"
    near = judged(lambda seed: normal(seed) + 0.7, at_least=0.0)
    assert near.computed in schedule(0.0005).looks[1:]


@pytest.mark.parametrize(
    ("settings", "right", "wrong"),
    [
        ({"at_least": 1.0}, lambda seed: 4 + normal(seed), lambda seed: -2 + normal(seed)),
        ({"at_most": 1.0}, lambda seed: -2 + normal(seed), lambda seed: 4 + normal(seed)),
        (
            {"above": ("new", "old"), "margin": 1.0},
            lambda seed: {"new": 4 + normal(seed), "old": 0.0, "other": "not judged"},
            lambda seed: {"new": normal(seed), "old": 4.0},
        ),
        (
            {"same": ("new", "old"), "margin": 3.5},
            lambda seed: {"new": normal(seed), "old": normal(-seed)},
            lambda seed: {"new": 9 + normal(seed), "old": normal(-seed)},
        ),
        ({"same": 2.0, "margin": 3.0}, lambda seed: 2 + normal(seed), lambda seed: 8 + normal(seed)),
        (
            {"rises": {"10": 1, "100": 2, "1000": 3}, "margin": 1.0},
            lambda seed: {"10": 0.0, "100": 3 + normal(seed) / 9, "1000": 6 + normal(-seed) / 9},
            lambda seed: {"10": 6.0, "100": 3 + normal(seed) / 9, "1000": normal(-seed) / 9},
        ),
        (
            {"falls": {"10": 1, "100": 2, "1000": 3}, "margin": 1.0},
            lambda seed: {"10": 6.0, "100": 3 + normal(seed) / 9, "1000": normal(-seed) / 9},
            lambda seed: {"10": 0.0, "100": 3 + normal(seed) / 9, "1000": 6 + normal(-seed) / 9},
        ),
        ({"fit": 2.0}, lambda seed: np.exp(normal(seed) / 9), lambda seed: 4 * np.exp(normal(seed) / 9)),
        ({"rate_at_least": 0.8}, lambda seed: normal(seed) < 4, lambda seed: int(normal(seed) > 0.5)),
        ({"rate_at_most": 0.2}, lambda seed: np.bool_(normal(seed) > 4), lambda seed: normal(seed) < 0.5),
    ],
    ids=lambda each: "-".join(each) if isinstance(each, dict) else "",
)
def test_every_procedure(settings: dict[str, Any], right: Callable[..., Any], wrong: Callable[..., Any]) -> None:
    """What holds passes, and the opposite is refuted."""
    assert judged(right, **settings).verdict.outcome == "supported"
    with pytest.raises(RefutedError):
        judged(wrong, **settings)


def test_what_is_on_the_level_is_undecided() -> None:
    """It is given up once further seeds could hardly decide."""
    here = Circumstances()
    with being(here), pytest.raises(UndecidedError, match=r"beyond|above"):
        seeded(at_least=0.0)(lambda seed: normal(seed))()
    assert here.ended is not None
    assert here.ended.verdict.outcome == "undecided"


def raised(function: Callable[..., Any], **settings: Any) -> str:
    """The message of what a function is refused for."""
    with pytest.raises(SettingError) as refused:
        judged(function, **({"at_least": -99.0} | settings))
    return str(refused.value)


def test_what_is_no_number_is_told_in_a_line() -> None:
    """Not a number, text, nothing, an array, an event, names that are missing or not asked for."""
    given: Any = None

    def test_it(seed: int) -> Any:
        return {0: given}.get(seed)

    for value, message in (
        (float("nan"), "returned nan, which counts for nothing; legal is a finite number"),
        (float("inf"), "returned inf, which counts for nothing; legal is a finite number"),
        ("0.5", "returned '0.5'; legal is a number"),
        (None, "returned None; legal is a number"),
        (np.zeros(3), "returned an array of shape (3,); legal is a number, not its array: take the mean, or .item()"),
        (True, "returned True; an event is judged by rate_at_least or rate_at_most"),
        ({"a": 1.0}, "returned numbers by name ('a'); at_least judges one: return it"),
    ):
        given = value
        assert raised(test_it) == f"test_it at seed 0 {message}"
    given = 0.5
    pair = {"at_least": None, "above": ("a", "b"), "margin": 0.0}
    assert raised(test_it, **pair) == "test_it at seed 0 returned 0.5; above judges a dictionary with 'a', 'b'"
    given = {"a": 1.0}
    assert raised(test_it, **pair) == "test_it at seed 0 returned 'a'; 'b' is missing"
    given = {"a": 1.0, "b": None}
    assert raised(test_it, **pair) == "test_it at seed 0 returned 'b' = None; legal is a number"
    given = 0.5
    event = "test_it at seed 0 returned 0.5; legal is 1 or True where the event happened, and 0 or False"
    assert raised(test_it, at_least=None, rate_at_least=0.5) == event


def test_a_seed_that_decides_nothing_is_told() -> None:
    """The same number at every seed; whole ones, at which measures end, are only noted, and events may be the same."""

    def test_fixed(seed: int) -> float:
        return 0.25 + 0 * seed

    assert raised(test_fixed).startswith("test_fixed gave 0.25 at each of 12 seeds: it ignores its seed, or its seed")
    saturated = judged(lambda seed: 1.0 + 0 * seed, at_least=0.5)
    note = "gave 1 at each of 12 seeds: if it does not depend on its seed, that is one run and no evidence"
    assert [each.partition(" ")[2] for each in saturated.notes] == [note]
    assert judged(lambda seed: seed >= 0, rate_at_least=0.5).notes == ()


def test_what_draws_from_elsewhere_is_told() -> None:
    """Another number for one seed; not where that is meant, or where sums are rounded."""
    elsewhere = random.Random(1)

    def test_drifts(seed: int) -> float:
        return normal(seed) + elsewhere.random()

    found = raised(test_drifts)
    assert re.match(r"test_drifts gave -?[\d.]+ and then -?[\d.]+ at seed 0: it draws from elsewhere than", found)
    assert judged(test_drifts, at_least=-99.0, repeatable=False).verdict.outcome == "supported"
    assert judged(lambda seed: 9 + normal(seed) + elsewhere.random() * 1e-9, at_least=0.0).computed == 12


def test_an_exception_is_of_its_seed() -> None:
    """It goes up as it is, with the command that repeats it, and no other seed is called."""
    called: list[int] = []

    def test_breaks(seed: int) -> float:
        called.append(seed)
        return 1 / (seed - 3)

    with pytest.raises(ZeroDivisionError) as error:
        judged(test_breaks, Circumstances(nodeid="test_a.py::test_breaks"), at_least=0.0)
    assert error.value.__notes__ == ["at seed 3; `pytest test_a.py::test_breaks --claims-seed 3` repeats it"]
    assert called == [0, 1, 2, 3]


def test_an_exception_of_a_broken_variant_names_it() -> None:
    """The command calls the test itself, which would pass."""

    def test_breaks(seed: int) -> float:
        return 1 / (seed - 3)

    with pytest.raises(ZeroDivisionError) as error:
        judged(lambda seed: 9 + normal(seed), at_least=0.0, broken=[test_breaks])
    assert error.value.__notes__ == ["at seed 3, in variant test_breaks"]


def test_one_seed_is_tried_out() -> None:
    """Nothing is judged, and the number is said."""
    here = Circumstances(only=17)
    with being(here):
        seeded(above=("a", "b"), margin=1.0)(lambda seed: {"a": seed / 2, "b": 1.0})()
    assert here.ended is None
    assert here.said == ["<lambda> at seed 17: a 8.5, b 1"]


def test_no_seed_is_begun_after_the_time() -> None:
    """Undecided, with what there is."""

    def test_slow(seed: int) -> float:
        time.sleep(0.1)
        return normal(seed) + 9

    here = Circumstances()
    with being(here), pytest.raises(UndecidedError, match=r"^no more time after \d of 12 seeds and 0\.3 s$"):
        seeded(at_least=0.0, seconds=0.3)(test_slow)()
    assert here.ended is not None
    assert here.ended.verdict.samples is not None
    assert len(here.ended.verdict.samples.seeds) == here.ended.computed < 12


def test_the_cap_of_seeds() -> None:
    """No look beyond it."""
    here = Circumstances()
    with being(here), pytest.raises(UndecidedError):
        seeded(at_least=0.0, most=24)(lambda seed: normal(seed) + 0.2)()
    assert here.ended is not None
    assert here.ended.computed <= 24


def test_a_broken_variant_must_not_be_supported() -> None:
    """One that is not is noted; one that is ends the test, whose verdict says nothing."""

    def shifted(seed: int) -> float:
        return normal(seed) - 4

    def renamed(seed: int) -> float:
        return normal(seed) + 4.5

    ended = judged(lambda seed: normal(seed) + 4, at_least=0.0, broken=[shifted])
    (note,) = ended.notes
    assert note.startswith("the broken variant shifted is refuted: 12 runs, 12 below 0")
    assert ended.alarm == pytest.approx(0.000997, abs=1e-6)
    with pytest.raises(BlindError, match=r"^the broken variant renamed is supported too: 12 runs, 12 above 0"):
        judged(lambda seed: normal(seed) + 4, at_least=0.0, broken=[shifted, renamed])


def test_a_smaller_level_takes_more() -> None:
    """Twelve runs are not enough for a twentieth of ours."""
    assert judged(lambda seed: normal(seed) + 9, Circumstances(alpha=0.000025), at_least=0.0).computed == 24
    assert judged(lambda seed: normal(seed) + 9, Circumstances(seeds=15), at_least=0.0).computed == 15


def test_numbers_are_kept(tmp_path: Path) -> None:
    """As long as function, arguments and closure are the same; a method is refused."""

    def measured(shift: float) -> Callable[..., Any]:
        def test_kept(seed: int, more: float = 0.0) -> float:
            return normal(seed) + shift + more

        return test_kept

    def ended(function: Callable[..., Any], **kwargs: Any) -> Ended:
        here = Circumstances(store=lambda: Store(tmp_path))
        with being(here):
            seeded(at_least=0.0, store=True)(function)(**kwargs)
        assert here.ended is not None
        return here.ended

    first, again = ended(measured(4.0)), ended(measured(4.0))
    assert (first.computed, first.kept, again.computed, again.kept) == (12, 0, 0, 12)
    assert again.verdict.because == first.verdict.because
    assert again.seconds == pytest.approx(first.seconds)
    assert ended(measured(5.0)).computed == 12
    assert ended(measured(4.0), more=1.0).computed == 12
    with pytest.raises(SettingError, match="has store=True, which is for functions: a method's object has no key"):
        with being(Circumstances(store=lambda: Store(tmp_path))):
            seeded(at_least=0.0, store=True)(lambda self, seed: normal(seed))(object())
    with pytest.raises(SettingError, match=r"^store=True: arguments"):
        ended(measured(4.0), more=object())


def test_generators_are_ones_own() -> None:
    """Equal for equal names, and independent otherwise; global ones are as before afterwards."""
    assert numpy_generator(3, "a").random() == numpy_generator(3, "a").random()
    assert numpy_generator(3, "a").random() != numpy_generator(3, "b").random()
    assert torch_generator(3).initial_seed() == torch_generator(3).initial_seed() != torch_generator(4).initial_seed()

    def drawn() -> tuple[float, float]:
        return random.random(), float(np.random.random())  # noqa: NPY002

    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    before = drawn()
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    with global_generators(7):
        within = drawn()
    assert drawn() == before
    with global_generators(7):
        assert drawn() == within
