"""Where data sets come from, one file each.

The plainest is a function of the data root that returns a mapping with `x_train`, `y_train` and, if the data set has
them, `x_test`, `y_test` and `range`: see `memorization_claims.data.arrays.Arrays`. `digits` is one, and a user's own,
in any module, is named as `package.module:function`. A `Kind` says besides whether its files are there.
"""
