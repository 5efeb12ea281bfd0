"""POST /score from the outside: verdicts, order, abstentions, explanations."""

from __future__ import annotations

import base64
import io
import json
import math
from typing import Any

import httpx
import pytest
from PIL import Image

from harmo_client.wire import ScoreResponse
from tests.app.serving import body, group

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def rewards(client: httpx.AsyncClient, asked: dict[str, Any]) -> ScoreResponse:
    response = await client.post("/score", json=asked)
    assert response.status_code == 200, response.text
    return ScoreResponse.model_validate_json(response.content)


def png(width: int = 8, height: int = 8) -> str:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def gif() -> str:
    file = io.BytesIO()
    frames = [Image.new("P", (8, 8), k) for k in range(3)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return base64.b64encode(file.getvalue()).decode()


async def test_order_length_and_ids_are_those_asked(client: httpx.AsyncClient) -> None:
    asked = body(
        group("4", "5", id="b"), group("<answer>4</answer>", id="a"), group(id="empty", size=2)
    )
    answer = await rewards(client, asked)
    assert [g.id for g in answer.groups] == ["b", "a", "empty"]
    assert [[c.id for c in g.completions] for g in answer.groups] == [["0", "1"], ["0"], []]
    assert [c.reward for g in answer.groups for c in g.completions] == [1.0, 0.0, 1.0]


async def test_empty_groups_get_an_empty_answer(client: httpx.AsyncClient) -> None:
    assert (await rewards(client, body())).groups == []


RIGHT_TO_LEFT = "\u202e4\u202c"
WRONG_OR_RIGHT = [
    ("", 0.0, "empty: no answer"),
    (" \n\t ", 0.0, "whitespace: no answer"),
    ("\x00", 0.0, "NUL: no answer"),
    ("\\boxed{4}\x00", 1.0, "NUL after the answer changes nothing"),
    (RIGHT_TO_LEFT, 1.0, "right-to-left marks around the answer"),
    ("<think>\\boxed{4}</think>", 0.0, "answer only in the thinking"),
    ("\\boxed{4} or \\boxed{5}", 0.0, "two different boxed answers"),
    ("I do not know", 0.0, "no answer"),
    ("\\boxed{" * 20_000, 0.0, "open braces"),
    ("\\boxed{__import__('os').system('echo pwned')}", 0.0, "code is not an answer"),
    ("\\boxed{9^{9^{9^9}}}", 0.0, "a tower against a readable reference"),
    ("\\boxed{((9!)!)!}", 0.0, "nested factorials against a readable reference"),
]


@pytest.mark.parametrize(
    ("text", "reward"), [(t, r) for t, r, _ in WRONG_OR_RIGHT], ids=[w for *_, w in WRONG_OR_RIGHT]
)
async def test_nothing_a_policy_writes_is_an_abstention(
    client: httpx.AsyncClient, text: str, reward: float
) -> None:
    answer = await rewards(client, body(group(text, "\\boxed{4}")))
    first, sibling = answer.groups[0].completions
    assert (first.reward, first.reason) == (reward, None)
    assert sibling.reward == 1.0


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        pytest.param(None, "no_reference", id="a rule needs a reference"),
        pytest.param("\\frac{1}{", "unreadable_reference", id="a broken reference"),
    ],
)
async def test_a_bad_reference_abstains_for_the_whole_group(
    client: httpx.AsyncClient, reference: object, reason: str
) -> None:
    answer = await rewards(client, body(group("4", "5", "", reference=reference)))
    assert [(c.reward, c.reason) for c in answer.groups[0].completions] == [(None, reason)] * 3
    exposed = (await client.get("/metrics")).text
    labels = (
        f'cause="request",column="answer",reason="{reason}",'
        'recipe="rules",run="",scorer="rule.math",split="train"'
    )
    assert f"harmo_abstentions_total{{{labels}}}" in exposed
    faults = 'harmo_reference_faults_total{column="answer",scorer="rule.math"}'
    assert faults in exposed or reason == "no_reference"


async def test_a_megabyte_of_completion_is_null_and_its_siblings_stand(
    client: httpx.AsyncClient,
) -> None:
    answer = await rewards(client, body(group("x" * 1_000_000, "\\boxed{4}")))
    long, sibling = answer.groups[0].completions
    assert (long.reward, long.reason) == (None, "completion_too_long")
    assert sibling.reward == 1.0


BAD_IMAGES = [
    ("not base64!", "base64 only"),
    (base64.b64encode(b"\x89PNG\r\n\x1a\nbroken").decode(), "truncated file"),
    (base64.b64encode(b"<svg/>").decode(), "disguised: not a picture"),
    ("file:///etc/passwd", "no paths"),
    ("http://169.254.169.254/", "no addresses"),
]


@pytest.mark.parametrize(
    ("data", "why"), [*BAD_IMAGES, (gif(), "animated"), (png(200, 200), "over the pixel limit")]
)
async def test_an_unreadable_image_leaves_its_group_unscored(
    client: httpx.AsyncClient, data: str, why: str
) -> None:
    asked = body(
        group("4", images=[{"data": data}]), group("4", id="next", images=[{"data": png()}])
    )
    response = await client.post("/score?explain=true", json=asked)
    bad, good = response.json()["groups"]
    assert bad["completions"][0]["reason"] == "unreadable_image", why
    assert good["completions"][0]["reward"] == 1.0
    assert " at 0x" not in response.text
    assert "/tmp" not in response.text


async def test_contributions_sum_to_the_reward_in_every_column_vector(
    client: httpx.AsyncClient,
) -> None:
    texts = ["<think>two and two</think><answer>4</answer>", "4", "5", "<answer>5</answer>"]
    asked = group(*texts)
    for tokens, completion in zip((8, 30, 12, 5), asked["completions"], strict=True):
        completion["num_tokens"] = tokens
    answer = await rewards(client, body(asked, recipe="hybrid"))
    (scored,) = answer.groups
    names = [c.name for c in answer.columns]
    assert names == ["model.reward", "answer", "aspect.format", "length.linear"]
    for completion in scored.completions:
        assert completion.reward is not None
        assert math.isclose(sum(completion.contributions), completion.reward, rel_tol=1e-6)
        assert len(completion.scores) == len(completion.reasons) == len(names)
    values = [c.reward or 0.0 for c in scored.completions]
    assert scored.stats.std == pytest.approx(
        (sum((v - sum(values) / 4) ** 2 for v in values) / 3) ** 0.5
    )
    assert scored.weights == [0.5, 1.0, 0.25, 0.25]


async def test_explain_says_what_was_extracted(client: httpx.AsyncClient) -> None:
    response = await client.post("/score?explain=true", json=body(group("so \\boxed{5}")))
    detail = response.json()["groups"][0]["completions"][0]["detail"][0]
    assert "5" in json.dumps(detail)
    plain = await client.post("/score", json=body(group("so \\boxed{5}")))
    assert plain.json()["groups"][0]["completions"][0].get("detail") is None


@pytest.mark.parametrize(
    ("recipe", "text", "column", "reason"),
    [
        pytest.param(
            "raises",
            "boom. The answer is 4",
            "rule.raises",
            "scorer_error",
            id="a scorer that raises",
        ),
        pytest.param("nan", "4", "rule.gives_nan", "non_finite", id="a scorer that returns NaN"),
        pytest.param(
            "aspects", "hang. The answer is 4", "aspect.hangs", "deadline", id="a scorer that hangs"
        ),
        pytest.param("aspects", "4", "aspect.too_few", "wrong_length", id="too few scores"),
        pytest.param("aspects", "4", "aspect.not_a_score", "scorer_error", id="not a Score"),
        pytest.param("plugins", "4", "aspect.exits", "scorer_error", id="exit in a thread"),
        pytest.param("plugins", "4", "aspect.exits_later", "scorer_error", id="exit on the loop"),
        pytest.param("plugins", "4", "aspect.cancels", "scorer_error", id="a stray cancellation"),
        pytest.param("plugins", "4", "aspect.huge", "non_finite", id="a score beyond all bounds"),
    ],
)
async def test_a_failing_scorer_abstains_and_the_other_columns_stand(
    client: httpx.AsyncClient, recipe: str, text: str, column: str, reason: str
) -> None:
    answer = await rewards(client, body(group(text), recipe=recipe))
    names = [c.name for c in answer.columns]
    completion = answer.groups[0].completions[0]
    assert completion.reasons[names.index(column)] == reason
    assert completion.scores[names.index("rule.math")] == 1.0


@pytest.mark.parametrize(
    ("recipe", "text", "reward"),
    [
        ("math", "\\boxed{51 \\cdot 99}", 0.0),
        ("math", "\\boxed{51 \\cdot 99 = 5049}", 1.0),
        ("rules", "\\boxed{51 \\cdot 99}", 1.0),
    ],
    ids=["the question again", "worked out", "a recipe that does not ask for that"],
)
async def test_the_question_is_no_answer_in_the_maths_recipe(
    client: httpx.AsyncClient, recipe: str, text: str, reward: float
) -> None:
    asked = group(text, prompt="What is 51 * 99?", reference="5049", task="math")
    answer = await rewards(client, body(asked, recipe=recipe))
    assert answer.groups[0].completions[0].scores[0] == reward


async def test_prefix_opens_the_think_part(client: httpx.AsyncClient) -> None:
    asked = group("it is 5</think><answer>4</answer>", prefix="<think>\n")
    answer = await rewards(client, body(asked))
    assert answer.groups[0].completions[0].reward == 1.0


async def test_rules_read_the_last_assistant_turn_of_a_conversation(
    client: httpx.AsyncClient,
) -> None:
    turns = [
        {"role": "assistant", "content": "\\boxed{5}", "tool_calls": [{"name": "check"}]},
        {"role": "tool", "content": "wrong"},
        {"role": "assistant", "content": [{"type": "text", "text": "\\boxed{4}"}]},
    ]
    asked = group() | {"completions": [{"id": "0", "messages": turns}]}
    answer = await rewards(client, body(asked))
    assert answer.groups[0].completions[0].reward == 1.0


async def test_a_partial_group_says_so(client: httpx.AsyncClient) -> None:
    answer = await rewards(client, body(group("4", size=8)))
    assert answer.groups[0].complete is False


async def test_every_hosted_model_is_a_recipe_of_its_own(client: httpx.AsyncClient) -> None:
    answer = await rewards(client, body(group("x" * 50), recipe="model"))
    assert [c.name for c in answer.columns] == ["model.fake"]
    assert answer.groups[0].completions[0].reward == 0.5


async def test_the_same_request_has_the_same_versions_and_rewards(
    client: httpx.AsyncClient,
) -> None:
    first, second = [await rewards(client, body(group("4", "5"))) for _ in range(2)]
    assert first.recipe == second.recipe
    assert first.recipe.version.startswith("sha256:")
    assert first.groups == second.groups


async def test_numpy_scalars_are_numbers_and_any_detail_is_json(client: httpx.AsyncClient) -> None:
    response = await client.post("/score?explain=true", json=body(group("4"), recipe="plugins"))
    assert response.status_code == 200, response.text
    completion = response.json()["groups"][0]["completions"][0]
    assert completion["scores"][1] == 0.5
    assert completion["confidences"][1] == 0.5
    assert completion["detail"][1]["nan"] == "nan"


@pytest.mark.parametrize(
    ("asked", "reasons", "why"),
    [
        (group(), [], "no completions at all"),
        (group("x" * 600_000), ["completion_too_long"], "nothing short enough"),
        (group("4", images=[{"data": "?"}]), ["unreadable_image"], "a broken image"),
        (group("x" * 490_000, prefix="y" * 60_000), ["completion_too_long"], "with its prefix"),
    ],
)  # fmt: skip
async def test_a_group_without_a_scorable_sample_leaves_the_others_alone(
    client: httpx.AsyncClient, asked: dict[str, Any], reasons: list[str], why: str
) -> None:
    answer = await rewards(client, body(asked, group("4", id="next"), recipe="math"))
    first, second = answer.groups
    assert [c.reason for c in first.completions] == reasons, why
    assert second.completions[0].scores[0] == 1.0


async def test_a_list_of_faults_without_end_is_refused_at_the_first(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/score", json=body(group("4", prompt=[1] * 90_000)))
    assert response.status_code == 422
    assert len(response.content) < 2_000


async def test_a_value_outside_its_bounds_does_not_reach_the_reward(
    client: httpx.AsyncClient,
) -> None:
    answer = await rewards(client, body(group("4", "5"), recipe="bounds"))
    for completion, rule in zip(answer.groups[0].completions, (1.0, 0.0), strict=True):
        assert completion.reasons == [None, "out_of_bounds", None]
        assert completion.scores == [rule, None, 17.0], "declared as wide, it counts"
        assert completion.reward == rule + 17.0


async def test_what_a_scorer_said_when_it_failed_is_explained(client: httpx.AsyncClient) -> None:
    asked = body(group("boom", "it goes boom \\boxed{4}"), recipe="raises")
    response = await client.post("/score?explain=true", json=asked)
    for completion in response.json()["groups"][0]["completions"]:
        assert completion["reasons"][1] == "scorer_error"
        assert completion["detail"][1] == {
            "error": "RuntimeError",
            "message": "nothing to make of '…'",
        }


async def test_a_scorer_that_is_late_by_its_own_limit_is_a_reason_and_no_504(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/score?explain=true", json=body(group("4"), recipe="late"))
    assert response.status_code == 200, response.text
    completion = response.json()["groups"][0]["completions"][0]
    assert completion["reasons"] == ["deadline"]
    assert "timeout_s of 0.05" in completion["detail"][0]["why"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("so it is 4", {"tokens": 7}),
        ("unshowable", {"error": "RuntimeError"}),
        ("too few", {"error": "wrong_length"}),
        ("too slow", {"error": "TimeoutError"}),
    ],
)
async def test_explain_shows_what_a_hosted_model_read_and_costs_no_score(
    client: httpx.AsyncClient, text: str, shown: dict[str, object]
) -> None:
    asked = body(group(text), recipe="model")
    response = await client.post(
        "/score?explain=true", json=asked, headers={"X-Deadline-Ms": "2000"}
    )
    explained = response.json()["groups"][0]["completions"][0]
    assert explained["detail"][0]["input"].items() >= shown.items()
    (plain,) = (await rewards(client, asked)).groups[0].completions
    assert explained["reward"] == plain.reward == len(text) / 100
