"""Around the mathematics: reading, routes, solving, auditing, writing."""
