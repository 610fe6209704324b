"""Loss-sensitivity: how training on an example moved the loss, through all updates (Arpit et al. 2017, section 3.2)."""
