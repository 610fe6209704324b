"""What a report draws of a claim: courses, paths, lines, levels, groups, matrices and images, as plain values."""
