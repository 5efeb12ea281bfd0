from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from PIL import Image

from harmo_client import errors, wire
from harmo_client.adapters.trl import HarmoReward
from harmo_client.adapters.unscored import Unscored, fill
from harmo_client.client import RewardClient

EOS, PAD = 1, 0


def reward_from(fake: Any, **options: Any) -> HarmoReward:
    client = RewardClient(
        "http://service", transport=httpx.MockTransport(fake), first_wait_s=0.001, retry_for_s=0.05
    )
    return HarmoReward(client, **{"num_generations": 2, "end_token_ids": [EOS, PAD], **options})


def spoken(*texts: str) -> list[list[dict[str, str]]]:
    return [[{"role": "assistant", "content": text}] for text in texts]


def asked(*texts: str) -> list[list[dict[str, str]]]:
    return [[{"role": "user", "content": text}] for text in texts]


def at(step: int) -> SimpleNamespace:
    return SimpleNamespace(global_step=step)


def trainer(**changes: Any) -> SimpleNamespace:
    given = {
        "model": SimpleNamespace(training=True),
        "args": SimpleNamespace(ddp_timeout=1800),
        "num_generations": 2,
        "num_generations_eval": 1,
        "eos_token_ids": [EOS],
        "processing_class": SimpleNamespace(tokenizer=SimpleNamespace(pad_token_id=PAD)),
    }
    return SimpleNamespace(**{**given, **changes})


def test_rewards_per_row_and_none_where_there_is_none(service: Any) -> None:
    reward = reward_from(service())
    got = reward(asked("p", "p", "q", "q"), spoken("a", "unscored", "aaa", ""))
    assert got == [1.25, None, 3.25, 0.25]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"on_unscored": "skip"}, [1.25, None, 3.25, None, None]),
        # A group without any reward has no mean: skipped.
        ({"on_unscored": "group_mean"}, [1.25, 2.25, 3.25, None, None]),
        ({"on_unscored": "value", "unscored_value": -1.0}, [1.25, -1.0, 3.25, -1.0, -1.0]),
    ],
)
def test_an_unscored_sample_becomes_what_the_user_chose(
    service: Any, options: Any, expected: list[float | None]
) -> None:
    reward = reward_from(service(), num_generations=3, **options)
    texts = spoken("a", "unscored", "aaa", *["unscored"] * 3)
    assert reward(asked(*"pppqqq"), texts) == [*expected, expected[-1]]


def test_stop_raises_with_the_reasons(service: Any) -> None:
    reward = reward_from(service(), on_unscored="stop")
    assert reward(asked("p", "p"), spoken("a", "b")) == [1.25, 1.25]
    with pytest.raises(errors.UnscoredError, match="1 of 2 completions unscored: deadline 1"):
        reward(asked("p", "p"), spoken("a", "unscored"))


@pytest.mark.parametrize(
    "options",
    [
        {"on_unscored": "zero"},
        {"on_unscored": "value"},
        {"on_unscored": "skip", "unscored_value": 0.0},
        {"on_unscored": "value", "unscored_value": float("nan")},
    ],
)
def test_a_choice_that_does_not_say_what_it_means_is_refused(service: Any, options: Any) -> None:
    with pytest.raises(ValueError, match="unscored"):
        reward_from(service(), **options)


def test_a_lost_service_is_an_error_and_never_a_number(service: Any) -> None:
    reward = reward_from(service(script=[503] * 9999))
    with pytest.raises(errors.BudgetExhaustedError):
        reward(asked("p", "p"), spoken("a", "b"))


def test_groups_follow_positions_even_where_two_prompts_are_the_same_text(service: Any) -> None:
    fake = service()
    reward_from(fake)(asked(*"pppp"), spoken(*"abcd"), trainer_state=at(3))
    [body] = fake.bodies
    assert body["step"] == 3
    groups = [(g["id"], g["size"], [c["text"] for c in g["completions"]]) for g in body["groups"]]
    assert groups == [("train.0.0", 2, ["a", "b"]), ("train.0.1", 2, ["c", "d"])]


def test_group_ids_differ_between_generations_of_one_step(service: Any) -> None:
    fake = service()
    reward = reward_from(fake)
    for step in (3, 3, 4):
        reward(asked("p", "p"), spoken("a", "b"), trainer_state=at(step))
    assert [body["groups"][0]["id"] for body in fake.bodies] == [
        "train.0.0",
        "train.1.0",
        "train.0.0",
    ]


@pytest.mark.parametrize(
    ("prompts", "columns", "message"),
    [
        (asked("p", "q"), {}, "different prompt"),
        (asked("p", "p"), {"reference": ["1", "2"]}, "different reference"),
        (asked("p", "p", "q"), {}, "1 of 2 completions"),
    ],
)
def test_a_wrong_group_size_is_noticed(
    service: Any, prompts: Any, columns: Any, message: str
) -> None:
    fake = service()
    with pytest.raises(ValueError, match=message):
        reward_from(fake)(prompts, spoken(*"abc"[: len(prompts)]), **columns)
    assert fake.requests == []


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([5, EOS], (2, None)),
        ([5, PAD], (2, None)),
        ([5, 6, 7], (3, True)),  # the limit was hit
        ([], (0, None)),
    ],
)
def test_token_counts_and_truncation_come_from_the_token_ids(
    service: Any, ids: list[int], expected: tuple[int, bool | None]
) -> None:
    fake = service()
    reward_from(fake)(asked("p", "p"), spoken("a", "b"), [ids, [EOS]])
    first = fake.bodies[0]["groups"][0]["completions"][0]
    assert (first["num_tokens"], first.get("truncated")) == expected


@pytest.mark.parametrize(
    ("options", "columns", "expected"),
    [
        ({}, {"reference": ["3", "3"]}, {"reference": "3"}),
        ({"reference": "answer"}, {"answer": [3, 3]}, {"reference": 3}),
        ({"task": "kind"}, {"kind": ["math", "math"]}, {"task": "math"}),
        (
            {"references": {"caption": "caption_en"}},
            {"caption_en": ["a", "a"]},
            {"references": {"caption": "a"}},
        ),
        # Arrow fills the names a row lacks with None.
        ({}, {"references": [{"a": "x", "b": None}] * 2}, {"references": {"a": "x"}}),
        (
            {},
            {"constraints": [[{"instruction_id": "i"}]] * 2},
            {"constraints": [{"instruction_id": "i"}]},
        ),
        ({"prefix": "<think>\n"}, {}, {"prefix": "<think>\n"}),
        ({}, {"unrelated": [1, 2]}, {}),
    ],
)
def test_dataset_columns_become_fields_of_the_group(
    service: Any, options: Any, columns: Any, expected: dict[str, Any]
) -> None:
    fake = service()
    reward_from(fake, **options)(asked("p", "p"), spoken("a", "b"), **columns)
    group = fake.bodies[0]["groups"][0]
    fixed = {"id", "size", "prompt", "completions"}
    assert {k: v for k, v in group.items() if k not in fixed} == expected


def test_a_column_that_was_named_must_exist(service: Any) -> None:
    with pytest.raises(ValueError, match="no column 'answer' in the dataset; there are solution"):
        reward_from(service(), reference="answer")(
            asked("p", "p"), spoken("a", "b"), solution=["1", "1"]
        )


@pytest.mark.parametrize("where", ["prompt", "images", "image"])
def test_pictures_travel_once_per_group_as_png(service: Any, where: str) -> None:
    picture = Image.new("RGB", (4, 3), "red")
    content: list[dict[str, Any]] = [{"type": "image"}, {"type": "text", "text": "what?"}]
    columns: dict[str, Any] = {}
    if where == "prompt":
        content[0]["image"] = picture
    elif where == "images":
        columns["images"] = [[picture]] * 4
    else:
        columns["image"] = [picture] * 4
    fake = service()
    reward_from(fake)([[{"role": "user", "content": content}]] * 4, spoken(*"abcd"), **columns)
    for group in fake.bodies[0]["groups"]:
        assert group["prompt"][0]["content"] == [
            {"type": "image"},
            {"type": "text", "text": "what?"},
        ]
        [image] = group["images"]
        sent = Image.open(io.BytesIO(base64.b64decode(image["data"])))
        assert (sent.format, sent.size, sent.getpixel((0, 0))) == ("PNG", (4, 3), (255, 0, 0))


def test_scores_are_logged_by_column(service: Any) -> None:
    metrics: dict[str, float] = {}
    extra: dict[str, Sequence[object]] = {}
    reward_from(service())(
        asked(*"ppqq"),
        spoken("a", "unscored", "bb", "cc"),
        log_metric=metrics.__setitem__,
        log_extra=extra.__setitem__,
    )
    metrics.pop("harmo/seconds")
    assert metrics == {
        "columns/answer": pytest.approx(5 / 3),
        "columns/aspect.format": 1.0,
        "harmo/unscored": 0.25,
        "harmo/zero_variance": 1.0,  # of the one group with two rewards
    }
    assert extra == {
        "answer": [1.0, None, 2.0, 2.0],
        "aspect.format": [1.0] * 4,
        "unscored": [None, "deadline", None, None],
    }


def test_an_attached_reward_reads_what_the_trainer_knows(service: Any) -> None:
    fake = service()
    reward = reward_from(fake, num_generations=None, end_token_ids=None)
    tuner = trainer()
    reward.attach(tuner)
    reward(asked("p", "p"), spoken("a", "b"), [[5], [PAD]], trainer_state=at(1))
    tuner.model.training = False
    reward(asked("p", "q"), spoken("a", "b"), [[5], [PAD]], trainer_state=at(1))
    train, evaluation = fake.bodies
    assert [c.get("truncated") for c in train["groups"][0]["completions"]] == [True, None]
    assert (train["split"], [g["size"] for g in train["groups"]]) == ("train", [2])
    assert (evaluation["split"], [g["size"] for g in evaluation["groups"]]) == ("eval", [1, 1])
    assert [g["id"] for g in evaluation["groups"]] == ["eval.0.0", "eval.0.1"]


def test_a_group_size_that_is_not_the_trainers_is_refused(service: Any) -> None:
    # Half a group has one prompt too: nothing later would notice.
    with pytest.raises(ValueError, match="num_generations=2, but the trainer's groups have 4"):
        reward_from(service(), num_generations=2).attach(trainer(num_generations=4))


@pytest.mark.parametrize("missing", ["num_generations", "end_token_ids"])
def test_an_unattached_reward_says_what_it_lacks(service: Any, missing: str) -> None:
    reward = reward_from(service(), **{missing: None})
    with pytest.raises(ValueError, match=rf"{missing} or call reward\.attach\(trainer\)"):
        reward(asked("p", "p"), spoken("a", "b"), [[5], [5]])


def test_columns_share_one_request_and_none_stays_none_in_each(service: Any) -> None:
    fake = service()
    answer, form = reward_from(fake, recipe="demo").columns()
    fake.requests.clear()
    for texts, expected in (
        (spoken("a", "unscored"), [[1.0, None], [0.25, None]]),
        (spoken("bb", ""), [[2.0, 0.0], [0.25, 0.25]]),
    ):
        assert [f(asked("p", "p"), texts, trainer_state=at(0)) for f in (answer, form)] == expected
    assert [f.__name__ for f in (answer, form)] == ["answer", "aspect.format"]
    assert len(fake.requests) == 2


@pytest.mark.parametrize(
    "recipe",
    [
        {"combine": "gate"},
        {"combine": "hero"},
        {"accuracy": "fallback"},
        {"accuracy": "confidence"},
    ],
)
def test_columns_of_a_recipe_that_does_not_add_up_are_refused(service: Any, recipe: Any) -> None:
    fake = service()
    fake.page["recipe"] = recipe
    with pytest.raises(errors.NotAdditiveError):
        reward_from(fake, recipe="demo").columns()


def test_columns_default_to_the_services_recipe_without_its_shadow_columns(service: Any) -> None:
    fake = service()
    fake.page["columns"] = [
        *fake.page["columns"],
        {"name": "judge", "family": "model", "shadow": True},
    ]
    reward = reward_from(fake)
    assert [column.__name__ for column in reward.columns()] == ["answer", "aspect.format"]
    assert [column.__name__ for column in reward.columns(["aspect.format"])] == ["aspect.format"]
    with pytest.raises(ValueError, match=r"no column accuracy; it has answer, aspect\.format"):
        reward.columns(["accuracy"])


def test_columns_refuse_a_stand_in_for_the_whole_reward(service: Any) -> None:
    with pytest.raises(ValueError, match="columns mode takes skip or stop"):
        reward_from(service(), recipe="demo", on_unscored="group_mean").columns()


def test_columns_stop_where_the_user_said_stop(service: Any) -> None:
    column, _ = reward_from(service(), recipe="demo", on_unscored="stop").columns()
    with pytest.raises(errors.UnscoredError):
        column(asked("p", "p"), spoken("a", "unscored"))


def test_a_recipe_that_stops_adding_up_is_noticed_in_the_answer(service: Any) -> None:
    fake = service()
    column, _ = reward_from(fake, recipe="demo").columns()
    fake.spoil = lambda answer: answer.update(
        columns=[answer["columns"][0], {"name": "combine.interaction", "family": "rule"}]
    )
    with pytest.raises(errors.NotAdditiveError):
        column(asked("p", "p"), spoken("a", "b"))


def test_the_table_keeps_what_a_row_was_judged_by_in_whatever_dataset_comes_next(
    service: Any,
) -> None:
    reward = reward_from(service())
    tables: list[dict[str, Sequence[object]]] = []
    constraints = [{"instruction_id": "i", "kwargs": {}}]
    for columns in (
        {"reference": [3, 3], "task": ["math", "math"], "constraints": [constraints] * 2},
        # TRL keeps every column's rows apart: one that is missing now would not fit the others.
        {"reference": ["4", "4"]},
    ):
        extra: dict[str, Sequence[object]] = {}
        reward(asked("p", "p"), spoken("a", "b"), log_extra=extra.__setitem__, **columns)
        tables.append(extra)
    first, then = tables
    assert first["reference"] == ["3", "3"]
    assert first["task"] == ["math", "math"]
    assert first["constraints"] == ['[{"instruction_id": "i", "kwargs": {}}]'] * 2
    assert then["reference"] == ["4", "4"]
    assert then["task"] == [None, None]
    assert first.keys() == then.keys()
    assert "references" not in first


def test_each_reason_is_logged_once(service: Any, caplog: pytest.LogCaptureFixture) -> None:
    reward = reward_from(service())
    for step in range(3):
        reward(asked("p", "p"), spoken("a", "unscored"), trainer_state=at(step))
    assert [record.message for record in caplog.records] == [
        "step 0: 1 of 2 completions unscored: deadline 1"
    ]


def test_who_watches_sees_the_whole_generation_and_how_often_it_was_asked_for(
    service: Any,
) -> None:
    seen: list[Any] = []
    reward = reward_from(service(script=[503, 503]), watch=seen.append)
    reward(asked(*"ppqq"), spoken(*"abcd"), trainer_state=at(7), reference=["1"] * 4)
    reward(asked("p", "p"), spoken("e", "f"), trainer_state=at(8))
    first, then = seen
    assert [group.reference for group in first.groups] == ["1", "1"]
    assert [len(group.completions) for group in first.answer.groups] == [2, 2]
    assert (first.step, first.split, first.retries) == (7, "train", 2)
    assert (then.step, then.retries) == (8, 0)


def test_who_watches_may_stop_the_run(service: Any) -> None:
    def stop(_: Any) -> None:
        raise errors.UnscoredError("enough")

    with pytest.raises(errors.UnscoredError, match="enough"):
        reward_from(service(), watch=stop)(asked("p", "p"), spoken("a", "b"))


def test_the_choice_for_unscored_samples_has_one_set_of_names() -> None:
    choice = {"on_unscored": "value", "unscored_value": -1.0}
    client = RewardClient("http://service")
    assert HarmoReward(client, **choice).unscored == Unscored(**choice)


def test_the_mean_of_a_group_counts_siblings_that_others_sent(fake_answer: Any, group: Any) -> None:
    body = {"groups": [group("7", ["unscored"]).model_dump()]}
    share = fake_answer(body)
    share["groups"][0]["stats"]["mean"] = 0.75
    answer = wire.ScoreResponse.model_validate(share)
    assert fill(answer, Unscored(on_unscored="group_mean")) == [0.75]
