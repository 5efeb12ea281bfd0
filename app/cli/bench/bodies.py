"""Requests: of made-up texts, each like no other and the same by seed, or of a user's rollouts."""

from __future__ import annotations

import base64
import io
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image

from harmo.app.cli.bench.load import CHARS_PER_TOKEN, RUN, SPLIT, Load
from harmo.app.cli.bench.needs import Needs
from harmo.app.cli.bench.problems import PROBLEMS, Problem
from harmo.app.cli.rollouts import Rollout

_SENTENCES = (
    "First I write down what is given and what is asked for.",
    "The two quantities are related, so I set up an equation for them.",
    "Let me check whether that holds for a small case before I go on.",
    "Wait, the second term has the other sign, so I should correct that.",
    "Substituting the value back in gives the same result as before.",
    "In the picture there are several objects, and one of them stands apart from the rest.",
    "It helps to split the problem into two parts and to solve each of them alone.",
    "Both sides can be divided by the same factor, which leaves a simpler form.",
    "The remaining cases are symmetric, so it is enough to look at one of them.",
    "Therefore the value must be larger than the first bound and below the second one.",
    "I can verify this by counting again from the left to the right.",
    "That agrees with the estimate, so the calculation seems to be sound.",
)
_CORPUS_CHARS = 1 << 18
_PICTURES, _SIDE = 16, 448
_CONSTRAINTS = [
    {
        "instruction_id": "length_constraints:number_words",
        "kwargs": {"relation": "at least", "num_words": 20},
    }
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One request, ready to be sent."""

    content: bytes
    groups: int
    completions: int
    tokens: int
    """Of the completions, about."""


class Made:
    """Bodies of POST /score, of made-up texts.

    Args:
        load: How many, how long.
        needs: What the recipe's columns read.
    """

    distinct: int | None = None

    def __init__(self, load: Load, needs: Needs) -> None:
        self._load = load
        self._needs = needs
        rng = random.Random(f"{load.seed} corpus")  # noqa: S311 - texts, no secrets
        sentences = rng.choices(_SENTENCES, k=_CORPUS_CHARS // 60)
        self._corpus = " ".join(sentences)
        self._pictures = [_picture(rng) for _ in range(_PICTURES if load.images else 0)]

    def body(self, number: int) -> Body:
        """The request with this number: the same whenever, and in whatever order, it is made."""
        load = self._load
        rng = random.Random(f"{load.seed} {number}")  # noqa: S311 - texts, no secrets
        groups = [self._group(f"{number}-{g}", rng) for g in range(load.groups)]
        asked = {"recipe": load.recipe, "run": RUN, "split": SPLIT, "groups": groups}
        return Body(
            content=json.dumps(asked, separators=(",", ":")).encode(),
            groups=load.groups,
            completions=load.groups * load.members,
            tokens=load.groups * load.members * load.completion_tokens,
        )

    def _group(self, id: str, rng: random.Random) -> dict[str, object]:
        load, needs = self._load, self._needs
        task = rng.choices(list(needs.tasks), list(needs.tasks.values()))[0]
        problem = PROBLEMS[task](rng)
        chars = load.prompt_tokens * CHARS_PER_TOKEN - len(problem.question)
        group: dict[str, object] = {
            "id": id,
            "prompt": f"{self._prose(rng, chars)} {problem.question}".strip(),
            "task": task,
            "reference": problem.reference,
            "completions": [self._completion(n, problem, rng) for n in range(load.members)],
        }
        if problem.metadata:
            group["metadata"] = problem.metadata
        if needs.references:
            group["references"] = {name: self._prose(rng, 80) for name in needs.references}
        if needs.constraints:
            group["constraints"] = _CONSTRAINTS
        if self._pictures:
            pictures = rng.choices(self._pictures, k=load.images)
            group["images"] = [{"data": data, "media_type": "image/jpeg"} for data in pictures]
        return group

    def _completion(self, number: int, problem: Problem, rng: random.Random) -> dict[str, object]:
        answers = problem.wrong if rng.random() < self._load.wrong else problem.right
        answer = rng.choice(answers)
        tokens = round(self._load.completion_tokens * rng.uniform(0.5, 1.5))
        thoughts = self._prose(rng, tokens * CHARS_PER_TOKEN - len(answer))
        text = problem.written(answer, thoughts, thinks=self._needs.thinks)
        return {"id": str(number), "text": text, "num_tokens": max(1, len(text) // CHARS_PER_TOKEN)}

    def _prose(self, rng: random.Random, chars: int) -> str:
        """So much English; a cut costs no time, however long it is."""
        if chars <= 0:
            return ""
        chars = min(chars, len(self._corpus))
        start = rng.randrange(len(self._corpus) - chars + 1)
        return self._corpus[start : start + chars].strip()


@dataclass(frozen=True, slots=True)
class _Encoded:
    content: bytes
    completions: int
    tokens: int


class Own:
    """Bodies of POST /score, of the groups of a file in their order; all of it is in memory.

    Args:
        load: How many groups a request has.
        rollouts: Validated; one at least.
    """

    def __init__(self, load: Load, rollouts: Iterable[Rollout]) -> None:
        self._size = load.groups
        self._groups: Sequence[_Encoded] = [_encoded(rollout) for rollout in rollouts]
        if not self._groups:
            raise ValueError(f"{load.rollouts}: no rollouts")
        self.distinct: int | None = len(self._groups)
        envelope = {"recipe": load.recipe, "run": RUN, "split": SPLIT}
        self._head = json.dumps(envelope).encode()[:-1] + b',"groups":['

    def body(self, number: int) -> Body:
        """The request with this number."""
        first = number * self._size
        groups = [self._groups[(first + k) % len(self._groups)] for k in range(self._size)]
        return Body(
            content=self._head + b",".join(group.content for group in groups) + b"]}",
            groups=len(groups),
            completions=sum(group.completions for group in groups),
            tokens=sum(group.tokens for group in groups),
        )


def _encoded(rollout: Rollout) -> _Encoded:
    group = rollout.group
    tokens = [
        completion.num_tokens or len(completion.text or "") // CHARS_PER_TOKEN
        for completion in group.completions
    ]
    content = group.model_dump_json(exclude_defaults=True).encode()
    return _Encoded(content, len(group.completions), sum(tokens))


def _picture(rng: random.Random) -> str:
    """A picture of noise in blocks: JPEG of the size of a photograph's."""
    small = Image.frombytes("RGB", (56, 56), rng.randbytes(56 * 56 * 3))
    file = io.BytesIO()
    small.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR).save(file, "JPEG", quality=85)
    return base64.b64encode(file.getvalue()).decode()
