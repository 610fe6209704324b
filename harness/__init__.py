"""Everything that a claim needs: data, models, training, measures, verdicts, reports. Knows nothing of any one claim."""
