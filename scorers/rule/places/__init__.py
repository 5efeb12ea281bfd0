"""Where and when something is: boxes, points, labelled boxes, outlines, joints, spans of time.

`frame` says what coordinates count, for every rule here; `said` finds the JSON of an answer; the
modules that are no scorer's are geometry.
"""

from harmo.scorers.rule.places import (
    bbox,
    detection,
    gui_action,
    keypoints,
    polygon_iou,
    temporal_iou,
)

__all__ = ["bbox", "detection", "gui_action", "keypoints", "polygon_iou", "temporal_iou"]
