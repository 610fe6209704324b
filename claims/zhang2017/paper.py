"""Zhang et al. 2017: understanding deep learning requires rethinking generalization."""

from memorization_claims import Paper

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
