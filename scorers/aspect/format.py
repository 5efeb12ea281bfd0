"""`aspect.format`: does the completion keep to the layout it was told to use?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harmo.scorers.reading.extract import answer_start, boxes, parts
from harmo.scorers.registry import scorer
from harmo.scorers.types import THINK_TAGS, Sample, Score, ThinkTags

Pattern = Literal["think", "think_answer", "boxed", "react", "custom"]
Tag = Annotated[str, Field(min_length=1, max_length=64)]

_ANSWER = ("<answer>", "</answer>")


def think_tags(pattern: Pattern, open_tag: str, close_tag: str) -> ThinkTags | None:
    """The tags a pattern says stand round the think part; `boxed` takes whichever do."""
    if pattern == "boxed":
        return None
    return (open_tag, close_tag) if pattern == "custom" else THINK_TAGS


@scorer("aspect.format", on_loop=True, think_tags=think_tags)
def format_(
    sample: Sample,
    *,
    pattern: Pattern = "think_answer",
    open_tag: Tag = "<think>",
    close_tag: Tag = "</think>",
) -> Score:
    r"""Whether the completion keeps the pattern: 1.0 or 0.0; it never abstains.

    Tags count once each, in order, around text that is not blank; whitespace may stand between
    the elements and around the whole. The prefix (a `<think>` that the template opened) counts.

    - `think`: `<think>..</think>` and then an answer (TRL's `think_format_reward`).
    - `think_answer`: `<think>..</think><answer>..</answer>` and nothing else (open-r1, ms-swift).
    - `boxed`: after the think part, if there is one, at least one balanced, filled `\boxed{..}`.
    - `react`: `<think>..</think>`, then `Action:` with a name, then `Action Input:` (ms-swift).
    - `custom`: `open_tag`..`close_tag` at the start and then an answer.

    Nothing keeps a pattern whose think part or `<answer>` is open at the end. The tags of `custom`
    stand round the think part for every term of the recipe.

    `<think>2+2</think><answer>4</answer>` is 1.0 for `think_answer`; with a word before, between or
    after the elements, a tag twice, or an empty answer it is 0.0.

    Args:
        sample: Read whole, prefix included.
        pattern: Which layout.
        open_tag: Opening tag of `custom`; the other patterns ignore it.
        close_tag: Closing tag of `custom`.

    Returns:
        A score whose `detail.why` says what breaks the pattern.
    """
    tags = think_tags(pattern, open_tag, close_tag) or sample.think_tags
    text = sample.text
    why = _broken(text, pattern, tags) or answer_start(text, tags)[1]
    if not why:
        return Score(value=1.0, detail={"pattern": pattern})
    return Score(value=0.0, detail={"pattern": pattern, "why": why})


def _broken(text: str, pattern: Pattern, tags: ThinkTags) -> str | None:
    """What breaks the pattern; None where nothing does."""
    match pattern:
        case "think" | "custom":
            return _tagged(text, tags)
        case "think_answer":
            return _think_answer(text, tags)
        case "boxed":
            return _boxed(text, tags)
        case "react":
            return _react(text, tags)


def _tagged(text: str, tags: ThinkTags) -> str | None:
    rest, why = _after_element(text.strip(), tags)
    if why is None and not rest:
        why = f"nothing follows {tags[1]}"
    return why


def _think_answer(text: str, tags: ThinkTags) -> str | None:
    rest, why = _after_element(text.strip(), tags)
    if why is not None:
        return why
    rest, why = _after_element(rest, _ANSWER)
    if why is None and rest:
        why = "text follows </answer>"
    return why


def _react(text: str, tags: ThinkTags) -> str | None:
    rest, why = _after_element(text.strip(), tags)
    if why is not None:
        return why
    if not rest.startswith("Action:"):
        return f"no Action: after {tags[1]}"
    action, found, argument = rest.removeprefix("Action:").partition("Action Input:")
    if not found:
        return "no Action Input:"
    if not action.strip():
        return "Action: names nothing"
    return None if argument.strip() else "Action Input: is empty"


def _boxed(text: str, tags: ThinkTags) -> str | None:
    found, _ = boxes(parts(text, tags).answer)
    return None if any(found) else "no balanced, filled \\boxed{..} after the think part"


def _after_element(text: str, tags: ThinkTags) -> tuple[str, str | None]:
    """What follows the element at the start of `text`, stripped, and why it is not well formed."""
    opening, closing = tags
    if not text.startswith(opening):
        return text, f"does not start with {opening}"
    body, found, rest = text.removeprefix(opening).partition(closing)
    if not found:
        return text, f"{closing} is missing"
    if opening in body or opening in rest or closing in rest:
        return text, f"{opening} or {closing} stands more than once"
    if not body.strip():
        return text, f"{opening} holds nothing"
    return rest.strip(), None
