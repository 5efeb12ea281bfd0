"""`aspect.tag_count`: partial credit for a layout that is being learned."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from harmo.scorers.registry import scorer
from harmo.scorers.types import Sample, Score

TagName = Annotated[str, Field(pattern=r"^[A-Za-z][\w-]{0,30}$")]


@scorer("aspect.tag_count", on_loop=True)
def tag_count(
    sample: Sample,
    *,
    tags: Annotated[tuple[TagName, ...], Field(min_length=1, max_length=16)] = ("think", "answer"),
) -> Score:
    """The share of opening and closing tags that stand exactly once, in [0, 1]; never abstains.

    open-r1's `tag_count_reward` without its newlines: with the default, a quarter for each of
    `<think>`, `</think>`, `<answer>` and `</answer>`. "<think>a</think>b" is 0.5, a second
    "</think>" makes that 0.25. Order and content are `aspect.format`'s business.

    Args:
        sample: Read whole, prefix included.
        tags: Names of the elements.

    Returns:
        A score whose detail counts each tag.
    """
    text = sample.text
    counts = {tag: text.count(tag) for name in tags for tag in (f"<{name}>", f"</{name}>")}
    once = sum(1 for count in counts.values() if count == 1)
    return Score(value=once / len(counts), detail={"counts": counts})
