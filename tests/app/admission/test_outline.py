"""JSON counted in its bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harmo.app.admission import outline as module
from harmo.app.admission.outline import first_key_twice, keys_of, outline
from tests.growth import growth, peak_bytes

MANY = 10**9
TRICKY = st.text(alphabet='\\"[]{}:, aé\u2028😀', max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TRICKY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TRICKY, inner, max_size=4),
    max_leaves=20,
)


def values_of(document: object) -> int:
    inner = document.values() if isinstance(document, dict) else document
    return 1 + (sum(map(values_of, inner)) if isinstance(document, dict | list) else 0)  # type: ignore[arg-type]


def empties_of(document: object) -> int:
    if not isinstance(document, dict | list):
        return 0
    inner = document.values() if isinstance(document, dict) else document
    return int(not document) + sum(map(empties_of, inner))


@settings(max_examples=200, deadline=None)
@given(JSON, st.booleans(), st.integers(2, 9))
@example({"\\": "\\\\"}, True, 2)
def test_strings_hide_nothing_and_add_nothing_wherever_the_text_is_cut(
    document: object, ascii: bool, size: int
) -> None:
    text = json.dumps(document, ensure_ascii=ascii).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SLICE_BYTES", size)
        found = outline(text, max_values=MANY)
    assert found.values == values_of(document) + empties_of(document)
    assert found.keys == keys_of(document)


@pytest.mark.parametrize(
    ("text", "key", "why"),
    [
        (b'{"a": 1, "a": 2}', "a", "at the top"),
        (b'[{"x": {"b": [], "c": 1, "b": 2}}]', "b", "inside"),
        (rb'{"a": 1, "\u0061": 2}', "a", "the same key, written another way"),
        (b'{"": 1, "": 2}', "", "an empty key"),
        (b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}', None, "in different objects"),
        (b'{"a": "\\"a\\": 1, {:"}', None, "in a string"),
    ],
)
def test_a_key_that_is_twice_in_one_object_is_seen(text: bytes, key: str | None, why: str) -> None:
    known = outline(text, max_values=MANY).keys
    assert (known != keys_of(json.loads(text))) is (key is not None), why
    assert first_key_twice(text) == (key or "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"[" * 100, "never closed"),
        (b'{"a": ' * 100, "never closed objects"),
        (b"1," * 100, "no list at all"),
        (b'"x' + b',{"' * 100, "quotes in odd places"),
    ],
)
def test_what_is_no_json_is_counted_as_far_as_it_may_be_read(text: bytes, why: str) -> None:
    assert 100 <= outline(text, max_values=MANY).values <= 301, why


def test_counting_stops_soon_after_the_limit() -> None:
    text = b"[" + b"1," * (4 << 20) + b"1]"
    assert outline(text, max_values=1000).values <= 1000 + module.SLICE_BYTES


BOMBS = {
    "blanks": b" " * 1000,
    "quotes": b'"",' * 333,
    "backslashes": b'"' + b"\\\\" * 499 + b'"',
    "odd backslashes": b"\\" * 999,
    "objects": b"{}," * 333,
    "escaped": b'"' + b"\\u00e9" * 166 + b'"',
    "text": b'"' + b"Hello, world: [so] {it} goes. " * 33 + b'"',
}


@pytest.mark.parametrize("name", BOMBS)
def test_time_is_linear_and_memory_is_that_of_a_slice(name: str) -> None:
    unit = BOMBS[name]

    def look(text: bytes) -> None:
        outline(text, max_values=MANY)

    assert not growth(look, lambda size: unit * (size // 1000), 4_000_000, floor_s=0.005).steep
    assert peak_bytes(look, unit * 16_000) < 64 * module.SLICE_BYTES
