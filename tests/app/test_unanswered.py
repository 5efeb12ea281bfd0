"""What never closes is no answer: through the service, by every rule, in every think syntax."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from harmo import run_table
from tests.app.serving import body, group

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def explained(client: httpx.AsyncClient, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The completions of the first group as they are answered, with their details."""
    response = await client.post("/score?explain=true", json=asked)
    assert response.status_code == 200, response.text
    completions: list[dict[str, Any]] = response.json()["groups"][0]["completions"]
    return completions


TEXTS = [
    # prefix, text, reward, why
    ("", "\\boxed{4}", 1.0, "a policy that does not think"),
    ("", "<think>so \\boxed{4}", 0.0, "the box is a thought"),
    ("<think>\n", "so \\boxed{4}", 0.0, "the template opened it"),
    ("<think>\n", "so</think>\\boxed{4}", 1.0, "and the policy closed it"),
    ("<think>\n", "so</think>\\boxed{4}<think>", 0.0, "and opened it again"),
    ("<think>\n", "so</THINK>\\boxed{4}", 0.0, "a variant closes nothing"),
    ("<think>\n\n</think>\n\n", "\\boxed{4}", 1.0, "the template opened and closed it"),
    ("", "\\boxed{4} <think>hm", 0.0, "what stood before it does not count"),
    ("", "<answer>4", 0.0, "an element that never closes"),
    ("<answer>", "4", 0.0, "be it opened by the template"),
    ("<answer>", "4</answer>", 1.0, "and the stop string kept"),
    ("", "<think>a</think><answer>4</answer> <answer>", 0.0, "an element after one that closed"),
    ("", "I use <answer> tags: <answer>4</answer>", 1.0, "a tag that is named"),
]


@pytest.mark.parametrize(("prefix", "text", "reward", "why"), TEXTS)
@pytest.mark.parametrize("truncated", [False, True])
@pytest.mark.parametrize("recipe", ["rules", "math"])
async def test_what_never_closes_is_wrong(
    client: httpx.AsyncClient,
    recipe: str,
    truncated: bool,
    prefix: str,
    text: str,
    reward: float,
    why: str,
) -> None:
    asked = group(text, prefix=prefix)
    asked["completions"][0]["truncated"] = truncated
    (completion,) = await explained(client, body(asked, recipe=recipe))
    assert (completion["scores"][0], completion["reasons"][0]) == (reward, None), why
    if recipe == "math" and "never closes" in completion["detail"][0].get("why", ""):
        assert completion["reward"] == 0.0, "the format is not kept either"


@pytest.mark.parametrize(
    ("recipe", "reward", "reason"),
    [("cut-wrong", 0.0, None), ("cut-unscored", None, "truncated")],
)
async def test_on_truncated_stands(
    client: httpx.AsyncClient, recipe: str, reward: float | None, reason: str | None
) -> None:
    asked = group("<think>so \\boxed{4}")
    asked["completions"][0]["truncated"] = True
    (completion,) = await explained(client, body(asked, recipe=recipe))
    assert (completion["reward"], completion["reason"]) == (reward, reason)


async def test_the_detail_and_the_confidence_say_that_there_is_no_answer(
    client: httpx.AsyncClient,
) -> None:
    (completion,) = await explained(client, body(group("<think>so \\boxed{4}")))
    (detail,) = completion["detail"]
    assert (detail["why"], detail["pair"]) == ("<think> never closes", "no_answer")
    assert completion["confidences"] == [1.0], "a fact: no model may stand in for it"


@pytest.mark.parametrize(
    ("recipe", "columns", "why"),
    [
        ("any", 1, "a pattern that matches nothing, too"),
        ("always", 2, "plugins, by sample and by group"),
        ("trips", 1, "a plugin that trips over it: no text may buy an abstention"),
    ],
)
async def test_whatever_a_rule_makes_of_an_empty_text(
    client: httpx.AsyncClient, recipe: str, columns: int, why: str
) -> None:
    texts = ("<think>7", "a</think>7", "<think>7", "<think>8 <answer>", "8")
    completions = await explained(client, body(group(*texts), recipe=recipe))
    values = [completion["scores"] for completion in completions]
    assert values == [[value] * columns for value in (0.0, 1.0, 0.0, 0.0, 1.0)], why
    assert [c["detail"][0].get("why") for c in completions][::2] == [
        "<think> never closes", "<think> never closes", None
    ]  # fmt: skip


async def test_an_abstention_stays_one(client: httpx.AsyncClient) -> None:
    asked = body(group("<think>7", "7", reference=None), recipe="always")
    completions = await explained(client, asked)
    assert [completion["reasons"][0] for completion in completions] == ["no_reference"] * 2


async def test_a_term_that_reads_all_of_it_judges_all_of_it(client: httpx.AsyncClient) -> None:
    (completion,) = await explained(client, body(group("<think>\\boxed{4}"), recipe="full"))
    assert completion["scores"] == [1.0]


TAGGED = [
    # text, scores of answer, custom format and boxed, why
    ("[THINK]a[/THINK]\\boxed{4}", [1.0, 1.0, 1.0], "closed"),
    ("[THINK]\\boxed{4}", [0.0, 0.0, 0.0], "open"),
    ("[THINK]a</think>\\boxed{4}", [0.0, 0.0, 0.0], "closed by the tag of another syntax"),
    ("\\boxed{4}", [1.0, 0.0, 1.0], "no thinking"),
    ("<think>so \\boxed{4}", [1.0, 0.0, 1.0], "the tags of another syntax are text"),
]


@pytest.mark.parametrize(("text", "scores", "why"), TAGGED)
async def test_the_tags_of_a_recipe_hold_for_all_its_terms(
    client: httpx.AsyncClient, text: str, scores: list[float], why: str
) -> None:
    (completion,) = await explained(client, body(group(text), recipe="tags"))
    assert completion["scores"] == scores, why


@pytest.mark.parametrize(
    ("turns", "reward", "why"),
    [
        (["a</think>look", "b</think>\\boxed{4}"], 1.0, "the template opens every turn"),
        (["a</think>look", "\\boxed{4}"], 0.0, "the last turn never closed its own"),
        (["never", "b</think>\\boxed{4}"], 1.0, "the last turn is what answers"),
    ],
)
async def test_the_prefix_stands_before_the_last_assistant_turn(
    client: httpx.AsyncClient, turns: list[str], reward: float, why: str
) -> None:
    first, last = ({"role": "assistant", "content": text} for text in turns)
    messages = [first, {"role": "tool", "content": "2"}, last]
    asked = group(prefix="<think>\n") | {"completions": [{"id": "0", "messages": messages}]}
    (completion,) = await explained(client, body(asked))
    assert completion["reward"] == reward, why


async def test_tables_agree_with_the_service() -> None:
    rows = [
        ({"reference": "4", "completion": "<think>4"}, 0.0, "never closed"),
        ({"reference": None, "completion": "<think>4"}, "no_reference", "nothing to compare"),
        ({"reference": "4", "completion": "4"}, 1.0, "no thinking"),
    ]
    run_table("rule.always", rows)


async def test_a_table_says_of_a_value_outside_its_bounds_what_the_service_says() -> None:
    run_table("aspect.pays_17", [({"completion": "4"}, "out_of_bounds", "17 of an aspect")])
