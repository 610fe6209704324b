"""Gu & Tresp 2019: neural network memorization dissection."""

from memorization_claims import Paper

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
