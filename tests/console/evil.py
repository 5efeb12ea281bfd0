"""A group in which everything that can be somebody else's text tries to be more than text."""

from __future__ import annotations

from pathlib import Path

from harmo.audit.records import KeptColumn, KeptGroup, KeptRecipe
from harmo.audit.write import Writer
from harmo.scorers.types import Family, Group, Message, Reward, Sample, Score
from tests.audit.hostile import HOSTILE

OWNS = "window.owned = 1"
TRIES = (
    f"<script>{OWNS}</script>",
    f"<img src=x onerror='{OWNS}'>",
    f"<svg onload='{OWNS}'></svg>",
    '"><iframe srcdoc="<script>parent.owned=1</script>">',
    "{{ constructor.constructor('window.owned = 1')() }}",
    f"${{{OWNS}}}",
    "[click](javascript:window.owned=1) ![x](http://192.0.2.1/x.png)",
    "\x1b]8;;http://192.0.2.1\x07link\x1b]8;;\x07 \u202e txet",
    "=cmd|' /C calc'!A0",
    "params.data && (window.owned = 1)",
    "function () { window.owned = 1 }",
)
COLUMNS = (
    ":onVnodeMounted",
    f"<img src=x onerror='{OWNS}'>",
    "{{ owned = 1 }}",
    "__proto__",
    ":valueFormatter",
)
FAMILIES = (Family.RULE, Family.MODEL, *[Family.ASPECT] * 3)


def evil_store(folder: Path) -> Path:
    """A store with one group of the run that tries hardest, and one per hostile text."""
    writer = Writer(folder)
    writer.write([_group(TRIES, "".join(TRIES))])
    writer.write([_group((text,), name) for name, text in sorted(HOSTILE.items())])
    writer.close()
    return folder


def _group(texts: tuple[str, ...], said: str) -> KeptGroup:
    columns = tuple(
        KeptColumn(name=name, family=family)
        for name, family in zip(
            COLUMNS, (Family.RULE, Family.MODEL, *[Family.ASPECT] * 3), strict=True
        )
    )
    samples = tuple(
        Sample(
            prompt=(Message(role="user", parts=(said[:2000],)),),
            completion=text,
            prefix=TRIES[0],
            reference=said[:2000],
            references={said[:200]: said[:200]},
            task=said[:100].replace("\0", ""),
            constraints=[{"instruction_id": said[:200]}],
            metadata={said[:100]: said[:100]},
            num_tokens=10 + i,
            truncated=i % 2 == 1,
        )
        for i, text in enumerate(texts)
    )
    rewards = tuple(_reward(i, text) for i, text in enumerate(texts))
    return KeptGroup(
        recipe=KeptRecipe(
            name=TRIES[0],
            version=TRIES[1],
            scorer_version=TRIES[2],
            columns=columns,
            recipe={"name": TRIES[0], ":onclick": OWNS},
        ),
        scored_at_s=1_790_000_000.0,
        group=Group(
            id=TRIES[1],
            samples=samples,
            size=len(samples),
            run=TRIES[0],
            step=1,
            correctness=(False,) * len(samples),
        ),
        ids=tuple(f"{i}{TRIES[1]}" for i in range(len(texts))),
        faults=(None,) * len(texts),
        weights=(1.0,) * len(columns),
        rewards=rewards,
        interaction=False,
    )


def _reward(place: int, text: str) -> Reward:
    detail = {
        "answer": text[:200],
        "reference": TRIES[0],
        "why": TRIES[1],
        ":onclick": OWNS,
        TRIES[1]: TRIES[1],
        "instructions": [{"id": TRIES[1], "followed": False, "why": TRIES[0]}],
    }
    value = 0.1 * place
    scores = tuple(Score(value=value, confidence=0.5, detail=detail) for _ in COLUMNS)
    return Reward(
        value=value * len(COLUMNS),
        reason=None,
        scores=scores,
        contributions=(value,) * len(COLUMNS),
    )
