"""Scorers: from samples to scores, in four families."""
