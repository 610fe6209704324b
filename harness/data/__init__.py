"""From a dataset's name to the tensors that a run trains on."""
