"""A group in which everything that can be somebody else's text tries to be more than text."""

from __future__ import annotations

from collections.abc import Sequence

from harmo.audit.records import KeptColumn, KeptGroup, KeptRecipe
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


LINE = "A" * 200_000 + "<b>" + "9" * 800_000
"""A megabyte on one line."""


def evil_groups() -> list[KeptGroup]:
    """The group that tries hardest, one per hostile text, and one whose names are a line too long.

    In each the text is all that somebody else may choose: completions, prompt, references, run,
    id, and a column's name.
    """
    made = [_group(TRIES, "".join(TRIES), run=TRIES[0], id=TRIES[1], columns=COLUMNS)]
    for _, text in sorted(HOSTILE.items()):
        # A recipe's file holds no half of a letter; requests and completions may.
        column = text[:256].encode("utf-8", "replace").decode()
        made.append(_group((text,), text, run=text[:256], id=text[:256], columns=(column,)))
    return [*made, _group((LINE,), LINE, run=TRIES[0], id=LINE, columns=(LINE,))]


def _group(
    texts: tuple[str, ...], said: str, *, run: str, id: str, columns: Sequence[str]
) -> KeptGroup:
    kept = tuple(
        KeptColumn(name=name, family=family)
        for name, family in zip(columns, FAMILIES, strict=False)
    )
    samples = tuple(
        Sample(
            prompt=(Message(role="user", parts=(said,)),),
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
    return KeptGroup(
        recipe=KeptRecipe(
            name=TRIES[0],
            version=TRIES[1],
            scorer_version=f"{TRIES[2]} {columns[0][:256]}",
            columns=kept,
            recipe={"name": TRIES[0], ":onclick": OWNS},
        ),
        scored_at_s=1_790_000_000.0,
        group=Group(
            id=id,
            samples=samples,
            size=len(samples),
            run=run,
            step=1,
            correctness=(False,) * len(samples),
        ),
        ids=tuple(f"{i}{TRIES[1]}" for i in range(len(texts))),
        faults=(None,) * len(texts),
        weights=(1.0,) * len(columns),
        rewards=tuple(_reward(i, text, len(columns)) for i, text in enumerate(texts)),
        interaction=False,
    )


def _reward(place: int, text: str, columns: int) -> Reward:
    detail = {
        "answer": text[:200],
        "reference": TRIES[0],
        "why": TRIES[1],
        ":onclick": OWNS,
        TRIES[1]: TRIES[1],
        "instructions": [{"id": TRIES[1], "followed": False, "why": TRIES[0]}],
    }
    value = 0.1 * place
    scores = (Score(value=value, confidence=0.5, detail=detail),) * columns
    return Reward(
        value=value * columns,
        reason=None,
        scores=scores,
        contributions=(value,) * columns,
    )
