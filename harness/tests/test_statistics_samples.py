"""Samples and verdicts as values."""

import json
import math
import pickle
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics import Effect, Outcome, Samples, Verdict, above, undecided
from memorization_claims.statistics.verdict import Count


def measured(name: str, unit: str = "", **values: ArrayLike) -> Samples:
    """Samples of these conditions at seeds 0, 1, ..."""
    arrays = {condition: np.asarray(array, dtype=np.float64) for condition, array in values.items()}
    return Samples(name, unit, arrays, tuple(range(len(next(iter(arrays.values()))))))


def accuracies() -> Samples:
    """Three conditions at three seeds, one run of which diverged."""
    three = measured("test accuracy", a=[0.5, 0.25, 1.0], b=[1, 1, 1], c=[1, math.nan, 1])
    return replace(three, seeds=(4, 7, 9))


def test_values_are_copied_and_read_only() -> None:
    """A later change of what was passed in changes no sample, and no sample can be changed."""
    given = np.array([1.0, 2.0])
    samples = Samples("loss", "nats", {"a": given}, (0, 1))
    given[0] = 9
    assert samples["a"].tolist() == [1.0, 2.0]
    assert samples["a"].dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        samples["a"][0] = 3


def test_unknown_condition_lists_the_known() -> None:
    """A misspelt condition is answered with those there are."""
    with pytest.raises(SettingError, match=r"^no condition 'd'; there are 'a', 'b', 'c'$"):
        accuracies()["d"]


def test_conditions_are_stacked_beside_each_other() -> None:
    """A row for each seed, a column for each condition in the order that they are named in."""
    samples = measured("test accuracy", a=[0.25, 0.5], b=[1, 0])
    assert samples.stack("b", "a").tolist() == [[1, 0.25], [0, 0.5]]
    with pytest.raises(SettingError, match=r"^no condition 'c'; there are 'a', 'b'$"):
        samples.stack("a", "c")


def test_one_quantity_less_another() -> None:
    """Condition by condition, under a name of its own; other seeds, and times that are only bounds, are refused."""
    train, test = measured("train accuracy", a=[1.0, 0.75]), measured("test accuracy", a=[0.25, 0.5], b=[1, 1])
    gap = train.less(test, "gap")
    assert (gap.name, {each: array.tolist() for each, array in gap.values.items()}) == ("gap", {"a": [0.75, 0.25]})
    for other in (replace(test, seeds=(4, 7)), replace(test, censored={"a": np.array([True, False])})):
        with pytest.raises(SettingError, match=r"^'train accuracy' and 'test accuracy' need the same seeds"):
            train.less(other, "gap")


def test_one_condition_less_another() -> None:
    """By pair, under names of their own: a bound where the first is one, and unknown where the second is."""
    times = replace(
        measured("time", narrow=[9.0, 9.0, 5.0], wide=[4.0, 9.0, 2.0]),
        censored={"narrow": np.array([True, True, False]), "wide": np.array([False, True, False])},
    )
    saved = times.between("time saved", {"by width": ("narrow", "wide")})
    np.testing.assert_array_equal(saved["by width"], [5.0, np.nan, 3.0])
    assert (saved.name, saved.unit, saved.seeds) == ("time saved", times.unit, times.seeds)
    assert saved.censored["by width"].tolist() == [True, True, False]
    with pytest.raises(SettingError, match="no condition 'deep'"):
        times.between("time saved", {"by depth": ("deep", "wide")})


def test_only_keeps_the_named_conditions_in_their_order() -> None:
    """The conditions that are left are those asked for, with the same seeds."""
    fewer = accuracies().only("b", "a")
    assert list(fewer.values) == ["b", "a"]
    assert fewer.seeds == (4, 7, 9)


@pytest.mark.parametrize(
    ("values", "seeds", "message"),
    [
        ({}, (1,), "samples of 'x' have no condition: at least one is needed"),
        ({"a": []}, (), "samples of 'x' have no seed: at least one is needed"),
        ({"a": [1, 2]}, (3, 3), r"seeds = \(3, 3\): each seed may stand once, or one run would count twice"),
        ({"a": [1, 2], "b": [1]}, (0, 1), r"values of 'b' have shape \(1,\): one number for each seed is \(2,\)"),
        ({"a": [[1, 2]]}, (0, 1), r"values of 'a' have shape \(1, 2\): one number for each seed is \(2,\)"),
    ],
)
def test_malformed_samples_are_refused(values: dict[str, list[float]], seeds: tuple[int, ...], message: str) -> None:
    """Samples that are not one number for each condition and seed cannot be made."""
    with pytest.raises(SettingError, match=f"^{message}$"):
        Samples("x", "", {condition: np.array(array) for condition, array in values.items()}, seeds)


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=8))
def test_log_turns_ratios_into_differences(values: list[float]) -> None:
    """The difference of logs is the log of the ratio."""
    samples = measured("steps", a=values, b=values[::-1]).log()
    expected = [math.log(x / y) for x, y in zip(values, values[::-1], strict=True)]
    assert (samples["a"] - samples["b"]).tolist() == pytest.approx(expected, abs=1e-9)


def test_log_names_what_it_measures_and_keeps_diverged_runs() -> None:
    """The name and unit say log; a run without a number stays without one, and so does one of which it is zero."""
    logs = measured("time", "s", a=[1.0, math.inf, math.nan, 0.0]).log()
    assert (logs.name, logs.unit) == ("log time", "log s")
    assert logs["a"][0] == 0
    assert np.isnan(logs["a"][1:]).all()


def test_log_of_less_than_nothing_is_refused() -> None:
    """A negative value has no logarithm, and the condition and seed are named."""
    with pytest.raises(SettingError, match="'a' is -2 at seed 1: no negative value has a logarithm"):
        measured("steps", a=[1, -2]).log()


def test_dictionary_is_plain_json() -> None:
    """What is written holds builtins alone, and no NaN."""
    written = accuracies().to_dict()
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    assert written["values"]["c"] == [1.0, None, 1.0]
    assert written["seeds"] == [4, 7, 9]


def test_verdict_is_neither_true_nor_false() -> None:
    """A verdict in an if or an assert is an error that names the three outcomes."""
    with pytest.raises(TypeError, match=r"three outcomes.*Outcome.SUPPORTED, Outcome.REFUTED or Outcome.UNDECIDED"):
        assert undecided("above", "no runs", None)


def test_verdict_without_measurements_is_plain_json() -> None:
    """A verdict reached before anything was measured has neither effect nor samples."""
    assert undecided("above", "the net did not fit", None).to_dict() == {
        "kind": "above",
        "verdict": "undecided",
        "because": "the net did not fit",
        "effect": None,
        "count": None,
        "p_support": None,
        "p_refute": None,
        "seeds": [],
        "samples": {},
        "notes": [],
    }


def test_verdict_dictionary_replaces_what_json_lacks() -> None:
    """NumPy scalars become builtins and numbers that are not finite become None."""
    effect = Effect("x", "s", np.float64(1.5), -math.inf, math.nan, 1, None, (1.0, math.nan), (1.0, math.inf))
    count = Count(12, 12, 0, 12, None, 0.999)
    verdict = Verdict("above", Outcome.SUPPORTED, "so", effect, np.float64(0.25), None, accuracies(), (), count)
    written = json.loads(json.dumps(verdict.to_dict(), allow_nan=False))
    assert written["verdict"] == "supported"
    assert written["effect"] == {
        "name": "x",
        "unit": "s",
        "estimate": 1.5,
        "low": None,
        "high": None,
        "margin": 1.0,
        "standardized": None,
        "by_seed": [1.0, None],
        "claimed": [1.0, None],
    }
    assert written["count"] == asdict(count)
    assert (written["p_support"], written["p_refute"]) == (0.25, None)


def test_verdict_travels_between_processes() -> None:
    """A verdict can be pickled, and is the same afterwards."""
    verdict = above(measured("x", a=np.arange(12.0) + 5, b=np.zeros(12)), "a", "b", margin=1)
    assert pickle.loads(pickle.dumps(verdict)).to_dict() == verdict.to_dict()
