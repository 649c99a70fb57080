"""What there is beside one optimum: other plans, fronts, prices, and runs side by side."""
