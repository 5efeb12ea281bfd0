"""Answers that are lists: items in an order, classes that are there."""

from harmo.scorers.rule.lists import labels, order

__all__ = ["labels", "order"]
