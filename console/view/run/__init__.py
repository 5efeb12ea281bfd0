"""What the Run page alone is made of."""
