"""Accuracy modes: how rule and model share correctness. One module each; all are loaded here."""

from importlib import import_module
from pkgutil import iter_modules

from harmo.rewards.modes.mode import (
    JUDGES,
    MODES,
    AccuracyMode,
    Judgement,
    Judges,
    Row,
    Rows,
    Weights,
)

__all__ = ["JUDGES", "MODES", "AccuracyMode", "Judgement", "Judges", "Row", "Rows", "Weights"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
