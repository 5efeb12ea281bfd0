"""Aspect scorers: does a completion keep to its instructions? Importing this registers them."""

from harmo.scorers.aspect import (
    citations,
    format,
    ifeval,
    json_schema,
    language,
    reasoning,
    repetition,
    tags,
)

__all__ = [
    "citations",
    "format",
    "ifeval",
    "json_schema",
    "language",
    "reasoning",
    "repetition",
    "tags",
]
