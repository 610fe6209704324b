"""How many runs an item may take where they are dear: so many that it ends within a quarter of an hour on one core.

What is undecided then stays so, as if the scale had no further looks.
"""

DEAR = 96
"""The most where the nets of one seed take 4 to 8 seconds to train and to measure."""
DEARER = 40
"""The most where they take 8 to 16."""
DEAREST = 24
"""The most where they take longer."""
