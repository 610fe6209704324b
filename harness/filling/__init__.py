"""The store, filled beforehand by several workers, so that a session only judges."""
