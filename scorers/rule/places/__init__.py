"""Where and when something is: boxes, points, labelled boxes, outlines, joints, spans of time."""

from harmo.scorers.rule.places import bbox, gui_action

__all__ = ["bbox", "gui_action"]
