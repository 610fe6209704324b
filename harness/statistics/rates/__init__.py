"""How often the procedures err, by simulation."""
