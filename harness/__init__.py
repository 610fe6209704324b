"""Everything that a claim needs, from data to verdict; knows nothing of any one claim."""
