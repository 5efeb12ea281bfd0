"""The functions of docs/trainers.md, called as the trainers' sources call them."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml

from harmo_client import AsyncRewardClient, Completion, Group
from harmo_client.train.config import TrainConfig
from tests.process import serving

DOCS = (Path(__file__).parents[2] / "docs" / "trainers.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```python\n# (\w+)\.py\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL))
PROMPTS, GROUP_SIZE = 8, 8
RIGHT, WRONG = r"\boxed{%d}", "no idea"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving("--log-level", "warning") as port:
        yield f"http://localhost:{port}"


@pytest.fixture
def pasted(address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A block of the page as a module, with the address of a service that runs."""

    def paste(name: str) -> ModuleType:
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        code = FILES[name].replace("http://localhost:8000", address)
        exec(compile(code, f"{name}.py", "exec"), vars(module))
        return module

    return paste


def run(coroutine: Any, *, threads: int = 2) -> Any:
    """The coroutine's result, on an event loop that has few threads to hand work to."""

    async def with_few_threads() -> Any:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads))
        return await coroutine

    return asyncio.run(with_few_threads())


def test_verls_function_scores_groups_whose_members_come_one_by_one(pasted: Any) -> None:
    verl = pasted("harmo_verl")

    async def generation() -> list[dict[str, float]]:
        # The first members of all groups, then the second ones: no group is whole until the end.
        calls = [
            verl.compute_score(
                data_source="sums",
                solution_str=RIGHT % prompt if member % 2 else WRONG,
                ground_truth=str(prompt),
                extra_info={"index": prompt, "split": "train", "num_turns": 2},
            )
            for member in range(GROUP_SIZE)
            for prompt in range(PROMPTS)
        ]
        return await asyncio.gather(*calls)

    scores = run(generation())
    assert len(scores) == 64
    assert {frozenset(score) for score in scores} == {frozenset({"score", "scored"})}
    assert all(score["scored"] == 1.0 for score in scores)
    for member in range(GROUP_SIZE):
        of_members = scores[member * PROMPTS : (member + 1) * PROMPTS]
        assert all((score["score"] >= 1.0) is bool(member % 2) for score in of_members)


def test_more_members_may_wait_than_httpx_opens_connections_by_itself(address: str) -> None:
    async def generation() -> list[bool]:
        async with AsyncRewardClient(address, in_flight=160) as client:
            answers = [
                client.score(
                    [share(str(i), i % 20)], recipe="math", run="many", wait_for_group_ms=5_000
                )
                for i in range(160)
            ]
            return [answer.groups[0].complete for answer in await asyncio.gather(*answers)]

    assert all(run(generation()))


def share(id: str, prompt: int) -> Group:
    """One of eight members of a group."""
    completion = Completion(id=id, text=RIGHT % 1)
    return Group(id=str(prompt), prompt="", reference="1", size=8, completions=[completion])


def test_verls_function_needs_no_siblings_in_validation_and_marks_what_has_no_reward(
    pasted: Any,
) -> None:
    verl = pasted("harmo_verl")
    info = {"index": 0, "split": "test"}
    assert run(verl.compute_score("sums", RIGHT % 1, None, extra_info=info)) == {
        "score": 0.0,
        "scored": 0.0,
    }


def test_slimes_function_scores_a_group(pasted: Any) -> None:
    pasted("rewards")
    samples = [
        SimpleNamespace(prompt="1 + 1 = ?", label="2", response=text) for text in (RIGHT % 2, WRONG)
    ]
    right, wrong = run(pasted("harmo_slime").reward(SimpleNamespace(), samples))
    assert right > 1.0 > wrong


def test_swifts_class_scores_a_batch_on_a_loop_of_its_own(
    pasted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry: dict[str, type] = {}
    rewards = ModuleType("swift.rewards")
    vars(rewards).update(AsyncORM=object, orms=registry)
    monkeypatch.setitem(sys.modules, "swift", ModuleType("swift"))
    monkeypatch.setitem(sys.modules, "swift.rewards", rewards)
    pasted("harmo_swift")
    harmo = registry["harmo"]()
    completions = [RIGHT % 2, WRONG, RIGHT % 3]
    columns = {
        "messages": [
            [{"role": "user", "content": "?"}, {"role": "assistant", "content": text}]
            for text in completions
        ],
        "solution": ["2", "2", None],
        "prompt_id": ["a", "a", "b"],
        "trainer_state": None,
    }
    for _ in range(2):  # each batch has an event loop of its own
        right, wrong, unscored = run(harmo(completions, **columns))
        assert right > 1.0 > wrong
        assert unscored is None


def test_easyr1s_function_scores_a_batch(pasted: Any) -> None:
    rows = [
        {"response": text, "response_length": 3, "ground_truth": truth}
        for text, truth in ((RIGHT % 2, "2"), (WRONG, "2"), (RIGHT % 2, None))
    ]
    right, wrong, unscored = pasted("harmo_easyr1").compute_score(rows)
    assert right["overall"] > 1.0 > wrong["overall"]
    assert [row["scored"] for row in (right, wrong, unscored)] == [1.0, 1.0, 0.0]


def test_the_config_on_the_page_is_valid() -> None:
    [text] = re.findall(r"^```yaml\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
    config = TrainConfig.model_validate(yaml.safe_load(text))
    assert config.dataset.held_out is not None
