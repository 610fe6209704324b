"""Arpit et al. 2017: a closer look at memorization in deep networks."""

from memorization_claims import Paper

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
