"""What is wrong with a document is said in its own words, in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from harmo.models.documents import DocumentError, parse_json, parse_yaml, read_text, said


class Ramp(BaseModel):
    model_config = ConfigDict(extra="forbid")

    start: float
    end: float

    @model_validator(mode="after")
    def _rising(self) -> Ramp:
        if self.end < self.start:
            raise ValueError(f"end {self.end} is below start {self.start}")
        return self


class Low(BaseModel):
    kind: Literal["low"]
    cut: float


class High(BaseModel):
    kind: Literal["high"]


class Page(BaseModel):
    model_config = ConfigDict(extra="forbid")

    port: Annotated[int, Field(ge=0)] = 0
    weights: dict[str, float | Ramp] = Field(default_factory=dict)
    filter: Annotated[Low | High, Field(discriminator="kind")] | None = None
    text: str | list[Low] = ""
    pairs: tuple[tuple[int, str], ...] = ()


NOT_RAMP = "Input should be a valid number or a mapping"


@pytest.mark.parametrize(
    ("document", "sentence", "why"),
    [
        ({"port": "a"}, "port: Input should be a valid integer, got 'a'", "the value is named"),
        ({"port": -1}, "port: Input should be greater than or equal to 0, got -1", "and a bound"),
        ({"port": "a" * 80}, "port: Input should be a valid integer", "a long value is not"),
        ({"prot": 1}, "prot: there is no such field", "a field that is not known"),
        ([], "Input should be a mapping", "all of it"),
        ({"weights": []}, "weights: Input should be a mapping", "a list for a mapping"),
        ({"pairs": {}}, "pairs: Input should be a list", "a mapping for a list"),
        ({"pairs": [[1, 2]]}, "pairs.0.1: Input should be a valid string, got 2", "by position"),
        ({"weights": {"a": "x"}}, f"weights.a: {NOT_RAMP}, got 'x'", "neither of two things"),
        ({"weights": {"a": {"start": 1}}}, "weights.a.end: Field required", "almost one of them"),
        (
            {"weights": {"a": {"start": 1, "end": 0}}},
            "weights.a: Input should be a valid number or end 0.0 is below start 1.0",
            "one of them, and not consistent",
        ),
        ({"filter": {"kind": "low"}}, "filter.cut: Field required", "the tag is no step"),
        (
            {"filter": {"kind": "mid"}},
            "filter: 'kind' is 'mid', not one of 'low', 'high'",
            "a tag that there is not",
        ),
        ({"filter": {}}, "filter: 'kind' is missing", "no tag"),
        ({"text": [{"kind": "low"}]}, "text.0.cut: Field required", "a list where text may be"),
        (
            {"port": "a", "prot": 1},
            "port: Input should be a valid integer, got 'a'; prot: there is no such field",
            "everything at once",
        ),
    ],
)
def test_faults_are_named_as_the_document_has_them(
    document: object, sentence: str, why: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Page.model_validate(document)
    assert said(caught.value, document) == sentence, why


@pytest.mark.parametrize(
    ("text", "sentence", "why"),
    [
        ("a: [", "f: not YAML at line 1, column 5: expected the node content", "an open list"),
        ("\ta: 1", "f: not YAML at line 1, column 1: found character '\\t'", "a tab"),
        ("a: 2024-99-99", "f: not YAML: month must be in 1..12", "a date that is none"),
        ("a: \x00", "f: not YAML: unacceptable character #x0000", "a control character"),
        ("a: !!python/name:os.system", "f: not YAML at line 1, column 4: could not", "a tag"),
        ("[" * 5000, "f: nested too deeply", "more brackets than anybody reads"),
    ],
)
def test_what_is_no_yaml_is_one_line(text: str, sentence: str, why: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_yaml(text, source="f")
    assert str(caught.value).startswith(sentence), why
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"{", "not JSON: EOF while parsing an object at column 1"),
        (b"nan", "not JSON: expected ident at column 2"),
        (b'"\xff"', "not JSON: invalid unicode code point at column 2"),
        (b'"\\ud800"', "not JSON: "),
        (b"[" * 5000, "not JSON: recursion limit exceeded"),
    ],
)
def test_what_is_no_json_is_one_line(text: bytes, sentence: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_json(text)
    assert str(caught.value).startswith(sentence)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xef\xbb\xbf1")
    assert read_text(tmp_path / "f") == "1"
    assert parse_json(b"\xef\xbb\xbf1") == parse_json("1") == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none", "No such file or directory"),
        ("folder", "Is a directory"),
        ("latin", "not UTF-8 at byte 1"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin").write_bytes(b"a\xe9")
    with pytest.raises(DocumentError) as caught:
        read_text(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: {sentence}"
