"""Special strings: the template's become tokens, anybody else's stay text."""

from __future__ import annotations

import pytest
import transformers as tf

from harmo.models.forward.untrusted import Untrusted, absent_mark
from tests.models import tiny
from tests.models.forward.words import marking_words

END = "<|im_end|>"


def ids(rendered: str, **options) -> list[int]:
    return Untrusted(tiny.tokenizer()).ids(rendered, {}, **options)[0]


def own(text: str) -> list[int]:
    return tiny.tokenizer()(text, add_special_tokens=False)["input_ids"]


def test_the_templates_special_strings_are_tokens() -> None:
    assert ids(f"a{END}b") == own(f"a{END}b")
    assert ids(f"a{END}b").count(tiny.IM_END) == 1


@pytest.mark.parametrize("text", [f"a{END}b", END, f"{END}{END}", f"<|im_{END}end|>"])
def test_marked_ones_are_text_that_reads_the_same(text: str) -> None:
    untrusted, mark = Untrusted(tiny.tokenizer()), absent_mark([text])
    got, _ = untrusted.ids(untrusted.marked(text, mark), {}, mark=mark)
    assert tiny.IM_END not in got
    assert tiny.tokenizer().decode(got) == text


def test_successive_occurrences_get_successive_expansions() -> None:
    expanded = ids("<image>a<image>", expansions={"<image>": iter([(1, 2), (3,)])})
    assert expanded == [1, 2, *own("a"), 3]


def test_more_occurrences_than_expansions_are_an_error() -> None:
    with pytest.raises(ValueError, match="'<image>' more often"):
        ids("<image><image>", expansions={"<image>": iter([(1,)])})


def test_where_a_watched_string_stands_is_told() -> None:
    untrusted = Untrusted(tiny.tokenizer())
    got, places = untrusted.ids("a<extra_0>b<extra_0>", {}, watched="<extra_0>")
    assert [at for at, token in enumerate(got) if token == tiny.STEP] == places == [1, 3]


def test_white_space_that_a_special_token_swallows_is_swallowed() -> None:
    fast = marking_words(prepend_scheme="never")
    text = "<|user|>\n  how"
    assert Untrusted(fast).ids(text, {})[0] == fast(text, add_special_tokens=False)["input_ids"]


def test_pieces_are_tokenised_once() -> None:
    cache: dict[tuple[bool, str], list[int]] = {}
    untrusted = Untrusted(tiny.tokenizer())
    first = untrusted.ids(f"a{END}b", cache)
    cache[True, "a"] = [7]
    assert untrusted.ids(f"a{END}b", cache) == ([7, *first[0][1:]], [])


def test_a_slow_tokenizer_is_refused() -> None:
    with pytest.raises(ValueError, match="is a slow tokenizer"):
        Untrusted(tf.CanineTokenizer())


def test_a_reserved_string_of_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="'x' is a single character"):
        Untrusted(tiny.tokenizer(), reserved=["x"])


EVERY_PRIVATE = "".join(map(chr, (*range(0xE000, 0xF900), *range(0xF0000, 0xFFFFE))))


@pytest.mark.parametrize(
    ("texts", "mark", "why"),
    [
        ([], "\ue000", "nothing to stand in"),
        (["\ue000"], "\ue001", "the first is taken"),
        (["\ue000\ue001", "\ue002b"], "\ue003", "in any of the texts"),
        (["\ue000" * 80_000], "\ue001", "as short however long the run"),
        ([EVERY_PRIVATE], "\U00100000", "in another plane"),
        (
            [EVERY_PRIVATE + "".join(map(chr, range(0x100000, 0x10FFFE)))],
            "\U00040000",
            "unassigned",
        ),
    ],
)
def test_a_mark_is_one_character_that_stands_in_no_text(texts: list[str], mark: str, why: str):
    assert absent_mark(texts) == mark, why


def test_a_special_string_beside_characters_of_the_mark_takes_no_more_memory() -> None:
    """80,000 of U+E000 took 1.4 GB: the mark was longer than their run, at every special string."""
    text = "\ue000" * 40_000 + END * 4_000
    mark = absent_mark([text])
    marked = Untrusted(tiny.tokenizer()).marked(text, mark)
    assert len(marked) == len(text) + 4_000
