"""Matplotlib's figures as SVG that stands inside a page: its fonts, and colours that follow light, dark and print."""

from __future__ import annotations

import html
import io
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

WIDTH = 328
"""Pixels of every chart's width: what a phone of 360 leaves, so that no text is shrunk there."""
TEXT = 11
"""Pixels of every text's height."""
LETTER = 6.2
"""Pixels of a letter's width, at most on the average."""

# Colours that no chart uses stand for those that the page's style sheet names; so one drawing serves all of them.
INK, MUTED, LINE, TINT = "#000001", "#000002", "#000003", "#000004"
SERIES = tuple(f"#0000{number:x}" for number in range(0x11, 0x19))
VERDICTS = {"supported": "#000021", "refuted": "#000022", "undecided": "#000023"}
NAMES = {
    **{INK: "ink", MUTED: "muted", LINE: "line", TINT: "tint"},
    **{colour: f"series-{number}" for number, colour in enumerate(SERIES, start=1)},
    **{colour: verdict for verdict, colour in VERDICTS.items()},
}
STYLE: dict[Any, Any] = {
    **{"svg.fonttype": "none", "font.family": "DejaVu Sans", "font.size": TEXT, "text.parse_math": False},
    **{"text.color": INK, "axes.edgecolor": MUTED, "axes.labelcolor": INK, "axes.linewidth": 0.8},
    **{"xtick.color": MUTED, "ytick.color": MUTED, "xtick.labelcolor": INK, "ytick.labelcolor": INK},
    **{"axes.spines.top": False, "axes.spines.right": False, "axes.facecolor": "none", "figure.facecolor": "none"},
    **{"lines.linewidth": 1.5, "legend.frameon": False, "legend.fontsize": TEXT, "axes.labelsize": TEXT},
    **{"xtick.major.size": 3, "ytick.major.size": 3, "axes.formatter.useoffset": False},
    **{"xtick.minor.visible": False, "ytick.minor.visible": False, "axes.unicode_minus": True},
}


@contextmanager
def style() -> Iterator[None]:
    """The look of all charts, whatever a matplotlibrc says; charts are made and written within it."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        # What Matplotlib warns of, the chart shows: nothing positive on a logarithmic scale, a letter that its font
        # lacks and the page's has.
        warnings.simplefilter("ignore")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def chart(height: float) -> Figure:
    """An empty figure of so many pixels' height."""
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    FigureCanvasSVG(figure)
    return figure


def axes(figure: Figure, left: float, top: float, height: float, right: float = 14) -> Axes:
    """Axes within a figure, placed in pixels from its left, top and right edge."""
    whole = figure.get_figheight() * 72
    return figure.add_axes((left / WIDTH, 1 - (top + height) / whole, (WIDTH - left - right) / WIDTH, height / whole))


def written(figure: Figure, *, title: str, name: str) -> Markup:
    """The figure as an SVG element.

    Args:
        figure: made within `style`.
        title: what it shows, for those who do not see it.
        name: tells it from other charts of the page, whose parts must not share names.
    """
    matplotlib.rcParams["svg.hashsalt"] = name
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = buffer.getvalue()
    body = text[text.index("</defs>") + len("</defs>") : text.rindex("</svg>")]
    return element(_lean(body), figure.get_figheight() * 72, title=title)


def element(body: str, height: float, *, title: str) -> Markup:
    """What is drawn, in pixels, as an SVG element; `title` is what it shows, for those who do not see it."""
    role = "group" if "<a " in body else "img"
    return Markup(
        f'<svg role="{role}" aria-label="{html.escape(title)}" viewBox="0 0 {WIDTH} {height:.0f}">{body}</svg>'
    )


def _lean(body: str) -> str:
    """Without what only an editor of drawings would want, and with the page's colours."""
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(|href=")#([^")]*)', body))
    body = re.sub(r' id="([^"]*)"', lambda match: match[0] if match[1] in used else "", body)
    body = re.sub(r"font(-size)?: (?:[a-z]+ )?([\d.]+px)[^;\"]*(?:; font-family: [^;\"]*)?", r"font-size: \2", body)
    body = re.sub(r' (?:d|x|y)="[^"]*"', _rounded, body)
    body = re.sub(rf"(<text style=\"[^\"]*); fill: {INK}", r"\1", body)
    body = re.sub(r"#0000[0-9a-f]{2}\b", lambda match: f"var(--{NAMES[match[0]]})", body)
    body = re.sub(r' transform="rotate\(-0 [^"]*"| target="_blank"', "", body)
    return re.sub(r">\s+<", "><", body).replace("xlink:href", "href")


def _rounded(attribute: re.Match[str]) -> str:
    """Coordinates to a tenth of a pixel."""
    return " " + " ".join(re.sub(r"(\.\d)\d+", r"\1", attribute[0]).split())


def wrapped(text: str, columns: int) -> str:
    """A text on several lines of at most so many letters; a longer word stands alone."""
    return "\n".join(textwrap.wrap(text, columns, break_long_words=False)) or text


def labels_width(labels: Sequence[str]) -> float:
    """Pixels that the widest line of some labels takes."""
    return max((len(line) * LETTER for label in labels for line in label.split("\n")), default=0.0)
