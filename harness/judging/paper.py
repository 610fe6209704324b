"""The papers, each once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A paper that makes claims."""

    key: str
    short: str
    """How a sentence cites it."""
    bibtex: str

    def at(self, place: str) -> Source:
        """A place in the paper."""
        return Source(self, place)

    def figure(self, number: str, says: str) -> Figure:
        """A figure of the paper, to be redrawn."""
        return Figure(self, number, says)


@dataclass(frozen=True)
class Source:
    """Where a claim is made."""

    paper: Paper
    place: str
    """Section, figure, table or theorem."""

    def __str__(self) -> str:
        return f"{self.paper.short}, {self.place}"


@dataclass(frozen=True)
class Figure:
    """A figure of a paper."""

    paper: Paper
    number: str
    """As the paper counts: `1a`."""
    says: str
    """What the paper says that it shows, in a sentence."""
