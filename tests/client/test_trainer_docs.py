"""The pages of docs/trainers: what they show is what happens, as far as no trainer is needed."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from harmo.app.trainers.options import Options
from harmo.app.trainers.templates import TEMPLATES
from harmo_client import AsyncRewardClient, Completion, Group
from harmo_client.adapters.core.settings import Settings
from harmo_client.train.config import TrainConfig
from tests.conformance.overlays import version_of
from tests.conformance.trainers import TRAINERS
from tests.process import serving

DOCS = Path(__file__).parents[2] / "docs"
INDEX = (DOCS / "trainers.md").read_text(encoding="utf-8")
PAGES = {
    page.stem: page.read_text(encoding="utf-8") for page in sorted((DOCS / "trainers").glob("*.md"))
}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RIGHT, WRONG = r"\boxed{%d}", "no idea"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving("--log-level", "warning") as port:
        yield f"http://localhost:{port}"


def blocks(page: str, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(PAGES[page]) if found == language]


def file(page: str, name: str) -> str:
    """The file of that name that a page shows."""
    [text] = [t for t in blocks(page, "python") if t.startswith(f"# {name}.py\n")]
    return text


@pytest.fixture
def pasted(address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A file of a page as a module, with the address of a service that runs."""

    def paste(page: str, name: str) -> ModuleType:
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        code = file(page, name).replace("http://reward-host:8000", address)
        exec(compile(code, f"{name}.py", "exec"), vars(module))
        return module

    return paste


@pytest.mark.parametrize("page", ["openrlhf", "slime", "nemo-gym", "json"])
def test_a_curl_gets_the_answer_shown(page: str, address: str) -> None:
    [curl] = [text for text in blocks(page, "sh") if text.startswith("curl")]
    [shown] = blocks(page, "json")
    command = curl.replace("http://reward-host:8000", address)
    ran = subprocess.run(["bash", "-c", command], capture_output=True, check=True, text=True)
    assert json.loads(ran.stdout) == json.loads(shown)


def test_trls_file_gives_rewards(pasted: Any) -> None:
    reward = pasted("trl", "harmo_trl").reward
    reward.num_generations, reward.end_token_ids = 2, [1]
    prompts = ["1 + 1 = ?"] * 2
    right, wrong = reward(prompts, [RIGHT % 2, WRONG], [[5, 1]] * 2, solution=["2", "2"])
    assert right > 1.0 > wrong


def test_swifts_plugin_gives_rewards(pasted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    registry: dict[str, type] = {}
    rewards = ModuleType("swift.rewards")
    vars(rewards).update(orms=registry)
    monkeypatch.setitem(sys.modules, "swift", ModuleType("swift"))
    monkeypatch.setitem(sys.modules, "swift.rewards", rewards)
    pasted("swift", "harmo_swift")
    completions = [RIGHT % 2, WRONG]
    columns = {
        "messages": [
            [{"role": "user", "content": "?"}, {"role": "assistant", "content": text}]
            for text in completions
        ],
        "solution": ["2", "2"],
        "prompt_id": ["a", "a"],
    }
    right, wrong = asyncio.run(registry["harmo"]()(completions, **columns))
    assert right > 1.0 > wrong


def test_easyr1s_file_gives_rewards(pasted: Any, address: str) -> None:
    rows = [
        {"response": text, "response_length": 3, "ground_truth": "2"} for text in (RIGHT % 2, WRONG)
    ]
    score = pasted("easyr1", "harmo_easyr1").compute_score
    right, wrong = score(rows, url=address, recipe="math", run="exp-42")
    assert right["overall"] > 1.0 > wrong["overall"]
    assert right.keys() == wrong.keys()


def test_a_function_of_ones_own_gives_rewards(pasted: Any) -> None:
    rewards = pasted("json", "rewards").rewards
    right, wrong = asyncio.run(rewards("1 + 1 = ?", "2", [RIGHT % 2, WRONG]))
    assert right > 1.0 > wrong


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

    assert all(asyncio.run(generation()))


def share(id: str, prompt: int) -> Group:
    """One of eight members of a group."""
    completion = Completion(id=id, text=RIGHT % 1)
    return Group(id=str(prompt), prompt="", reference="1", size=8, completions=[completion])


def test_the_configs_of_harmo_train_are_valid() -> None:
    named, started = (
        TrainConfig.model_validate(yaml.safe_load(text)) for text in blocks("harmo-train", "yaml")
    )
    assert named.dataset.held_out is not None
    assert named.service.serve is None
    assert started.service.serve is not None
    assert started.service.serve.audit


def first_cells(section: str) -> set[str]:
    """The names in the first column of a section's table."""
    text = INDEX.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_every_option_of_a_url_and_every_setting_is_in_its_table() -> None:
    assert first_cells("What the URL may say") == set(Options.model_fields)
    assert first_cells("Settings of the adapters") == set(Settings.model_fields)


def test_the_chat_templates_are_listed() -> None:
    [row] = [line for line in INDEX.splitlines() if line.startswith("| `template` |")]
    assert re.findall(r"`([\w]+)`", row)[1:] == list(TEMPLATES)


@pytest.mark.parametrize("trainer", TRAINERS)
def test_the_conformance_table_has_what_is_pinned(trainer: str) -> None:
    assert TRAINERS[trainer].row(version_of(trainer)) in INDEX


def test_every_page_is_in_the_index() -> None:
    assert set(re.findall(r"\(trainers/([\w-]+)\.md\)", INDEX)) == set(PAGES)
