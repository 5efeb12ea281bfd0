"""The public face for plugin authors: everything a scorer of your own needs."""

from harmo.scorers.registry import scorer
from harmo.scorers.spec import Output
from harmo.scorers.types import Group, Reason, Sample, Score
from harmo.tables import run_table

__all__ = ["Group", "Output", "Reason", "Sample", "Score", "run_table", "scorer"]
