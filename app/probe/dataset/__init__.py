"""Rows of a user's dataset, as a trainer would send them."""
