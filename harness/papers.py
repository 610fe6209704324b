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


ZHANG2017 = Paper(
    "zhang2017",
    "Zhang et al. 2017",
    """@inproceedings{zhang2017,
  title = {Understanding deep learning requires rethinking generalization},
  author = {Zhang, Chiyuan and Bengio, Samy and Hardt, Moritz and Recht, Benjamin and Vinyals, Oriol},
  booktitle = {International Conference on Learning Representations},
  year = {2017},
  eprint = {1611.03530},
}""",
)

ARPIT2017 = Paper(
    "arpit2017",
    "Arpit et al. 2017",
    """@inproceedings{arpit2017,
  title = {A Closer Look at Memorization in Deep Networks},
  author = {Arpit, Devansh and Jastrz{\\k{e}}bski, Stanis{\\l}aw and Ballas, Nicolas and Krueger, David and
    Bengio, Emmanuel and Kanwal, Maxinder S. and Maharaj, Tegan and Fischer, Asja and Courville, Aaron and
    Bengio, Yoshua and Lacoste-Julien, Simon},
  booktitle = {International Conference on Machine Learning},
  series = {Proceedings of Machine Learning Research},
  volume = {70},
  year = {2017},
  eprint = {1706.05394},
}""",
)

GU2019 = Paper(
    "gu2019",
    "Gu & Tresp 2019",
    """@inproceedings{gu2019,
  title = {Neural Network Memorization Dissection},
  author = {Gu, Jindong and Tresp, Volker},
  booktitle = {NeurIPS 2019 Workshop on Machine Learning with Guarantees},
  year = {2019},
  eprint = {1911.09537},
}""",
)
