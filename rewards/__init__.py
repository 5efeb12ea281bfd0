"""What a reward is made of: recipes, and the way from a group's scores to its rewards."""
