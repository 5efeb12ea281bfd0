"""Attacks on a reward that are right or wrong by construction, and what came of them."""
