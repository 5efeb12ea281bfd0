"""A group as its page shows it: from the store, from an answer, and as files to take away."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.console.model.group import exports, reasons
from harmo.console.model.group.answered import of_answer
from harmo.console.model.group.evidence import answer_of, evidence, failed, unread
from harmo.console.model.group.kept import of_kept
from harmo.console.model.group.shown import settled
from harmo.scorers.types import Reason
from harmo_client import wire
from tests.audit.made import made_store
from tests.console.shown_groups import INSTRUCTIONS, RULE, cell, completion, group


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> list[KeptGroup]:
    folder = made_store(tmp_path_factory.mktemp("store"), groups=120, pictures=True, hostile=True)
    return list(Reader(folder).groups(Query(), pictures=True))


def test_contributions_of_a_stored_group_sum_to_its_rewards(kept: list[KeptGroup]) -> None:
    for each in kept:
        for one in of_kept(each).completions:
            if one.reward is not None:
                paid = sum(cell.contribution for cell in one.cells)
                assert paid == pytest.approx(one.reward, abs=1e-6)


def test_advantages_of_a_stored_group_sum_to_nothing(kept: list[KeptGroup]) -> None:
    for each in kept:
        known = [c.advantage for c in of_kept(each).completions if c.advantage is not None]
        assert sum(known) == pytest.approx(0.0, abs=1e-6)


def test_an_abstention_has_its_reason_and_no_confidence(kept: list[KeptGroup]) -> None:
    cells = [c for each in kept for one in of_kept(each).completions for c in one.cells]
    missing = [c for c in cells if c.score is None]
    assert missing
    assert all(c.reason and c.confidence is None for c in missing)
    assert all(c.reason is None for c in cells if c.score is not None)


def test_a_stored_group_as_a_request_reads_back_as_it_was(kept: list[KeptGroup]) -> None:
    for each in kept:
        body = exports.as_json(exports.request_of(each))
        [asked] = wire.ScoreRequest.model_validate_json(body).groups
        first = each.group.samples[0]
        assert asked.id == each.group.id
        assert asked.reference == first.reference
        assert len(asked.images) == len(first.images)
        assert [c.num_tokens for c in asked.completions] == [
            s.num_tokens for s in each.group.samples
        ]


def test_half_a_letter_is_no_part_of_a_request(kept: list[KeptGroup]) -> None:
    first = kept[0].group.samples[0]
    group = replace(kept[0].group, samples=(replace(first, completion="half \ud83d"),))
    one = replace(kept[0], group=group, ids=kept[0].ids[:1])
    asked = json.loads(exports.as_json(exports.request_of(one)))
    assert asked["groups"][0]["completions"][0]["text"] == "half ?"


def test_a_request_names_no_run_to_count_into(kept: list[KeptGroup]) -> None:
    assert exports.request_of(kept[0]).run is None


def test_a_group_without_texts_has_no_request(kept: list[KeptGroup]) -> None:
    with pytest.raises(exports.NothingKeptError, match="--audit-texts full"):
        exports.request_of(replace(kept[0], texts="hash"))


def test_a_column_with_a_formula_for_a_name_is_text_in_a_csv() -> None:
    columns = (replace(RULE, name="=1+1"),)
    shown = group(completion(0, cells=(cell(),)), columns=columns)
    head = exports.as_csv(shown).splitlines()[0]
    assert "'=1+1.score" in head


def test_who_wrote_the_same_as_a_sibling_is_told() -> None:
    shown = group(completion(0, "a"), completion(1, "b"), completion(2, "a"), completion(3))
    assert [one.twin for one in shown.completions] == [None, None, 0, None]


def test_who_wrote_the_same_is_told_by_hashes_where_texts_were_not_kept() -> None:
    made = [completion(0), completion(1), completion(2)]
    assert [one.twin for one in settled(made, ("a", "b", "a"))] == [None, None, 0]


@pytest.mark.parametrize(
    ("rewards", "right", "expected"),
    [
        ((1.0, 0.2), (False, True), 0),
        ((1.0, 0.2), (True, False), None),
        ((0.5, 0.5), (False, True), None),
        ((0.5, None), (False, None), None),
        ((0.4, 0.1, 0.3), (False, False, False), 0),
        ((), (), None),
    ],
    ids=["wrong is best", "right is best", "all equal", "only one", "all wrong", "none"],
)
def test_the_wrong_completion_that_is_paid_best_is_found(
    rewards: tuple[float | None, ...], right: tuple[bool | None, ...], expected: int | None
) -> None:
    made = [
        completion(i, reward=r, correct=c)
        for i, (r, c) in enumerate(zip(rewards, right, strict=True))
    ]
    paid = group(*made).paid_wrong
    assert (None if paid is None else paid.place) == expected


def test_evidence_says_what_was_read_and_what_was_not_followed() -> None:
    rule = cell(detail={"answer": "0.75", "reference": "3/4", "pair": "num-decimal", "x": [1]})
    followed = [
        {"id": "punctuation:no_comma", "followed": False, "why": "contains a comma"},
        {"id": "startend:quotation", "followed": True, "why": None},
    ]
    one = completion(0, cells=(rule, cell(detail={"mode": "strict", "instructions": followed})))
    answer, instructions = evidence((RULE, INSTRUCTIONS), one)
    assert answer.facts == (("read", "0.75"), ("compared with", "3/4"))
    assert answer.rest == (("pair", "num-decimal"), ("x", "[1]"))
    assert [each.id for each in failed(one)] == ["punctuation:no_comma"]
    assert instructions.instructions[0].why == "contains a comma"
    assert answer_of((RULE, INSTRUCTIONS), one) == "0.75"


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"answer": "", "settled_by": "conflict"}, "conflict"),
        ({"answer": "", "pair": "no_answer"}, "no_answer"),
        ({"answer": ""}, "no answer"),
        ({"answer": "7"}, ""),
        ({}, ""),
    ],
)
def test_why_no_answer_was_read(detail: dict[str, object], expected: str) -> None:
    assert unread(completion(0, cells=(cell(detail=detail),))) == expected


@pytest.mark.parametrize(
    "detail",
    [
        {"instructions": "none"},
        {"instructions": [1, None]},
        {"answer": {"a": [1]}},
        {"why": "x" * 100_000},
        {f"key{i}": i for i in range(1000)},
        {"__proto__": {"a": 1}, ":onclick": "alert(1)"},
    ],
    ids=["no list", "no objects", "a structure", "long", "many", "keys of another language"],
)
def test_any_detail_becomes_few_short_lines(detail: dict[str, object]) -> None:
    [said] = evidence((RULE,), completion(0, cells=(cell(detail=detail),)))
    assert len(said.facts) + len(said.rest) <= 32
    assert all(len(value) <= 401 for _, value in (*said.facts, *said.rest))


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_sentence(reason: Reason) -> None:
    assert reasons.because(reason.value) != reasons.short(reason.value)
    assert reasons.whose(reason.value)


def test_a_reason_of_a_newer_service_is_its_own_word() -> None:
    assert reasons.because("sun_spots") == "sun spots"


def test_an_answer_of_the_service_is_shown_like_a_stored_group() -> None:
    asked = wire.Group.model_validate(
        {
            "id": "7",
            "prompt": [
                {
                    "role": "user",
                    "content": [{"type": "image"}, {"type": "text", "text": "How many?"}],
                }
            ],
            "images": [{"data": ""}],
            "completions": [{"id": "a", "text": "3"}, {"id": "b", "text": "4"}],
        }
    )
    answer = wire.ScoreResponse.model_validate(json.loads(ANSWER))
    shown = of_answer(asked, answer)
    assert shown.asked.prompt[0].parts == (0, "How many?")
    assert [c.correct for c in shown.completions] == [True, None]
    assert [c.advantage for c in shown.completions] == [0.0, None]
    assert shown.completions[1].cells[0].reason == "sun_spots"
    assert shown.completions[0].cells[1].contribution == 0.25


ANSWER = """
{"recipe": {"name": "r", "version": "v", "scorer_version": "s"},
 "columns": [{"name": "answer", "family": "rule"},
             {"name": "combine.interaction", "family": "combine"}],
 "groups": [{"id": "7", "complete": true, "weights": [1.0], "completions": [
   {"id": "a", "reward": 1.25, "reason": null, "scores": [1.0], "confidences": [0.9],
    "contributions": [1.0, 0.25], "reasons": [null], "detail": [{"answer": "3"}]},
   {"id": "b", "reward": null, "reason": "sun_spots", "scores": [null], "confidences": [null],
    "contributions": [0.0, 0.0], "reasons": ["sun_spots"], "detail": [{}]}],
  "stats": {"scored": 1, "mean": 1.25, "std": null, "zero_variance": null}}]}
"""


def test_pictures_are_served_as_what_they_are(tmp_path: Path) -> None:
    from harmo.console.files import media_type

    [first, *_] = Reader(made_store(tmp_path, groups=2, pictures=True)).groups(
        Query(), pictures=True
    )
    assert media_type(first.group.samples[0].images[0].content) == "image/png"
    for other in (b"<svg onload=alert(1)/>", b"<html>", b"GIF89a", b"", b"%PDF-1.7"):
        assert media_type(other) is None
