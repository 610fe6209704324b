"""What to cite of a record: the papers whose claims were judged, and this software."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import metadata
from typing import Any

SOFTWARE = """@software{{memorization_claims,
  title = {{{{{name}: {summary}}}}},
  author = {{{{{author}}}}},
  version = {{{version}}},
}}
"""


def bibtex(record: Mapping[str, Any]) -> str:
    """BibTeX entries: one for each paper with a judged claim, by key, and last that of this software.

    Args:
        record: as `verdicts.json` holds it.
    """
    judged = {entry["paper"] for entry in record["claims"] if entry["paper"]}
    cited = [record["papers"][key]["bibtex"].strip() + "\n" for key in sorted(judged)]
    return "\n".join([*cited, software(record["environment"].get("memorization_claims"))])


def software(version: str | None = None) -> str:
    """The BibTeX entry of a version of this software, by default of the one that is installed."""
    about = metadata("memorization-claims")
    return SOFTWARE.format(
        name=about["Name"], summary=about["Summary"], author=about["Author"], version=version or about["Version"]
    )
