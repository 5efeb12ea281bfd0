"""From conversations to token groups: the model's own template, nothing cut, prefixes shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from transformers import PreTrainedTokenizerBase
from transformers.processing_utils import ProcessorMixin

from harmo.models.base import Conversations, Turn
from harmo.models.checkpoint.heads import Head
from harmo.models.checkpoint.manifest import Manifest
from harmo.models.forward.token_group import Pictures, TokenGroup, share
from harmo.models.forward.untrusted import PieceCache, Untrusted, absent_mark
from harmo.models.picture import UnreadableImageError, decoded

_PROBES = ("Yes: 7 = 7*1.\n\nSo  it is. ", " \u4e8c\u5341 \u00e9t\u00e9 <b>\t\U0001f600", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenised:
    """A group's token ids and what became of each completion."""

    group: TokenGroup | None
    """None where no completion can be scored."""
    rows: tuple[int | str, ...]
    """Per completion, its member of `group` (identical ones share one) or its fault."""


class Tokeniser:
    """Turns conversations into token groups; safe to call from several threads."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        manifest: Manifest,
        head: Head,
        *,
        processor: ProcessorMixin | None = None,
    ) -> None:
        """Prepare, and compare with the tokenizer's own result on probe texts.

        Args:
            tokenizer: A fast tokenizer with a chat template.
            manifest: Limits, and where step tokens go.
            head: Says which positions it reads.
            processor: For models that take images.

        Raises:
            ValueError: If the tokenizer is slow or its own result differs from ours.
        """
        self._tokenizer = tokenizer
        self._manifest = manifest
        self._head = head
        self._processor = processor
        self._image_token: str | None = getattr(processor, "image_token", None)
        reserved = (self._image_token, getattr(processor, "video_token", None), manifest.step_token)
        self._untrusted = Untrusted(tokenizer, reserved=filter(None, reserved))
        self._check()

    def tokenise(self, conversations: Conversations) -> Tokenised:
        """The group's token ids; over-long members and unreadable images become faults."""
        try:
            pictures = self._pictures(conversations.images) if conversations.images else None
        except UnreadableImageError:
            return _all(conversations, "unreadable_image")
        cache: PieceCache = {}
        max_tokens = self._manifest.max_tokens
        rows: list[int | str] = []
        distinct: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
        for completion in conversations.completions:
            ids, steps = self._ids(conversations.prompt, completion, pictures, cache)
            if len(ids) > max_tokens:
                rows.append("completion_too_long")
            else:
                rows.append(distinct.setdefault((tuple(ids), tuple(steps)), len(distinct)))
        if "completion_too_long" in rows:
            prompt, _ = self._ids(conversations.prompt, (), pictures, cache)
            if len(prompt) >= max_tokens:
                return _all(conversations, "prompt_too_long")
        if not distinct:
            return Tokenised(group=None, rows=tuple(rows))
        members = [ids for ids, _ in distinct]
        reads = [self._head.positions(ids, steps) for ids, steps in distinct]
        group = share(members, reads, pictures)
        return Tokenised(group=group, rows=tuple(rows))

    def _ids(
        self,
        prompt: Sequence[Turn],
        completion: Sequence[Turn],
        pictures: Pictures | None,
        cache: PieceCache,
    ) -> tuple[list[int], list[int]]:
        """Ids of the whole conversation, and where the completion's steps end."""
        texts = [p for turn in (*prompt, *completion) for p in turn.parts if isinstance(p, str)]
        mark = absent_mark(texts)
        messages = [self._message(turn, mark) for turn in prompt]
        messages += [self._message(turn, mark, judged=True) for turn in completion]
        rendered = self._render(messages)
        expansions = (
            {self._image_token: iter(pictures.expansions)}
            if pictures is not None and self._image_token is not None
            else None
        )
        return self._untrusted.ids(
            rendered, cache, mark=mark, expansions=expansions, watched=self._manifest.step_token
        )

    def _render(self, messages: list[dict[str, Any]]) -> str:
        return str(self._tokenizer.apply_chat_template(messages, tokenize=False))

    def _message(self, turn: Turn, mark: str, *, judged: bool = False) -> dict[str, Any]:
        spoken = turn.role == "assistant"
        parts: list[str | int] = []
        for part in turn.parts:
            # Joined first: two harmless parts must not make one special string.
            if parts and isinstance(part, str) and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
        content = [
            {"type": "text", "text": self._marked(part, mark, steps=judged and spoken)}
            if isinstance(part, str)
            else {"type": "image"}
            for part in parts
        ]
        if self._processor is not None:
            return {"role": turn.role, "content": content}
        return {"role": turn.role, "content": "".join(part["text"] for part in content)}

    def _marked(self, text: str, mark: str, *, steps: bool) -> str:
        token = self._manifest.step_token
        if token is None or not steps:
            return self._untrusted.marked(text, mark)
        marked = (self._untrusted.marked(step, mark) for step in self._manifest.steps(text))
        return "".join(step + token for step in marked)

    def _pictures(self, encoded: Sequence[bytes]) -> Pictures:
        processor = self._processor
        if processor is None:
            raise ValueError("images for a model that takes none")
        images = [decoded(content) for content in encoded]
        options: Mapping[str, object] = getattr(processor, "images_kwargs", {})
        inputs = processor.image_processor([images], return_tensors="pt", **options)
        expansions = [
            self._own_ids(processor.replace_image_token(inputs, index))
            for index in range(len(images))
        ]
        tensors = {
            name: value
            for name, value in inputs.items()
            if isinstance(value, Tensor) and name not in processor.unused_input_names
        }
        return Pictures(inputs=tensors, expansions=tuple(map(tuple, expansions)))

    def _own_ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _check(self) -> None:
        question = Turn(role="user", parts=("Is 7 prime?",))
        for probe in _PROBES:
            answer = self._message(Turn(role="assistant", parts=(probe,)), "", judged=True)
            rendered = self._render([self._message(question, ""), answer])
            (ours, _), own = self._untrusted.ids(rendered, {}), self._own_ids(rendered)
            if ours != own:
                raise ValueError(
                    f"cannot tokenise as {type(self._tokenizer).__name__} does: {rendered!r} gives"
                    f" {ours} instead of {own}"
                )


def _all(conversations: Conversations, fault: str) -> Tokenised:
    return Tokenised(group=None, rows=(fault,) * len(conversations.completions))
