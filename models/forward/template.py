"""Turns to the text that a model's own chat template makes of them, hostile strings marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from harmo.models.base import ToolCall, Turn
from harmo.models.checkpoint.manifest import Manifest
from harmo.models.forward.tool_calls import (
    MOST_TRIED,
    Forms,
    UnsupportedTurnsError,
    forms_of,
    parsed,
    shown,
    strings,
)
from harmo.models.forward.untrusted import Untrusted, absent_mark

QUESTION = Turn(role="user", parts=("Is 7 prime?",))
_ANSWER = Turn(role="assistant", parts=("Let me look.",))


class Template:
    """A chat template with what it is told of steps, images and tool calls."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        untrusted: Untrusted,
        manifest: Manifest,
        *,
        takes_parts: bool,
    ) -> None:
        """Look at nothing yet.

        Args:
            tokenizer: With the template.
            untrusted: Knows the special strings.
            manifest: Where step tokens go.
            takes_parts: True if a turn's content is a list of texts and images, as for processors.
        """
        self._tokenizer = tokenizer
        self._untrusted = untrusted
        self._manifest = manifest
        self._takes_parts = takes_parts
        self._forms: dict[int, Forms] = {}

    def written(self, prompt: Sequence[Turn], completion: Sequence[Turn], *, mark: str) -> str:
        """The text of a whole conversation.

        Args:
            prompt: What the policy was given.
            completion: What it made of it; its assistant turns get the step tokens.
            mark: Put into hostile strings, see `mark_for`; empty for turns of our own.

        Raises:
            UnsupportedTurnsError: If the template refuses the turns, or would drop a tool call.
        """
        given = (self._message(turn, mark, steps=False) for turn in prompt)
        made = (self._message(turn, mark, steps=turn.role == "assistant") for turn in completion)
        return self._render([*given, *made])

    def _render(self, messages: Sequence[dict[str, object]]) -> str:
        try:
            return str(self._tokenizer.apply_chat_template(messages, tokenize=False))
        except (TemplateError, TypeError) as error:
            # A template refuses by raising, or by joining a text to what is none.
            raise UnsupportedTurnsError(str(error)) from error

    def _message(self, turn: Turn, mark: str, *, steps: bool) -> dict[str, object]:
        message: dict[str, object] = {
            "role": turn.role,
            "content": self._content(turn, mark, steps=steps),
        }
        if turn.tool_calls:
            message["tool_calls"] = self._calls(turn.tool_calls, mark)
        if turn.tool_call_id is not None:
            message["tool_call_id"] = self._untrusted.marked(turn.tool_call_id, mark)
        if turn.name is not None:
            message["name"] = self._untrusted.marked(turn.name, mark)
        return message

    def _content(self, turn: Turn, mark: str, *, steps: bool) -> object:
        parts: list[str | int] = []
        for part in turn.parts:
            # Joined first: two harmless parts must not make one special string.
            if parts and isinstance(part, str) and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
        content = [
            {"type": "text", "text": self._text(part, mark, steps=steps)}
            if isinstance(part, str)
            else {"type": "image"}
            for part in parts
        ]
        return content if self._takes_parts else "".join(part["text"] for part in content)

    def _text(self, text: str, mark: str, *, steps: bool) -> str:
        token = self._manifest.step_token
        if token is None or not steps:
            return self._untrusted.marked(text, mark)
        marked = (self._untrusted.marked(step, mark) for step in self._manifest.steps(text))
        return "".join(step + token for step in marked)

    def _calls(self, calls: Sequence[ToolCall], mark: str) -> list[object]:
        count = min(len(calls), MOST_TRIED)
        if count not in self._forms:
            self._forms[count] = forms_of(self._with_calls, count)
        forms = self._forms[count]
        if not (forms.objects or forms.text):
            raise UnsupportedTurnsError(f"the template drops calls from a turn with {len(calls)}")
        marked = partial(self._untrusted.marked, mark=mark)
        return [shown(call, forms, marked, mark) for call in calls]

    def _with_calls(self, calls: list[object]) -> str:
        """The text of a conversation of ours that ends with these calls."""
        question, answer = (self._message(turn, "", steps=False) for turn in (QUESTION, _ANSWER))
        return self._render([question, {**answer, "tool_calls": calls}])


def mark_for(turns: Iterable[Turn]) -> str:
    """A string that stands nowhere in these turns."""
    return absent_mark([text for turn in turns for text in _texts(turn)])


def _texts(turn: Turn) -> Iterator[str]:
    """Everything in a turn that may be hostile."""
    yield from (part for part in turn.parts if isinstance(part, str))
    yield from (name for name in (turn.tool_call_id, turn.name) if name is not None)
    for call in turn.tool_calls:
        yield from (call.name, call.id or "", *strings(parsed(call.arguments)))
