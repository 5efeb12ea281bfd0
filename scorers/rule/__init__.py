"""The rule scorers. Importing this package registers them; none of them imports SymPy here."""

from harmo.scorers.rule import (
    bbox,
    by_task,
    choice,
    code,
    documents,
    exact,
    json_schema,
    lists,
    math,
    numeric,
    regex,
    vqa,
)
from harmo.scorers.rule.places import gui_action

__all__ = [
    "bbox",
    "by_task",
    "choice",
    "code",
    "documents",
    "exact",
    "gui_action",
    "json_schema",
    "lists",
    "math",
    "numeric",
    "regex",
    "vqa",
]
