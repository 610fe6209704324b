"""Gaussian kernels that interpolate (Zhang et al. 2017, section 5).

`features` turns images into what distances are taken of, `gaussian` takes them, `regression` solves the kernel
equation, `selection` chooses bandwidth and ridge, and `fit` does all of it for one spec.
"""
