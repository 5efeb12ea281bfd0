"""Where and when something is: boxes, points, labelled boxes, outlines, joints, spans of time."""

from harmo.scorers.rule.places import bbox

__all__ = ["bbox"]
