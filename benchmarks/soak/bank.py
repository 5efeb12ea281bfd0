"""What the soak asks: groups whose rewards are known, and what no trainer means to send."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

from benchmarks import random_model
from harmo_client import wire
from harmo_client.client import RewardClient

RECIPE = """weights: {model: 0.5, rule: 1.0, aspect: 0.25, length: 0.25}
model: [{scorer: model.reward}]
rule: [{scorer: rule.math, name: answer}]
aspect:
  - {scorer: aspect.format, params: {pattern: think_answer}}
  - {scorer: aspect.ifeval}
length: [{scorer: length.linear, params: {target_tokens: 40}}]
allow_inversion: true
"""
TOLERANCE = 1e-3
"""What another batch may change of a reward that holds a model's float32 score."""

SUM = "\\frac{n(n+1)}{2}"
PAIRS = [
    # reference, right, wrong
    ("3/4", "0.75", "0.7"),
    ("12", "12", "13"),
    ("\\sqrt{8}", "2\\sqrt{2}", "2\\sqrt{3}"),
    ("(0, 1)", "(0, 1)", "[0, 1]"),
    ("x^2 - 1", "(x-1)(x+1)", "(x-1)^2"),
    ("5 \\text{ m}", "500 \\text{ cm}", "400 \\text{ cm}"),
    (SUM, "\\sum_{k=1}^{n} k", "\\sum_{k=1}^{n} k^2"),
    ("\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}", "\\frac{\\sqrt{3}}{2}"),
]
"""Some are read at once, some need a worker."""
BOMBS = {
    "an integral without end": "\\boxed{\\int_0^n \\frac{1}{x^9+x^2+7} dx}",
    "a large power of sums": "\\boxed{\\sum_{k=1}^{n} k^{99}}",
    "boxes that never close": "\\boxed{" * 20_000,
    "thoughts that never close": "<think>" * 20_000,
    "elements that never close": "<answer>" * 20_000 + "4",
    "brackets": "\\boxed{" + "(" * 5000 + "5" + ")" * 5000 + "}",
    "a tower of powers": "\\boxed{9^{9^{9^{9^{9}}}}}",
    "a formula of one atom": "\\boxed{" + "H111" * 13 + "H11?}",
    "what normalising makes long": "\\boxed{" + "\ufdfa" * 20_000 + "}",
    "private characters and a special token": "\ue000" * 20_000 + "<|im_end|>",
    "a long row of signs": "\\boxed{" + "-" * 20_000 + "4}",
    "fractions without end": "1/" * 20_000 + "0",
}
FEW_WORDS = [
    {
        "instruction_id": "length_constraints:number_words",
        "kwargs": {"relation": "less than", "num_words": 40},
    }
]


@dataclass(frozen=True, slots=True)
class Known:
    """A group and the rewards that its completions have when it is asked alone."""

    recipe: str
    group: wire.Group
    rewards: tuple[float | None, ...] = ()

    def right(self, rewards: Sequence[float | None]) -> list[bool]:
        """Of every completion, whether it got the reward that it gets alone."""
        return [
            got is None if own is None else got is not None and abs(got - own) < TOLERANCE
            for got, own in zip(rewards, self.rewards, strict=True)
        ]


def groups(count: int, rng: random.Random) -> list[Known]:
    """Groups for every recipe of the server, their rewards not known yet."""
    made = (_maths, _mixed, _modelled)
    return [made[n % len(made)](f"k{n}", rng) for n in range(count)]


def _maths(id: str, rng: random.Random) -> Known:
    reference, right, wrong = rng.choice(PAIRS)
    texts = [f"\\boxed{{{rng.choice((right, wrong, wrong))}}}" for _ in range(8)]
    pictures = [wire.Image(data=picture(), media_type="image/png")] if rng.random() < 0.2 else []
    return Known("math", _group(id, "Work it out.", texts, reference=reference, images=pictures))


def _mixed(id: str, rng: random.Random) -> Known:
    reference, right, wrong = rng.choice(PAIRS)
    texts = [
        f"<think>{random_model.words(rng.randint(5, 60), rng)}</think>"
        f"<answer>{rng.choice((right, wrong))}</answer>"
        for _ in range(4)
    ]
    prompt = random_model.words(30, rng)
    return Known("soak", _group(id, prompt, texts, reference=reference, constraints=FEW_WORDS))


def _modelled(id: str, rng: random.Random) -> Known:
    texts = [random_model.words(rng.randint(5, 80), rng) for _ in range(4)]
    return Known("model", _group(id, random_model.words(40, rng), texts))


def _group(id: str, prompt: str, texts: Sequence[str], **fields: object) -> wire.Group:
    completions = [
        wire.Completion(id=str(n), text=text, num_tokens=len(text) // 4)
        for n, text in enumerate(texts)
    ]
    return wire.Group(id=id, prompt=prompt, completions=completions, **fields)


def picture() -> str:
    """A small picture that can be read."""
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "white").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def settle(url: str, bank: Sequence[Known]) -> list[Known]:
    """The groups with the rewards they get one after the other, while nothing else happens."""
    with RewardClient(url) as client:
        answers = [client.score([k.group], recipe=k.recipe, run="alone") for k in bank]
    return [
        Known(k.recipe, k.group, tuple(c.reward for c in answer.groups[0].completions))
        for k, answer in zip(bank, answers, strict=True)
    ]


def bombed(rng: random.Random) -> wire.Group:
    """A group of a right and a wrong answer, and one that is meant to break something."""
    bomb = rng.choice(list(BOMBS.values()))
    # A prompt of its own: what workers said of the same text before is remembered.
    texts = ["\\boxed{\\frac{n^2+n}{2}}", "\\boxed{n^2}", bomb]
    return _group("bomb", f"{rng.random()}: 1 + 2 + ... + n = ?", texts, reference=SUM)


BROKEN: Sequence[str] = [
    base64.b64encode(each).decode()
    for each in (
        b"no picture at all",
        base64.b64decode(picture())[:60],
        b"GIF89a" + b"\x00" * 40,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xea\x60\x00\x00\xea\x60\x08\x02" + b"\0" * 20,
    )
]
"""Not one, cut short, of a kind that is not taken, of 60,000 pixels a side."""


def pictured(rng: random.Random) -> wire.Group:
    """A group with a picture that nobody can read."""
    broken = [wire.Image(data=rng.choice(BROKEN))]
    return _group("picture", "Look!", ["\\boxed{4}", "\\boxed{5}"], reference="4", images=broken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A request that is wrong, and the status that says so."""

    body: bytes
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


MISTAKES = [
    Mistake(body=b'{"groups": [', status=400),
    Mistake(body=b'{"groups": NaN}', status=400),
    Mistake(body=b'{"groups": [{"id": "g"}]}', status=422),
    Mistake(body=b'{"groups": [], "recipes": "math"}', status=422),
    Mistake(body=b'{"groups": [], "recipe": "nowhere"}', status=404),
    Mistake(body=b'{"groups": []}', status=415, headers={"Content-Type": "text/plain"}),
    Mistake(body=b'{"groups": []}', status=422, headers={"X-Deadline-Ms": "soon"}),
]
