"""Length terms: what rambling, or brevity, costs a completion."""

from harmo.scorers.length import absolute, given, relative, yardstick

__all__ = ["absolute", "given", "relative", "yardstick"]
