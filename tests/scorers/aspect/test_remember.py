"""Work that several checks share."""

from __future__ import annotations

from harmo.scorers.aspect.remember import SHORT, once, remembering

LONG = "a" * SHORT


def counted():
    done: list[str] = []

    @once
    def words(text: str) -> list[str]:
        done.append(text)
        return text.split()

    return words, done


def test_a_text_is_worked_on_once_within_and_every_time_without() -> None:
    words, done = counted()
    with remembering():
        assert words(LONG) == words(LONG) == [LONG]
        assert len(done) == 1
        words(LONG + "b")
        assert len(done) == 2, "another text"
    words(LONG)
    words(LONG)
    assert len(done) == 4, "all is forgotten"


def test_two_functions_do_not_share_what_they_make() -> None:
    words, _ = counted()
    length = once(len)
    with remembering():
        assert words(LONG) == [LONG]
        assert length(LONG) == SHORT


def test_short_texts_are_not_kept() -> None:
    words, done = counted()
    with remembering():
        words("a")
        words("a")
    assert len(done) == 2
