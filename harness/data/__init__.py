"""Data sets by name, and the tensors that a run trains on."""
