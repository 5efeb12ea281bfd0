"""Audit signals: what a policy was paid for over the last groups of a run.

Statistics of what was scored, nothing more: they say after the fact what the reward has become,
and give no early warning at a usable rate of false alarms.
"""

from harmo.rewards.signals.audit import Audit, audit
from harmo.rewards.signals.layout import Layout
from harmo.rewards.signals.meanings import MEANINGS, Meaning
from harmo.rewards.signals.record import GroupRecord, recorded
from harmo.rewards.signals.series import Point, series
from harmo.rewards.signals.stored import Block, digest_key
from harmo.rewards.signals.window import Bounds, Window

__all__ = [
    "MEANINGS",
    "Audit",
    "Block",
    "Bounds",
    "GroupRecord",
    "Layout",
    "Meaning",
    "Point",
    "Window",
    "audit",
    "digest_key",
    "recorded",
    "series",
]
