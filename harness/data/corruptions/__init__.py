"""Corruptions, one file each: functions of NumPy arrays, with what they touch said by `touches`.

A function gets `(images, labels, classes, chosen, generator)`, of which none is to be written to, and returns
`(images, labels, classes)`: images (n, channels, height, width), float32; labels (n,), integers in [0, classes);
`chosen`, the indices of the examples to touch in the order in which they were drawn; and the NumPy generator that it
draws from. Held-out images are corrupted after preprocessing, in the unit of the inputs. A user's own is
named as `package.module:function`.
"""
