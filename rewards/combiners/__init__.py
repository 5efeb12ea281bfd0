"""Combiners: how a sample's columns become its reward. One module each; all are loaded here."""

from importlib import import_module
from pkgutil import iter_modules

from harmo.rewards.combiners.combiner import (
    COMBINERS,
    Combiner,
    Counted,
    Only,
    Siblings,
    Span,
    Written,
    plus,
)

__all__ = ["COMBINERS", "Combiner", "Counted", "Only", "Siblings", "Span", "Written", "plus"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
