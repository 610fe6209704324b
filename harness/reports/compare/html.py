"""A comparison as one HTML file that needs no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from memorization_claims.reports.compare import words
from memorization_claims.reports.compare.comparison import GROUPS, SAID

TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(__file__).parents[1] / "html/templates/report.css"
"""The style sheet of the report."""


def html(comparison: Mapping[str, Any]) -> str:
    """The page: a section for each pair of versions, the same folded away."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("compare.html")
    css = Markup(STYLE.read_text(encoding="utf-8"))
    return template.render(comparison=comparison, css=css, words=words, groups=GROUPS, said=SAID)
