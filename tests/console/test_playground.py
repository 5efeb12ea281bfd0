"""The playground's form: what it reads, what it sends, and what it refuses."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image as Pillow

from harmo.console.model.playground.examples import EXAMPLES, example
from harmo.console.model.playground.form import (
    MAX_COMPLETIONS,
    Form,
    FormError,
    Written,
    form_of,
    group_of,
)
from harmo.console.model.playground.load import loaded
from harmo.console.model.playground.pictures import Kept, drawn, pictures_of
from harmo_client import wire
from tests.audit.hostile import HOSTILE


def png(colour: str = "red", size: int = 8) -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (size, size), colour).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("each", EXAMPLES, ids=lambda each: each.name)
def test_an_example_can_be_sent(each: object) -> None:
    assert group_of(each.form).completions
    assert example(each.name) is each


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("3/4", "3/4"),
        ("", None),
        ("  ", None),
        ("3", "3"),
        ('["3", "three"]', ["3", "three"]),
        ("[0, 0, 10, 10]", [0, 0, 10, 10]),
        ("[1,2)", "[1,2)"),
        ('"[1, 2]"', "[1, 2]"),
        ('{"a": 1}', {"a": 1}),
        ("{1, 2}", "{1, 2}"),
    ],
)
def test_a_reference_is_json_where_it_is_json(reference: str, expected: object) -> None:
    group = group_of(Form(prompt="?", reference=reference))
    assert group.reference == expected
    assert group_of(form_of(group)).reference == expected


@pytest.mark.parametrize(
    ("prompt", "turns"),
    [
        ("What is [1, 2]?", 0),
        ("[1, 2] is a list?", 0),
        ("[1, 2]", 0),
        ('[{"role": "user", "content": "hi"}]', 1),
        (' [ {"content": "hi", "role": "user"} ]', 1),
        ("[{]", 0),
    ],
)
def test_a_prompt_is_messages_where_it_has_roles(prompt: str, turns: int) -> None:
    sent = group_of(Form(prompt=prompt)).prompt
    assert sent == prompt if not turns else len(sent) == turns


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (Form(), "prompt: it is empty"),
        (Form(prompt="?", constraints="{"), "constraints: "),
        (Form(prompt="?", references="3"), "references: "),
        (Form(prompt="?", completions=(Written(id="a"), Written(id="a"))), "unique"),
        (Form(prompt="?", completions=(Written(tokens=-1),)), "num_tokens"),
        (Form(prompt="?", completions=(Written(),) * (MAX_COMPLETIONS + 1)), "more than 64"),
        (Form(prompt="x" * ((1 << 20) + 1)), "more than 1,048,576"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_field(form: Form, said: str) -> None:
    with pytest.raises(FormError, match=said):
        group_of(form)


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - {"surrogate"}))
def test_hostile_text_is_sent_as_it_is(name: str) -> None:
    form = Form(prompt="?", completions=(Written(text=HOSTILE[name]),))
    [sent] = group_of(form).completions
    assert sent.text == HOSTILE[name]
    assert group_of(form_of(group_of(form))) == group_of(form)


def test_half_a_letter_is_sent_as_a_question_mark() -> None:
    [sent] = group_of(
        Form(prompt="?", completions=(Written(text=HOSTILE["surrogate"]),))
    ).completions
    assert sent.text == "half a letter ? and another ? 42"


GROUP = {"id": 7, "prompt": "?", "completions": ["a", {"text": "b", "num_tokens": 3}]}


@pytest.mark.parametrize(
    ("text", "completions"),
    [
        (json.dumps(GROUP), [2]),
        (json.dumps(GROUP, indent=2), [2]),
        (json.dumps({"prompt": "?", "completion": "a"}), [1]),
        (json.dumps({"recipe": "math", "groups": [GROUP, GROUP]}), [2, 2]),
        (json.dumps([GROUP]), [2]),
        (json.dumps(GROUP) + "\n\n" + json.dumps(GROUP) + "\n", [2, 2]),
    ],
    ids=["a group", "over several lines", "a sample", "a request", "a list", "lines"],
)
def test_what_people_paste_is_read(text: str, completions: list[int]) -> None:
    assert [len(group.completions) for group in loaded(text)] == completions


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing is in it"),
        ("[]", "nothing is in it"),
        ("hello", "line:1"),
        (json.dumps({"prompt": "?"}), "completions"),
        (json.dumps({**GROUP, "nonsense": 1}), "nonsense"),
        ("x" * ((16 << 20) + 1), "more than"),
        ("[" * 5000, "line:1"),
    ],
    ids=["nothing", "no groups", "no JSON", "no completions", "unknown", "too much", "too deep"],
)
def test_what_is_no_group_is_said(text: str, said: str) -> None:
    with pytest.raises(FormError, match=said):
        loaded(text)


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg onload=alert(1)/>", b"GIF89a", png()[:40], b"\x89PNG" * 3_000_000],
    ids=["nothing", "svg", "gif", "half a picture", "too large"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(FormError, match="picture"):
        drawn(content)


def test_a_picture_is_sent_as_its_own_kind() -> None:
    form = Form(prompt="?", pictures=(drawn(png()),))
    group = group_of(form)
    assert group.images[0].media_type == "image/png"
    assert pictures_of(group) == form.pictures


def test_too_many_pictures_are_refused() -> None:
    group = group_of(Form(prompt="?", pictures=(drawn(png()),) * 9))
    with pytest.raises(FormError, match="more than 8"):
        pictures_of(group)


def test_the_oldest_pictures_go_first() -> None:
    first, second = drawn(png("red")), drawn(png("blue"))
    kept = Kept(most_bytes=len(first.content))
    names = [kept.keep(first), kept.keep(second)]
    assert kept.get(names[0]) is None
    assert kept.get(names[1]) == second


def test_metadata_goes_through_the_form_untouched() -> None:
    group = wire.Group.model_validate(
        {"id": "7", "prompt": "?", "metadata": {"a": [1]}, "completions": []}
    )
    assert form_of(group).rest == {"metadata": {"a": [1]}}
    assert group_of(form_of(group)).metadata == {"a": [1]}
