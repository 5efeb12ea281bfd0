"""A load as trainers make it, on a service with a model, and what came of it."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml
from PIL import Image

from tests.models import tiny

KEY = "a-key-of-a-test"
SIBLINGS = 8
RECIPE = {
    "name": "hybrid",
    "accuracy": "sum",
    "allow_inversion": True,  # what a model of random weights says may outweigh the rule
    "weights": {"model": 0.25, "rule": 1.0, "aspect": 0.25, "length": 0.25},
    "model": [{"scorer": "model.reward", "name": "judge"}],
    "rule": [{"scorer": "rule.by_task", "name": "answer"}],
    "aspect": [
        {"scorer": "aspect.format", "name": "format", "params": {"pattern": "think_answer"}}
    ],
    "length": [{"scorer": "length.cosine", "name": "length", "params": {"max_tokens": 64}}],
    "shadow": [{"scorer": "aspect.repetition", "name": "repetition"}],
}
WORDS = (
    "so",
    "we",
    "add",
    "the",
    "two",
    "and",
    "carry",
    "one",
    "then",
    "look",
    "again",
    "at",
    "it",
)
TOO_LONG = 4_000
Run = tuple[str, str, str]
"""Recipe, run and split."""
RUNS: tuple[tuple[Run, int], ...] = (
    (("hybrid", "exp-a", "train"), 6),
    (("hybrid", "exp-a", "eval"), 1),
    (("hybrid", "exp-b", "train"), 2),
    (("math", "exp-b", "train"), 1),
)
"""With how often each sends."""


def settings(folder: Path) -> dict[str, Any]:
    """Of a service with a tiny model of random weights, little room, and a key."""
    (folder / "hybrid.yaml").write_text(yaml.safe_dump(RECIPE))
    return {
        "recipes": [str(folder / "hybrid.yaml"), "math"],
        "models": [f"rm={tiny.classifier(folder / 'rm')}"],
        "workers": 2,
        "audit": str(folder / "audit"),
        "api_keys": [KEY],
        "max_in_flight_completions": 256,
        "max_completion_chars": TOO_LONG,
    }


@dataclass(slots=True)
class Seen:
    """What clients got."""

    rewards: dict[Run, list[float]] = field(default_factory=lambda: defaultdict(list))
    unscored: Counter[Run] = field(default_factory=Counter)
    groups: Counter[Run] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    took_s: float = 0.0

    def add(self, run: Run, answer: httpx.Response) -> None:
        self.statuses[answer.status_code] += 1
        if answer.status_code == 200:
            groups = answer.json()["groups"]
            rewards = [each["reward"] for group in groups for each in group["completions"]]
            self.groups[run] += len(groups)
            self.rewards[run] += [reward for reward in rewards if reward is not None]
            self.unscored[run] += rewards.count(None)


def group(number: int, draw: random.Random) -> dict[str, Any]:
    """One group of sums; some lack a reference or have equal texts, and so on."""
    left, right = draw.randint(1, 50), draw.randint(1, 50)
    total = left + right
    texts = [completion(total, draw) for _ in range(SIBLINGS)]
    asked: dict[str, Any] = {
        "id": str(number),
        "prompt": f"What is {left} + {right}?",
        "task": "math",
        "reference": str(total),
    }
    match draw.randrange(20):
        case 0:
            del asked["reference"]
        case 1:
            asked["reference"] = "\\frac{1}{"
        case 2 | 3 | 4:
            texts = [texts[0]] * SIBLINGS
        case 5:
            # A length that only a worker can compare.
            asked |= {"prompt": "How long is it?", "reference": f"{total} \\text{{ m}}"}
            texts = [f"{text}\\boxed{{{total}00 \\text{{ cm}}}}" for text in texts]
        case 6:
            texts[0] = "x" * (TOO_LONG + 1)
        case _:
            pass
    asked["completions"] = [
        {
            "id": str(place),
            "text": text,
            "num_tokens": len(text.split()),
            "truncated": draw.random() < 0.05,
        }
        for place, text in enumerate(texts)
    ]
    return asked


def completion(total: int, draw: random.Random) -> str:
    thought = " ".join(draw.choices(WORDS, k=draw.randint(3, 40)))
    answer = total if draw.random() < 0.5 else total + draw.randint(1, 9)
    if draw.random() < 0.2:
        return f"{thought} \\boxed{{{answer}}}"
    return f"<think>{thought}</think><answer>\\boxed{{{answer}}}</answer>"


class Traffic:
    """Clients of one service."""

    def __init__(self, port: int, seed: int = 0) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._draw = random.Random(seed)
        self._numbers = itertools.count()
        self._order: Iterator[Run] = itertools.cycle(
            [run for run, often in RUNS for _ in range(often)]
        )

    async def steps(self, seconds: float, *, rewards: int = 0) -> Seen:
        """Requests of two groups, from three callers at once.

        Args:
            seconds: How long at least.
            rewards: How many the busiest run shall have; it may take ten times as long.
        """
        clock = asyncio.get_running_loop().time
        seen, start_s = Seen(), clock()

        def enough() -> bool:
            took_s = clock() - start_s
            busiest = len(seen.rewards[RUNS[0][0]])
            return took_s >= seconds and (busiest >= rewards or took_s >= 10 * seconds)

        async def caller(client: httpx.AsyncClient) -> None:
            while not enough():
                run = next(self._order)
                seen.add(run, await self._score(client, run, groups=2))
                await asyncio.sleep(0.1)

        async with self._client() as client:
            await asyncio.gather(*(caller(client) for _ in range(3)))
        seen.took_s = clock() - start_s
        return seen

    async def mishaps(self) -> Counter[int]:
        """What else happens: all under a run of its own, and its statuses."""
        run = ("math", "mishaps", "train")
        async with self._client() as client:
            same = {"Idempotency-Key": f"again-{next(self._numbers)}"}
            answers = [await self._score(client, run, headers=same, groups=1)]
            again = self.body(run, 1) | {"groups": self._last}
            answers.append(await client.post("/score", json=again, headers=same))
            answers += await asyncio.gather(
                *(self._score(client, run, groups=16) for _ in range(12)),
                *(self._late(client, run) for _ in range(2)),
            )
            wrong = {"Authorization": "Bearer wrong"}
            answers.append(await client.post("/score", json={}, headers=wrong))
            answers.append(await client.post("/score", content="{", headers=JSON))
            answers.append(await self._openrlhf(client))
            answers += [await self._pictured(client, run, data) for data in (picture(), "aaaa")]
            await self._leave(run)
            await self._malformed()
        return Counter(answer.status_code for answer in answers)

    def body(self, run: Run, groups: int) -> dict[str, Any]:
        recipe, name, split = run
        asked = [group(next(self._numbers), self._draw) for _ in range(groups)]
        return {"recipe": recipe, "run": name, "split": split, "groups": asked}

    async def _score(
        self, client: httpx.AsyncClient, run: Run, *, groups: int, headers: Any = None
    ) -> httpx.Response:
        body = self.body(run, groups)
        self._last = body["groups"]
        return await client.post("/score", json=body, headers=headers)

    async def _late(self, client: httpx.AsyncClient, run: Run) -> httpx.Response:
        """A group in pieces, of which one never comes."""
        body = self.body(run, 1) | {"wait_for_group_ms": 300}
        body["groups"][0]["size"] = SIBLINGS + 1
        return await client.post("/score", json=body)

    async def _pictured(self, client: httpx.AsyncClient, run: Run, data: str) -> httpx.Response:
        body = self.body(run, 1)
        body["groups"][0]["images"] = [{"data": data, "media_type": "image/png"}]
        return await client.post("/score", json=body)

    async def _openrlhf(self, client: httpx.AsyncClient) -> httpx.Response:
        """Three rows of one prompt; the one too long gets a number of the trainer's."""
        prompt = "<|im_start|>user\nWhat is 1 + 1?<|im_end|>\n<|im_start|>assistant\n"
        texts = ["\\boxed{2}", "\\boxed{3}", "x" * (TOO_LONG + 1)]
        asked = {
            "query": [prompt + text for text in texts],
            "prompts": [prompt] * 3,
            "labels": ["2"] * 3,
        }
        return await client.post("/get_reward?recipe=hybrid&on_unscored=value&value=0", json=asked)

    async def _leave(self, run: Run) -> None:
        """Ask for much, and hang up."""
        async with self._client() as client:
            asking = asyncio.create_task(self._score(client, run, groups=16))
            await asyncio.sleep(0.05)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _malformed(self) -> None:
        host, port = self._url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"no HTTP at all\r\n\r\n")
        await reader.read()
        writer.close()

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._url,
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=60,
            trust_env=False,
        )


def picture() -> str:
    """A small PNG, in base64."""
    with io.BytesIO() as file:
        Image.new("RGB", (32, 32), "red").save(file, "PNG")
        return base64.b64encode(file.getvalue()).decode()


JSON = {"Content-Type": "application/json"}
