"""Claims about memorization in deep networks, as tests that can fail: all that a claim names.

Names are found when they are first asked for, so that importing this package imports neither torch nor NumPy.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
