"""What a report draws of a claim: courses, levels, bars and pictures, as plain values."""
