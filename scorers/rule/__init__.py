"""The rule scorers. Importing this package registers them; none of them imports SymPy here."""

from harmo.scorers.rule import (
    by_task,
    choice,
    code,
    documents,
    exact,
    json_schema,
    lists,
    math,
    numeric,
    places,
    regex,
    vqa,
)

__all__ = [
    "by_task",
    "choice",
    "code",
    "documents",
    "exact",
    "json_schema",
    "lists",
    "math",
    "numeric",
    "places",
    "regex",
    "vqa",
]
