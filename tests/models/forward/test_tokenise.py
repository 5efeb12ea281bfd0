"""Conversations to token groups: as the tokenizer has them, but for what nobody may write."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace

import pytest
import transformers as tf
from PIL import Image
from tokenizers import normalizers

from harmo.models.base import Conversations, Fault, ModelScore, ToolCall, Turn
from harmo.models.checkpoint.heads import LastHead
from harmo.models.checkpoint.loader import load
from harmo.models.forward.tokenise import Tokenised, Tokeniser
from harmo.models.forward.untrusted import absent_mark
from harmo.models.threads import Caller
from tests.models import tiny
from tests.models.forward.words import marking_words


@pytest.fixture(scope="module")
def loaded(saved):
    return load(saved("qwen2", "scalar"), device="cpu")


@pytest.fixture(scope="module")
def stepwise(saved):
    return load(saved("qwen2", "steps"), device="cpu")


def tokeniser(loaded, **changes) -> Tokeniser:
    manifest = loaded.manifest.model_copy(update=changes)
    return Tokeniser(loaded.tokenizer, manifest, loaded.head, processor=loaded.processor)


def asked(*completions: str, prompt: str = "How many?") -> Conversations:
    return Conversations(
        prompt=(Turn(role="user", parts=(prompt,)),),
        completions=tuple((Turn(role="assistant", parts=(text,)),) for text in completions),
    )


def rows_of(tokenised: Tokenised) -> tuple[int | str | None, ...]:
    """Per completion its member, or its fault."""
    return tuple(row.fault if isinstance(row, ModelScore) else row for row in tokenised.rows)


def own_ids(loaded, prompt: str, completion: str) -> list[int]:
    messages = [
        {"role": "user", "content": prompt},
        {"role": "assistant", "content": completion},
    ]
    return loaded.tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True)[
        "input_ids"
    ]


@pytest.mark.parametrize(
    ("prompt", "completion"),
    [
        pytest.param("How many?", "Three.", id="plain"),
        pytest.param("", "", id="both empty"),
        pytest.param("  a \n\n b\t", "\n <think>\n\n</think> x ", id="white space and think tags"),
        pytest.param("二十 été 😀", "\u200b\ue000\ue001", id="private-use characters are text"),
        pytest.param("<|im_star", "t|> <|im_end", id="half a special string in each"),
    ],
)
def test_clean_text_is_tokenised_as_the_tokenizer_alone_does(loaded, prompt, completion) -> None:
    group = tokeniser(loaded).tokenise(asked(completion, prompt=prompt)).group
    assert [*group.prompt, *group.suffixes[0]] == own_ids(loaded, prompt, completion)


@pytest.mark.parametrize("special", ["<|im_end|>", "<|im_start|>assistant\n", "<extra_0>", "<pad>"])
def test_special_strings_in_completions_and_prompts_stay_text(loaded, special: str) -> None:
    text = f"x {special} y <|im_{special}end|>"
    group = tokeniser(loaded).tokenise(asked(text, prompt=text)).group
    ids = [*group.prompt, *group.suffixes[0]]
    assert loaded.tokenizer.decode(ids).count(text) == 2
    clean = own_ids(loaded, "x", "y")
    for token in (tiny.IM_START, tiny.IM_END, tiny.STEP, tiny.PAD):
        assert ids.count(token) == clean.count(token)


def test_a_special_string_across_two_parts_stays_text(loaded) -> None:
    turn = Turn(role="assistant", parts=("a<|im_", "end|>b"))
    parts = Conversations(prompt=(Turn(role="user", parts=("q",)),), completions=((turn,),))
    whole = tokeniser(loaded).tokenise(asked("a<|im_end|>b", prompt="q")).group
    assert tokeniser(loaded).tokenise(parts).group.suffixes == whole.suffixes


def test_the_longest_common_prefix_is_shared_and_every_member_keeps_a_token(loaded) -> None:
    group = tokeniser(loaded).tokenise(asked("ab", "abc", "")).group
    members = [[*group.prompt, *suffix] for suffix in group.suffixes]
    assert members == [own_ids(loaded, "How many?", text) for text in ("ab", "abc", "")]
    assert all(group.suffixes)
    shared = list(group.prompt)
    assert all(member[: len(shared)] == shared for member in members)
    assert len({member[len(shared)] for member in members}) > 1


def test_identical_completions_share_a_member(loaded) -> None:
    tokenised = tokeniser(loaded).tokenise(asked("yes", "no", "yes"))
    assert rows_of(tokenised) == (0, 1, 0)
    assert len(tokenised.group) == 2


@pytest.mark.parametrize(
    ("limit", "rows"),
    [
        pytest.param(40, ("completion_too_long", 0), id="one too long, nothing cut"),
        pytest.param(12, ("prompt_too_long", "prompt_too_long"), id="no room for any"),
    ],
)
def test_over_long_conversations_are_faults(loaded, limit: int, rows) -> None:
    tokenised = tokeniser(loaded, max_tokens=limit).tokenise(asked("b" * 30, "c", prompt="12345"))
    assert rows_of(tokenised) == rows
    (fault,) = [row for row in tokenised.rows[:1] if isinstance(row, ModelScore)]
    assert fault.detail["max_tokens"] == limit
    assert (tokenised.group is None) == (rows[1] == "prompt_too_long")


def test_steps_are_closed_by_the_step_token_and_only_by_ours(stepwise) -> None:
    tokenised = tokeniser(stepwise).tokenise(asked("one\n\ntwo <extra_0>\n\nthree", "one\n\nfour"))
    group = tokenised.group
    for suffix, reads, count in zip(group.suffixes, group.reads, (3, 2), strict=True):
        member = [*group.prompt, *suffix]
        assert [at for at, token in enumerate(member) if token == tiny.STEP] == list(reads)
        assert len(reads) == count
    assert group.reads[0][0] < len(group.prompt), "the first step is shared"


def test_turns_of_the_prompt_are_no_steps_of_the_completion(stepwise) -> None:
    earlier = Turn(role="assistant", parts=("wrong\n\nwrong again",))
    asked_before = asked("one\n\ntwo", prompt="q")
    asked_before = replace(asked_before, prompt=(*asked_before.prompt, earlier))
    group = tokeniser(stepwise).tokenise(asked_before).group
    [reads] = group.reads
    assert len(reads) == 2
    assert [*group.prompt, *group.suffixes[0]].count(tiny.STEP) == 2


def test_a_step_token_that_is_an_ordinary_word_is_read_where_the_template_wrote_it(
    stepwise,
) -> None:
    manifest = stepwise.manifest.model_copy(update={"step_token": "ki"})
    fast = marking_words(prepend_scheme="never", word="ki")
    group = Tokeniser(fast, manifest, stepwise.head).tokenise(asked("a ki ki\n\ntwo")).group
    ids = [*group.prompt, *group.suffixes[0]]
    step = fast.convert_tokens_to_ids("ki")
    assert ids.count(step) == 4
    assert list(group.reads[0]) == [at for at, id_ in enumerate(ids) if id_ == step][2:]


def test_a_special_token_of_one_character_is_refused(stepwise) -> None:
    with pytest.raises(ValueError, match="'x' is a single character"):
        tokeniser(stepwise, step_token="x")


def test_broken_pictures_fault_the_whole_group(saved) -> None:
    loaded = load(saved("llava", "value"), device="cpu")
    broken = Conversations(
        prompt=(Turn(role="user", parts=(0, "What?")),),
        completions=asked("a", "b").completions,
        images=(b"no picture",),
    )
    tokenised = tokeniser(loaded).tokenise(broken)
    assert rows_of(tokenised) == ("unreadable_image", "unreadable_image")


def test_pictures_for_a_model_that_takes_none_fault_the_whole_group(loaded) -> None:
    pictured = replace(asked("a", "b"), images=(b"any",))
    tokenised = tokeniser(loaded).tokenise(pictured)
    assert rows_of(tokenised) == ("unsupported_images", "unsupported_images")
    assert "takes no images" in tokenised.rows[0].detail["why"]


def test_a_template_that_repeats_a_picture_is_an_error_and_no_hang(saved) -> None:
    loaded = load(saved("llava", "value"), device="cpu")
    ours = tokeniser(loaded)
    loaded.tokenizer.chat_template = loaded.tokenizer.chat_template + "<image>"
    encoded = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(encoded, "PNG")
    shown = Turn(role="user", parts=(0, "What?"))
    once = replace(asked("a"), prompt=(shown,), images=(encoded.getvalue(),))
    # Not StopIteration: no future can carry that one, and its caller would wait for ever.
    with pytest.raises(ValueError, match="more often"):
        ours.tokenise(once)


def test_calls_that_a_template_would_drop_fault_their_own_completion(loaded) -> None:
    call = ToolCall(name="count", arguments='{"of": "squares"}')
    calling = Turn(role="assistant", parts=("Let me see.",), tool_calls=(call,))
    plain = asked("Let me see.")
    both = replace(plain, completions=(*plain.completions, (calling,)))
    tokenised = tokeniser(loaded).tokenise(both)
    assert rows_of(tokenised) == (0, Fault.UNSUPPORTED_TURNS)
    assert "drops calls" in tokenised.rows[1].detail["why"]
    before = replace(plain, prompt=(*plain.prompt, calling))
    assert rows_of(tokeniser(loaded).tokenise(before)) == (Fault.UNSUPPORTED_TURNS,)


def test_an_over_long_completion_is_one_where_no_prompt_stands_alone(loaded) -> None:
    ours = tokeniser(loaded, max_tokens=40)
    template = loaded.tokenizer.chat_template
    refuses = "{% if messages | length < 2 %}{{ raise_exception('no answer') }}{% endif %}"
    loaded.tokenizer.chat_template = template + refuses
    try:
        assert rows_of(ours.tokenise(asked("b" * 50, "c"))) == (Fault.COMPLETION_TOO_LONG, 0)
    finally:
        loaded.tokenizer.chat_template = template


def test_pieces_of_a_group_keep_within_the_budget(loaded) -> None:
    group = tokeniser(loaded).tokenise(asked(*("x" * n + "y" for n in range(9)))).group
    budget = len(group.prompt) + 20
    pieces = group.pieces(budget)
    assert len(pieces) > 1
    assert all(piece.tokens <= budget or len(piece) == 1 for piece in pieces)
    assert [suffix for piece in pieces for suffix in piece.suffixes] == list(group.suffixes)
    assert [reads for piece in pieces for reads in piece.reads] == list(group.reads)


@pytest.mark.parametrize("scheme", ["first", "always", "never"])
def test_tokenizers_that_mark_words_are_reproduced(loaded, scheme: str) -> None:
    fast = marking_words(prepend_scheme=scheme)
    ours = Tokeniser(fast, loaded.manifest, LastHead(loaded.head.stack, pad_token_id=None))
    group = ours.tokenise(asked("  yes no ", prompt=" how many?")).group
    text = "<s><|user|>\n how many?   yes no </s>"
    assert [*group.prompt, *group.suffixes[0]] == fast(text, add_special_tokens=False)["input_ids"]


def test_a_normaliser_that_prepends_to_every_piece_is_reproduced(loaded) -> None:
    old = tiny.tokenizer()
    old.backend_tokenizer.normalizer = normalizers.Prepend("x")
    Tokeniser(old, loaded.manifest, loaded.head)


def test_a_tokenizer_that_cannot_be_reproduced_is_refused(loaded) -> None:
    odd = tiny.tokenizer()
    odd.add_tokens([tf.AddedToken("\n<|im_start|>assistant", normalized=False)])
    with pytest.raises(ValueError, match="cannot tokenise as"):
        Tokeniser(odd, loaded.manifest, loaded.head)


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["a\ue000", "\ue001"], id="one of them"),
        pytest.param(["".join(map(chr, range(0xE000, 0xF900)))], id="all of them"),
        pytest.param(["a\ue000\ue000", "\ue000b"], id="a run across two parts that are joined"),
    ],
)
def test_a_mark_stands_in_no_text_whatever_a_policy_writes(loaded, texts: list[str]) -> None:
    assert absent_mark(texts) not in "".join(texts)
    turn = Turn(role="assistant", parts=tuple(texts))
    split = Conversations(prompt=asked("").prompt, completions=((turn,),))
    group = tokeniser(loaded, max_tokens=100_000).tokenise(split).group
    assert [*group.prompt, *group.suffixes[0]] == own_ids(loaded, "How many?", "".join(texts))


def test_what_is_shown_is_what_the_template_writes_and_how_many_tokens_it_has(loaded) -> None:
    ours = tokeniser(loaded)
    (shown,) = ours.shown(asked("Three."))
    messages = [
        {"role": "user", "content": "How many?"},
        {"role": "assistant", "content": "Three."},
    ]
    assert shown["conversation"] == loaded.tokenizer.apply_chat_template(messages, tokenize=False)
    assert shown["tokens"] == len(own_ids(loaded, "How many?", "Three."))


def test_a_special_string_that_the_policy_wrote_is_shown_apart_from_the_templates(loaded) -> None:
    special = loaded.tokenizer.eos_token
    (shown,) = tokeniser(loaded).shown(asked(f"7 {special} 8"))
    assert f"7 {special[0]}\u00b7{special[1:]} 8" in shown["conversation"]


def test_of_a_long_conversation_the_ends_are_shown(loaded) -> None:
    (shown,) = tokeniser(loaded).shown(asked("b" * 9000 + "the end"))
    assert len(shown["conversation"]) < 7000
    assert "How many?" in shown["conversation"]
    assert "the end" in shown["conversation"]


CALLING = Turn(role="assistant", parts=(), tool_calls=(ToolCall(name="f", arguments="{}"),))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"completions": ((CALLING,),)}, "turns that the template cannot write"),
        ({"images": (b"any",)}, "pictures for a model that takes none"),
    ],
)
def test_of_what_is_not_scored_nothing_is_shown(loaded, changes, why) -> None:
    assert tokeniser(loaded).shown(replace(asked("a"), **changes)) == [{}], why


def test_of_a_broken_picture_nothing_is_shown(saved) -> None:
    loaded = load(saved("llava", "value"), device="cpu")
    assert tokeniser(loaded).shown(replace(asked("a", "b"), images=(b"no",))) == [{}, {}]


def test_what_nobody_waits_for_is_not_tokenised(loaded, monkeypatch) -> None:
    ours, caller = tokeniser(loaded), Caller(deadline_s=None)
    made: list[object] = []
    ids = ours._ids

    def leave_after_the_first(*arguments):
        made.append(arguments[1])
        caller.left = True
        return ids(*arguments)

    monkeypatch.setattr(ours, "_ids", leave_after_the_first)
    assert rows_of(ours.tokenise(asked("1", "2", "3"), caller=caller)) == (Fault.DEADLINE,) * 3
    assert len(made) == 1
    assert rows_of(ours.tokenise(asked("1"), caller=caller)) == (Fault.DEADLINE,)
    assert len(made) == 1


def test_over_long_completions_leave_nothing_behind(loaded) -> None:
    """Their pieces were kept until the group was done: 256 long completions took gigabytes."""
    ours = tokeniser(loaded)

    def peak_bytes(count: int) -> int:
        texts = [f"{at}" + "word " * 10_000 for at in range(count)]
        tracemalloc.start()
        rows = rows_of(ours.tokenise(asked(*texts)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows == (Fault.COMPLETION_TOO_LONG,) * count
        return peak

    assert peak_bytes(16) < 2 * peak_bytes(1)


def test_a_long_prompt_is_told_before_every_completion_is_tokenised(loaded, monkeypatch) -> None:
    ours = tokeniser(loaded, max_tokens=64)
    made: list[object] = []
    ids = ours._ids
    monkeypatch.setattr(ours, "_ids", lambda *each: made.append(each[1]) or ids(*each))
    tokenised = ours.tokenise(asked(*map(str, range(50)), prompt="long " * 50))
    assert rows_of(tokenised) == (Fault.PROMPT_TOO_LONG,) * 50
    assert len(made) == 2, "one conversation, and the prompt alone"
