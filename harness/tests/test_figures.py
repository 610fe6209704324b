"""Charts: what is drawn of an effect and of a paper's figure, and how it comes into the page."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.reports.html import figures, forest, strips, svg
from memorization_claims.tests.reported import PANELS, WHOLE, entry, line, panel, unmeasured

CHARTS = [each for each in PANELS if each["kind"] != "images"]
NUMBERS = st.none() | st.floats(-1e9, 1e9)


def parsed(chart: str) -> ElementTree.Element:
    """A chart as XML."""
    return ElementTree.fromstring(chart.replace("<svg ", '<svg xmlns:xlink="x" ', 1))


def texts(chart: str) -> list[str]:
    """The texts of a chart."""
    return ["".join(text.itertext()) for text in parsed(chart).iter("text")]


def drawn(shown: dict[str, Any]) -> str:
    """The chart of one panel."""
    with svg.style():
        (chart,) = figures.drawn([shown])
    assert chart
    return str(chart)


def strip(shown: dict[str, Any]) -> str:
    """The chart of an entry."""
    with svg.style():
        return str(strips.strip(shown) or "")


@pytest.mark.parametrize("shown", CHARTS, ids=lambda shown: str(shown["kind"]))
def test_a_chart_is_part_of_its_page(shown: dict[str, Any]) -> None:
    """Texts stay texts, in the page's letters; every colour is one that the style sheet names; nothing is fetched."""
    chart = drawn(shown)
    root = parsed(chart)
    assert root.tag == "svg"
    assert root.attrib["viewBox"].startswith(f"0 0 {svg.WIDTH} ")
    assert not re.findall(r"(?:fill|stroke): (?!none|var\(--)", re.sub(r"<image.*?>", "", chart))
    assert "font-family" not in chart
    assert "<!--" not in chart
    assert re.findall(r'href="([^#d][^"]*)', chart) == []


def test_lines() -> None:
    """Each line with its band, a legend and the names of both axes; what is no number leaves a gap."""
    shown = CHARTS[0]
    found = texts(drawn(shown))
    assert {"true labels", "random labels", "epochs", "training loss"} <= set(found)
    assert "Zhang et al. 2017, figure 1a, MLP: training loss over epochs: true labels, random labels" in drawn(shown)
    whole, broken = (
        drawn(panel("lines", line("a", *y))) for y in ((1.0, 2.0, 3.0, 4.0, 5.0), (1.0, 2.0, None, 4.0, 5.0))
    )
    moves = [max(path.count("M") for path in re.findall(r' d="([^"]*)" ', chart)) for chart in (whole, broken)]
    assert moves == [1, 2]


def test_a_line_of_one_seed_has_no_band() -> None:
    """Nothing is known of its scatter."""
    alone = {**line("a", 1.0, 2.0), "seeds": 1}
    assert "opacity: 0.2" in drawn(panel("lines", line("a", 1.0, 2.0)))
    assert "opacity: 0.2" not in drawn(panel("lines", alone))


def test_one_label_has_one_colour() -> None:
    """In all panels of a figure, whatever comes first in each."""
    first = panel("lines", line("true labels", 1.0, 2.0), line("random labels", 2.0, 3.0))
    second = panel("lines", line("random labels", 2.0, 3.0))
    with svg.style():
        charts = [str(chart) for chart in figures.drawn([first, second])]
    assert "var(--series-1)" in charts[0]
    assert "var(--series-1)" not in charts[1]
    assert "var(--series-2)" in charts[1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.001, 100.0], ["0.001", "0.01", "0.1", "1", "10", "100"]), ([2.0, 6.0], ["2", "5"])],
)
def test_a_logarithmic_axis(values: list[float], expected: list[str]) -> None:
    """Its numbers are powers of ten as they are read aloud, and more of them where it is short."""
    found = texts(drawn(panel("groups", {"label": "a", "values": values}, log="y")))
    assert [text for text in found if re.fullmatch(r"[\d.]+", text)] == expected


def test_groups() -> None:
    """A line of dots for each condition, by name, and a long name on two lines."""
    found = texts(drawn(CHARTS[1]))
    assert {"with", "without", "training loss"} <= set(found)
    long = panel("groups", {"label": "Gaussian inputs of the same mean", "values": [1.0, 2.0]})
    assert {"Gaussian inputs of", "the same mean"} <= set(texts(drawn(long)))


def test_a_matrix() -> None:
    """An image of as many pixels as there are numbers, and a scale beside it."""
    chart = drawn(CHARTS[2])
    sizes = [(image.get("width"), image.get("height")) for image in parsed(chart).iter("image")]
    assert ("2", "2") in sizes
    assert {"1", "10"} <= set(texts(chart))


@pytest.mark.parametrize(
    "shown",
    [
        panel("lines", line("a"), line("b", None, None)),
        panel("lines", line("a", -1.0, 0.0), log="y"),
        panel("lines", line("", 1.0)),
        panel("lines", *(line(f"{number}", 1.0, 2.0) for number in range(12))),
        panel("groups", {"label": "a", "values": [None, None]}),
        panel("groups", {"label": "a", "values": []}, log="y"),
        panel("matrix", {"label": "a", "values": [[None, None]]}),
        panel("matrix", {"label": "a", "values": [[0.0, -1.0]]}, log="xy"),
        panel("matrix", {"label": "a", "values": [[1.0, 1.0]]}),
        panel("lines", line("漢字 $x_1$ & <b>", 1.0, 2.0), ylabel="a_b $"),
    ],
)
def test_what_can_hardly_be_drawn(shown: dict[str, Any]) -> None:
    """Nothing finite, nothing positive, one value, many lines, letters that no font has: a chart, and no warning."""
    assert parsed(drawn(shown)).tag == "svg"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5), st.sampled_from(["", "x", "y", "xy"]))
def test_any_numbers_can_be_drawn(pairs: list[tuple[float | None, float | None]], log: str) -> None:
    """Whatever the record holds."""
    x, y = zip(*pairs, strict=True)
    series = {"label": "a", "x": list(x), "y": list(y), "low": list(y), "high": list(y), "seeds": 2}
    assert parsed(drawn(panel("lines", series, log=log))).tag == "svg"


def test_order() -> None:
    """Papers by year, their figures as they count; panels of one figure stay in their order."""
    numbers = [
        ("Gu & Tresp 2019", "1"),
        ("Arpit et al. 2017", "10"),
        ("Arpit et al. 2017", "2"),
        ("Arpit et al. 2017", "1b"),
    ]
    given = [panel(paper=paper, figure=figure, panel=part) for part in "zy" for paper, figure in numbers]
    found = figures.order(given)
    assert [(group[0]["paper"], group[0]["figure"]) for group in found] == [
        numbers[3],
        numbers[2],
        numbers[1],
        numbers[0],
    ]
    assert all([each["panel"] for each in group] == ["z", "y"] for group in found)


@pytest.mark.parametrize("shown", [one for one in WHOLE["claims"] if one["effect"]], ids=lambda shown: str(shown["id"]))
def test_strips(shown: dict[str, Any]) -> None:
    """Every condition by name, the effect and what is claimed in words, and a dot for each number."""
    chart = strip(shown)
    words = " ".join(texts(chart))
    assert all(word in words for name in shown["samples"] for word in name.split())
    assert shown["effect"]["name"] in parsed(chart).attrib["aria-label"]
    dots = [value for values in shown["samples"].values() for value in values if value is not None]
    assert chart.count("<circle ") >= len(dots)
    assert set(re.findall(r"(?:fill|stroke): ([^;\"]*)", chart)) <= {f"var(--{name})" for name in svg.NAMES.values()}


def test_a_strip_shades_what_is_claimed() -> None:
    """To the right of the margin for `above`, to the left of it for a bound from above, between both for `same`."""

    def shade(shown: dict[str, Any]) -> list[float]:
        (path,) = re.findall(r'd="([^"]*)"[^>]*style="fill: var\(--tint\)', strip(shown))
        return sorted({float(number) for number in re.findall(r"[ML] ([\d.]+)", path)})

    def margins(shown: dict[str, Any]) -> list[float]:
        found = re.findall(r'd="M ([\d.]+) [\d.]+ L \1 [^"]*"[^>]*stroke-dasharray', strip(shown))
        return sorted(map(float, found))

    above, same = entry(), entry(kind="same", effect={"margin": 6.0})
    below = entry(kind="bound", effect={"claimed": [None, 1.0]})
    edge = svg.WIDTH - 14.0
    assert shade(above) == pytest.approx([*margins(above), edge], abs=0.2)
    assert shade(same) == pytest.approx(margins(same), abs=0.2)
    assert max(shade(same)) < edge
    assert shade(below)[1:] == pytest.approx(margins(below), abs=0.2)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5),
    st.sampled_from(["above", "same", "fit", "bound", "trend", "exact"]),
    st.floats(1.1, 1e6),
)
def test_any_samples_have_a_strip(pairs: list[tuple[float | None, float | None]], kind: str, margin: float) -> None:
    """Whatever the record holds, and whatever it is held against."""
    columns = zip(*pairs, strict=True)
    samples = {name: list(column) for name, column in zip("ab", columns, strict=True)}
    by_seed = [None if a is None or b is None else a - b for a, b in pairs]
    effect: dict[str, Any] = {"margin": margin, "low": None, "high": None, "by_seed": by_seed}
    chart = strip(entry(kind=kind, samples=samples, effect=effect))
    if any(value is not None for pair in pairs for value in pair):
        assert parsed(chart).tag == "svg"


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([0.0, 1.0], "exact", ["0.0", "0.5", "1.0"]),
        ([1e-15, 2e-15], "exact", ["1e\N{MINUS SIGN}15", "1.5e\N{MINUS SIGN}15", "2e\N{MINUS SIGN}15"]),
        ([3.0, 3.0], "exact", ["2.9", "3.0", "3.1"]),
        ([0.1, 5.0], "fit", ["0.1", "0.2", "0.5", "1", "2", "5"]),
        ([0.1, 700.0], "fit", ["0.1", "1", "10", "100"]),
        ([-1.0, 1.0], "fit", ["\N{MINUS SIGN}1", "0", "1"]),
    ],
)
def test_the_axis_of_a_strip(values: list[float], kind: str, expected: list[str]) -> None:
    """Few round numbers, with the power of ten at each; of a fit a logarithmic one, where all is positive."""
    effect = {"estimate": values[0], "low": values[0], "high": values[1], "by_seed": values, "claimed": None}
    found = texts(strip(entry(kind=kind, samples={"a": values}, effect=effect)))
    assert [text for text in found if text not in ("a", "effect")] == expected


def test_a_missing_seed_has_no_dot() -> None:
    """Nor a line to it."""
    chart = strip(entry(kind="exact", samples={"a": [1.0, 2.0], "b": [None, 3.0]}))
    assert chart.count("<circle ") == 3
    assert "nan" not in chart
    (lines,) = re.findall(r'd="([^"]*)" style="stroke: var\(--muted\); stroke-opacity', chart)
    assert (lines.count("M"), lines.count("L")) == (2, 1)


def test_what_has_no_strip() -> None:
    """An entry without a number; one with some has one."""
    assert strip(unmeasured()) == ""
    assert strip(unmeasured(samples={"a": [None, None]})) == ""
    assert strip(unmeasured(samples={"a": [None, 1.0]}))


def test_the_forest() -> None:
    """A row for each item that counting decided, named and linked; arrows where all seeds agree, inside or outside."""
    equal: dict[str, Any] = {"standardized": None, "by_seed": [3.0, None, 3.0]}
    agree = entry("T02", kind="bound", effect=equal)
    refuted = entry("T03", kind="bound", effect=equal | {"claimed": [None, 1.0]}, verdict="refuted")
    entries = [entry("T01"), agree, refuted, unmeasured("T04"), entry("T05", kind="exact")]
    shown = forest.shown(entries)
    assert [each["id"] for each in shown] == ["T01", "T02", "T03"]
    links = {each["nodeid"]: f"#{each['id']}" for each in shown}
    with svg.style():
        chart = str(forest.forest(shown, links, forest.limits(shown), title="effects"))
    assert {"T01", "T02", "T03", "margin"} <= set(texts(chart))
    assert [link.get("href") for link in parsed(chart).iter("a")] == ["#T01", "#T02", "#T03"]
    assert parsed(chart).attrib["role"] == "group"
    (shade,) = re.findall(r'd="([^"]*)"[^>]*style="fill: var\(--tint\)', chart)
    assert f" {svg.WIDTH - 14} " in shade
    assert {"var(--supported)", "var(--refuted)"} <= set(re.findall(r"var\(--\w+\)", chart))


def test_the_look_does_not_depend_on_the_user() -> None:
    """Settings of Matplotlib that somebody made neither change a chart nor are changed."""
    import matplotlib

    plain = drawn(CHARTS[0])
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 30}):
        assert drawn(CHARTS[0]) == plain
        assert matplotlib.rcParams["font.size"] == 30
