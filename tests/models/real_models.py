"""`make real`: open reward models against the scores on their own cards. Needs a hub.

The example and its published scores are read from the card that comes with the weights, so nothing
here can drift from it. The cards were made in bfloat16 with other kernels: hence the tolerances.
"""

from __future__ import annotations

import ast
import asyncio
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from harmo.models.base import Conversations, ModelCard, ModelScore, Turn
from harmo.models.checkpoint.files import ModelRefusedError
from harmo.models.checkpoint.loader import LoadedModel, load
from harmo.models.hosted import serve

Names = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A model whose card shows an example with its scores."""

    repository: str
    conversations: Callable[[Names], Conversations]
    """From the names that the card's code assigns."""
    scores: Callable[[str], list[float]]
    """The published numbers, from the card's text."""
    ours: Callable[[Sequence[ModelScore]], list[float]]
    """What of our scores they are to be compared with."""
    tolerance: float


def literals(card: str) -> dict[str, object]:
    """What a card's Python blocks assign to plain names, as far as it is literal."""
    found: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", card, re.DOTALL):
        for statement in _statements(block):
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                try:
                    value = ast.literal_eval(statement.value)
                except ValueError:
                    continue
                found.setdefault(statement.targets[0].id, value)
    return found


def _statements(block: str) -> list[ast.stmt]:
    try:
        return ast.parse(block).body
    except SyntaxError:
        return []


def _asked(prompt: object, *answers: object, system: object = None) -> Conversations:
    turns = [Turn(role="user", parts=(str(prompt),))]
    if system is not None:
        turns.insert(0, Turn(role="system", parts=(str(system),)))
    return Conversations(
        prompt=tuple(turns),
        completions=tuple((Turn(role="assistant", parts=(str(a),)),) for a in answers),
    )


def _steps(names: Names) -> Conversations:
    example = names["data"]
    assert isinstance(example, dict)
    answer = "\n\n".join(example["response"])
    return _asked(example["query"], answer, system=example["system"])


def _numbers(pattern: str, card: str) -> list[float]:
    matches = re.findall(pattern, card)
    return [float(number) for match in matches for number in re.findall(r"-?\d+\.?\d*", match)]


def _firsts(scores: Sequence[ModelScore]) -> list[float]:
    return [score.values[0] for score in scores]


def _helpsteer(scores: Sequence[ModelScore]) -> list[float]:
    """ArmoRM's card shows the five HelpSteer attributes on their own scale."""
    return [value * 5 - 0.5 for value in scores[0].values[1:6]]


MODELS = (
    Published(
        repository="Skywork/Skywork-Reward-V2-Llama-3.1-8B",
        conversations=lambda names: _asked(names["prompt"], names["response1"], names["response2"]),
        scores=lambda card: _numbers(r"Score for response \d: (-?\d+\.?\d*)", card)[:2],
        ours=_firsts,
        tolerance=0.5,
    ),
    Published(
        repository="Qwen/Qwen2.5-Math-PRM-7B",
        conversations=_steps,
        scores=lambda card: [min(_numbers(r"# \[\[([\d., ]+)\]\]", card))],
        ours=_firsts,
        tolerance=0.05,
    ),
    Published(
        repository="RLHFlow/ArmoRM-Llama3-8B-v0.1",
        conversations=lambda names: _asked(names["prompt"], names["response"]),
        scores=lambda card: _numbers(r"# \[((?:\d\.\d+\s*){5})\]", card)[:5],
        ours=_helpsteer,
        tolerance=0.1,
    ),
)


async def _score(loaded: LoadedModel, asked: Conversations) -> tuple[ModelCard, list[ModelScore]]:
    hosted = serve(loaded)
    try:
        return hosted.card, await hosted.score(asked)
    finally:
        await hosted.close()


def compare(published: Published) -> bool | None:
    """Whether a model gives the scores on its card; None if the hub did not give it."""
    repository = published.repository
    try:
        card = Path(hf_hub_download(repository, "README.md")).read_text(encoding="utf-8")
        loaded = load(repository, dtype="bfloat16")
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        print(f"{repository}: skipped, the hub did not give it: {error}")
        return None
    except ModelRefusedError as error:
        print(f"{repository}: REFUSED: {error}")
        return False
    theirs = published.scores(card)
    served, scores = asyncio.run(_score(loaded, published.conversations(literals(card))))
    ours = published.ours(scores)
    apart = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    verdict = "ok" if apart <= published.tolerance else "DIFFERS"
    print(f"{repository} ({served.rung} on {served.device})")
    print(f"  card {[round(x, 3) for x in theirs]}")
    print(f"  ours {[round(x, 3) for x in ours]}  at most {apart:.3f} apart: {verdict}")
    return apart <= published.tolerance


def main() -> None:
    """Compare the models named on the command line, or all; exits 1 unless all agree."""
    wanted = sys.argv[1:]
    chosen = [m for m in MODELS if not wanted or m.repository in wanted]
    if not chosen:
        sys.exit(f"none of {wanted}; known: {', '.join(m.repository for m in MODELS)}")
    verdicts = [compare(published) for published in chosen]
    if not any(verdict is not None for verdict in verdicts):
        sys.exit("nothing was compared: this needs a hub, and 16 GB for each model")
    sys.exit(1 if False in verdicts else 0)


if __name__ == "__main__":
    main()
