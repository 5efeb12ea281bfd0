"""How a text stands to an answer: the stronger stance wins."""

from __future__ import annotations

from harmo.scorers.reading.around.stance import Stance


def test_the_worst_that_is_said_counts():
    assert max(Stance.CLAIMED, Stance.BOUNDED) is Stance.BOUNDED
    assert max(Stance.DOUBTED, Stance.BOUNDED, Stance.CLAIMED) is Stance.DOUBTED
    assert max(Stance) is Stance.DENIED
