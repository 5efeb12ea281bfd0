"""Groups of every shape, of which a store was written once and for all: `stores/version-1`.

Run as a module it writes that store anew, which only a new version of the tables is a reason for.
"""

from __future__ import annotations

import gzip
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from harmo.audit.records import KeptColumn, KeptGroup, KeptRecipe
from harmo.audit.schema import FILE, VERSION
from harmo.audit.write import Writer
from harmo.scorers.types import (
    Family,
    Group,
    Image,
    ImageRef,
    Message,
    Reason,
    Reward,
    Sample,
    Score,
    ToolCall,
)

STORES = Path(__file__).parent / "stores"
SUM = KeptRecipe(
    name="early",
    version="sha256:1111",
    scorer_version="sha256:aaaa",
    columns=(
        KeptColumn(name="answer", family=Family.RULE),
        KeptColumn(name="model.similarity", family=Family.MODEL, meaning="unit"),
        KeptColumn(name="aspect.repetition", family=Family.ASPECT, shadow=True),
    ),
    recipe={"name": "early", "weights": {"rule": 1.0, "model": 0.5}, "combine": "sum"},
)
HERO = replace(SUM, version="sha256:2222", recipe={**SUM.recipe, "combine": "hero"})
PICTURE = Image(content=bytes(range(64)), media_type="image/png", width=8, height=6)
ASKED = (
    Message(role="system", parts=("Think.",)),
    Message(role="user", parts=("How many ", ImageRef(index=0), " squares?"), name="ann"),
)
CALL = ToolCall(name="count", arguments='{"what": "squares"}', id="call-1")
TURNS = (
    Message(role="assistant", parts=(), tool_calls=(CALL, replace(CALL, id=None))),
    Message(role="tool", parts=("3",), tool_call_id="call-1", name="count"),
    Message(role="assistant", parts=("<answer>3</answer>",)),
)


def _sample(completion: str | tuple[Message, ...], **fields: object) -> Sample:
    asked = {
        "prompt": ASKED,
        "prefix": "<think>\n",
        "images": (PICTURE,),
        "reference": ["3", 3, 3.0, -0.0, True, None, {"n": 10**40, "é": "\ud83d"}],
        "references": {"caption": "three red squares"},
        "task": "count",
        "constraints": [{"instruction_id": "a:b", "kwargs": {"n": 60}}],
        "metadata": {"row": 7},
        "num_tokens": 41,
    }
    return Sample(completion=completion, **{**asked, **fields})  # type: ignore[arg-type]


def _reward(value: float | None, scores: tuple[Score, ...], *paid: float) -> Reward:
    reason = None if value is not None else Reason.DEADLINE
    return Reward(value=value, reason=reason, scores=scores, contributions=paid)


_RIGHT = (
    Score(value=1.0, confidence=0.9878, detail={"answer": "3", "reference": "3", "tried": [1, {}]}),
    Score(value=-0.0, confidence=1.0),
    Score(value=-0.25, detail={"ngrams": 8}),
)
_LOST = (
    Score.abstain(Reason.DEADLINE, after_s=2.0),
    Score(value=0.1 + 0.2, confidence=0.5),
    Score.abstain(Reason.SCORER_ERROR),
)
_FAULT = (Score.abstain(Reason.UNREADABLE_IMAGE),) * 3


def early_groups() -> list[KeptGroup]:
    """What is in the store, in order."""
    whole = KeptGroup(
        recipe=SUM,
        scored_at_s=1_790_000_000.25,
        group=Group(
            id="7",
            samples=(
                _sample("three</think><answer>3</answer>"),
                _sample(TURNS, num_tokens=None, truncated=True),
                _sample("NUL \x00 and half \udc00", prompt="another prompt", metadata={}),
            ),
            size=4,
            run="exp-1",
            step=130,
            split="train",
            correctness=(True, None, False),
        ),
        ids=("a", "b", "\x00"),
        faults=(None, None, Reason.UNREADABLE_IMAGE),
        weights=(1.0, 0.5, 0.0),
        rewards=(
            _reward(1.0, _RIGHT, 1.0, -0.0, 0.0),
            _reward(None, _LOST, 0.0, 0.0, 0.0),
            _reward(None, _FAULT, 0.0, 0.0, 0.0),
        ),
        interaction=False,
    )
    alone = replace(
        whole,
        recipe=HERO,
        group=replace(
            whole.group,
            samples=whole.group.samples[:1],
            size=1,
            run=None,
            step=None,
            split="eval",
            correctness=(),
        ),
        ids=("0",),
        faults=(None,),
        weights=(1.0, 0.5, 0.0, 0.0),
        rewards=(_reward(1.5, _RIGHT, 1.0, 0.0, 0.0, 0.5),),
        interaction=True,
    )
    none = replace(
        whole,
        group=replace(whole.group, id="empty", samples=(), correctness=()),
        ids=(),
        faults=(),
        rewards=(),
    )
    hashed = replace(whole, texts="hash", scored_at_s=1_790_000_001.5)
    return [whole, alone, none, hashed, replace(hashed, texts="none"), whole]


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        with closing(Writer(Path(folder))) as writer:
            writer.write(early_groups())
        path = STORES / f"version-{VERSION}.sqlite.gz"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress((Path(folder) / FILE).read_bytes(), mtime=0))
