"""A rendered conversation cut where the policy began to write.

What a policy writes may hold any header: none that it wrote moves the cut, but where a user says
that prompts of several turns come without being told apart from what follows them.
"""

from __future__ import annotations

from typing import NamedTuple

from harmo.app.trainers.templates import (
    PADS,
    TEMPLATES,
    Rendered,
    Template,
    read,
    without_beginning,
    without_pictures,
)
from harmo_client.wire import Message

ALL_ENDS = tuple({end: None for each in TEMPLATES.values() for end in each.ends})


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
    at = rendered.template.after(query, rendered.replies)
    asked = whole[: len(whole) - len(rendered.opened)]
    if at is None or not _grown(asked, query[:at]):
        raise ValueError("a query and its prompt do not belong together: their words differ")
    return _split(rendered, query[at:].removeprefix(rendered.opened))


def cut_whole(text: str, template: str | None = None, *, turns: str = "one") -> Split:
    """A rendered conversation whose prompt is not known.

    It is cut at its first reply: a policy may write headers, too. Where prompts hold earlier
    replies it is cut at the first reply behind the last turn of anybody else.

    Args:
        text: Prompt and completion, special tokens kept.
        template: Name of the chat template; None to tell it by its first marker.
        turns: `many` if prompts hold earlier replies, else `one`.

    Raises:
        ValueError: If there is no header of an assistant turn.
    """
    text = without_beginning(text)
    known = [TEMPLATES[template]] if template else TEMPLATES.values()
    firsts = [(at, each) for each in known if (at := each.first(text)) is not None]
    if firsts:
        _, first = min(firsts, key=lambda each: each[0])
        at = first.after(text, 1) if turns == "one" else _last(text, first)
        if at is not None:
            return _split(read(text[:at], template), text[at:])
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


def _grown(prompt: str, query: str) -> bool:
    """True if the query is the prompt with more in between, as where pictures stand."""
    left = iter(query)
    return all(char in left for char in without_pictures(prompt) if not char.isspace())


def _last(text: str, template: Template) -> int | None:
    """Where the last reply begins; a header that ends a completion, as in GLM's, is none."""
    text = text[: _end(text, template)[0]]
    others = [header for header, role in template.headers.items() if role != "assistant"]
    at = text.find(template.reply, max(map(text.rfind, others)))
    if at < 0:
        at = text.rfind(template.reply)
    return None if at < 0 else at + len(template.reply)


def _split(rendered: Rendered, completion: str) -> Split:
    kept, ended = _end(completion, rendered.template)
    prefix = rendered.opened if rendered.opened.strip() else ""
    return Split(rendered.turns, prefix, completion[:kept], ended)


def _end(text: str, template: Template | None) -> tuple[int, bool]:
    """How far a text goes without the ends and paddings at its end, and whether it had an end."""
    ends = ALL_ENDS if template is None else template.ends
    kept, at, ended = len(text), len(text), False
    while True:
        while text.endswith("\n", 0, at):
            at -= 1
        last = next((e for e in (*ends, *PADS) if text.endswith(e, 0, at)), None)
        if last is None:
            return kept, ended
        while text.endswith(last, 0, at):
            at -= len(last)
        kept, ended = at, ended or last in ends
