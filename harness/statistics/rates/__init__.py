"""How often the procedures err and what they cost: sums over paths, and simulations that check them."""
