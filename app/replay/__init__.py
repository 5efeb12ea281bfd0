"""Replay: what kept groups would have been paid by another recipe."""
