"""What turns to another choice, or takes one back."""

from __future__ import annotations

from harmo.scorers.reading.decision.turning import adds, retracts, turns


def test_what_turns_to_another_choice() -> None:
    assert turns("Wait, it is")
    assert turns("so it is")
    assert not turns("so it is", concluding=False)
    assert not turns("and it is")


def test_what_adds_a_choice_to_another() -> None:
    assert adds(", but B is also")
    assert not adds(", but B is")


def test_what_takes_a_choice_back() -> None:
    assert retracts(" looks right, however it is not")
    assert not retracts(" looks right and is")
