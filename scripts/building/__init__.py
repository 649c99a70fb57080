"""What the builders of shipped instances share."""
