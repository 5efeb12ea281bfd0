"""The rule scorers. Importing this package registers them; none of them imports SymPy here."""

from harmo.scorers.rule import (
    bbox,
    by_task,
    choice,
    code,
    exact,
    json_schema,
    math,
    numeric,
    ocr,
    regex,
    vqa,
)

__all__ = [
    "bbox",
    "by_task",
    "choice",
    "code",
    "exact",
    "json_schema",
    "math",
    "numeric",
    "ocr",
    "regex",
    "vqa",
]
