"""A rendered conversation cut where the policy began to write."""

from __future__ import annotations

from typing import NamedTuple

from harmo.app.trainers.templates import (
    TEMPLATES,
    Header,
    Rendered,
    Template,
    read,
    without_beginning,
)
from harmo_client.wire import Message

ALL_ENDS = tuple({end: None for each in TEMPLATES.values() for end in each.ends})
PADS = ("<pad>", "<|pad|>", "[PAD]", "<|finetune_right_pad_id|>", "<unk>")


class Split(NamedTuple):
    """A prompt with what the policy made of it."""

    turns: list[Message]
    prefix: str
    """What the template opened in the prompt."""
    completion: str
    """Without what stands behind a turn that is over."""
    ended: bool
    """True if such a string stood behind it: generation did not stop at a limit."""


def cut(query: str, prompt: str, template: str | None = None) -> Split:
    """What follows the prompt in a rendered conversation.

    The two may differ where pictures stand: there the conversation goes on behind as many
    headers of assistant turns as the prompt has. A header that the policy wrote is never one of
    them.

    Args:
        query: Prompt and completion, special tokens kept.
        prompt: The rendered prompt alone.
        template: Name of the chat template; None to tell it by its markers.

    Raises:
        ValueError: If the completion's beginning cannot be told.
    """
    query, rendered = without_beginning(query), read(prompt, template)
    whole = without_beginning(prompt)
    if query.startswith(whole):
        return _split(rendered, query[len(whole) :])
    if rendered.template is None:
        raise ValueError(
            "a query does not begin with its prompt, and the prompt ends in no known header of an"
            f" assistant turn; name the chat template in the URL: ?template={'|'.join(TEMPLATES)}"
        )
    begun = _reply(query, rendered)
    if begun is None:
        raise ValueError(
            f"a query holds fewer than the {rendered.replies} headers of assistant turns that its"
            " prompt has: they do not belong together"
        )
    return _split(rendered, query[begun.end :].removeprefix(rendered.opened))


def cut_whole(text: str, template: str | None = None) -> Split:
    """A rendered conversation whose prompt is not known: cut at its last reply.

    That is the first header of an assistant turn behind the last of any other turn.

    Args:
        text: Prompt and completion, special tokens kept.
        template: Name of the chat template; None to tell it by its first marker.

    Raises:
        ValueError: If there is no such header.
    """
    text = without_beginning(text)
    known = [TEMPLATES[template]] if template else TEMPLATES.values()
    headers = min(filter(None, (each.found(text) for each in known)), default=[])
    if headers:
        others = [i for i, header in enumerate(headers) if header.role != "assistant"]
        reply = next(iter(headers[others[-1] + 1 if others else 0 :]), None)
        if reply is not None:
            rendered = read(text[: reply.end], template)
            return _split(rendered, text[reply.end :])
    raise ValueError(
        "a text has no known header of an assistant turn; name the chat template in the URL:"
        f" ?template={'|'.join(TEMPLATES)}"
    )


def cut_end(prompt: str, completion: str, template: str | None = None) -> Split:
    """A completion that comes apart from its rendered prompt, or from a prompt without markers.

    Args:
        prompt: As the chat template wrote it.
        completion: Special tokens kept or not.
        template: Name of the chat template; None to tell it by its markers.
    """
    return _split(read(prompt, template), completion)


def _reply(query: str, rendered: Rendered) -> Header | None:
    template = rendered.template or TEMPLATES["chatml"]
    replies = [header for header in template.found(query) if header.role == "assistant"]
    return replies[rendered.replies - 1] if len(replies) >= rendered.replies else None


def _split(rendered: Rendered, completion: str) -> Split:
    said, ended = _ended(completion, rendered.template)
    return Split(rendered.turns, rendered.opened, said, ended)


def _ended(text: str, template: Template | None) -> tuple[str, bool]:
    """The text without the ends and paddings at its end, and whether there was an end."""
    ends = ALL_ENDS if template is None else template.ends
    kept, at, ended = len(text), len(text), False
    while at > 0:
        last = next((e for e in (*ends, *PADS) if text.endswith(e, 0, at)), None)
        if last is not None:
            kept = at = at - len(last)
            ended |= last in ends
        elif text.endswith("\n", 0, at):
            at -= 1
        else:
            break
    return text[:kept], ended
