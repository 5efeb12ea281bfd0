"""From conversations to token groups: the model's own template, nothing cut, prefixes shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor
from transformers import PreTrainedTokenizerBase
from transformers.processing_utils import ProcessorMixin

from harmo.models.base import Conversations, Fault, ModelScore, Turn
from harmo.models.checkpoint.heads import Head
from harmo.models.checkpoint.manifest import Manifest
from harmo.models.forward.template import QUESTION, Template, mark_for
from harmo.models.forward.token_group import Pictures, TokenGroup, share
from harmo.models.forward.tool_calls import UnsupportedTurnsError
from harmo.models.forward.untrusted import PieceCache, Untrusted
from harmo.models.picture import UnreadableImageError, decoded
from harmo.models.threads import Caller

_DOT = "\u00b7"
_SHOWN_CHARS = 3000
_NO_IMAGES = "the model takes no images; send none, or host one that does"
Row = tuple[tuple[int, ...], tuple[int, ...]]
"""Token ids of a conversation, and where the completion's steps end."""
_PROBES = ("Yes: 7 = 7*1.\n\nSo  it is. ", " \u4e8c\u5341 \u00e9t\u00e9 <b>\t\U0001f600", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenised:
    """A group's token ids and what became of each completion."""

    group: TokenGroup | None
    """None where no completion can be scored."""
    rows: tuple[int | ModelScore, ...]
    """Per completion, its member of `group` (identical ones share one), or why it has none."""


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
        self._template = Template(
            tokenizer, self._untrusted, manifest, takes_parts=processor is not None
        )
        self._check()

    def tokenise(self, conversations: Conversations, *, caller: Caller | None = None) -> Tokenised:
        """The group's token ids; what cannot be read, written or fitted in becomes a fault.

        Args:
            conversations: The group.
            caller: Who wants it; once they do not, the rest is left.
        """
        if conversations.images and self._processor is None:
            return _all(conversations, Fault.UNSUPPORTED_IMAGES, why=_NO_IMAGES)
        if caller is not None and not caller.waits:
            return _all(conversations, Fault.DEADLINE)
        try:
            pictures = self._pictures(conversations.images)
        except UnreadableImageError:
            return _all(conversations, Fault.UNREADABLE_IMAGE)
        cache: PieceCache = {}
        rows: list[int | ModelScore] = []
        distinct: dict[Row, int] = {}
        fits = False
        for completion in conversations.completions:
            if caller is not None and not caller.waits:
                return _all(conversations, Fault.DEADLINE)
            row = self._row(conversations.prompt, completion, pictures, cache)
            if not isinstance(row, ModelScore):
                rows.append(distinct.setdefault(row, len(distinct)))
                continue
            rows.append(row)
            if row.fault is Fault.COMPLETION_TOO_LONG and not fits:
                fits = not self._fills(conversations.prompt, pictures)
                if not fits:
                    max_tokens = self._manifest.max_tokens
                    return _all(conversations, Fault.PROMPT_TOO_LONG, max_tokens=max_tokens)
        if not distinct:
            return Tokenised(group=None, rows=tuple(rows))
        members = [ids for ids, _ in distinct]
        reads = [self._head.positions(ids, steps) for ids, steps in distinct]
        group = share(members, reads, pictures)
        return Tokenised(group=group, rows=tuple(rows))

    def _row(
        self,
        prompt: Sequence[Turn],
        completion: Sequence[Turn],
        pictures: Pictures | None,
        cache: PieceCache,
    ) -> Row | ModelScore:
        """Ids of the whole conversation and the ends of its steps, or why it has none."""
        known = len(cache)
        try:
            ids, steps = self._ids(prompt, completion, pictures, cache)
        except UnsupportedTurnsError as error:
            return _fault(Fault.UNSUPPORTED_TURNS, why=str(error))
        if len(ids) <= self._manifest.max_tokens:
            return tuple(ids), tuple(steps)
        # Its pieces serve nobody: remembered, those of a group of such take gigabytes.
        while len(cache) > known:
            cache.popitem()
        return _fault(
            Fault.COMPLETION_TOO_LONG, tokens=len(ids), max_tokens=self._manifest.max_tokens
        )

    def shown(self, conversations: Conversations) -> list[Mapping[str, object]]:
        """Per completion the text that is tokenised and its number of tokens; empty for a fault.

        A special string that came in a turn is text to the model; a dot inside shows it.
        """
        prompt, completions = conversations.prompt, conversations.completions
        if conversations.images and self._processor is None:
            return [{}] * len(completions)
        try:
            pictures = self._pictures(conversations.images)
        except UnreadableImageError:
            return [{}] * len(completions)
        return [self._shown(prompt, completion, pictures) for completion in completions]

    def _shown(
        self, prompt: Sequence[Turn], completion: Sequence[Turn], pictures: Pictures | None
    ) -> Mapping[str, object]:
        try:
            written = self._template.written(prompt, completion, mark=_DOT)
            ids, _ = self._ids(prompt, completion, pictures, {})
        except UnsupportedTurnsError:
            return {}
        return {"conversation": _without_middle(written), "tokens": len(ids)}

    def _ids(
        self,
        prompt: Sequence[Turn],
        completion: Sequence[Turn],
        pictures: Pictures | None,
        cache: PieceCache,
    ) -> tuple[list[int], list[int]]:
        """Ids of the whole conversation, and where the completion's steps end."""
        mark = mark_for((*prompt, *completion))
        written = self._template.written(prompt, completion, mark=mark)
        expansions = (
            {self._image_token: iter(pictures.expansions)}
            if pictures is not None and self._image_token is not None
            else None
        )
        return self._untrusted.ids(
            written, cache, mark=mark, expansions=expansions, watched=self._manifest.step_token
        )

    def _fills(self, prompt: Sequence[Turn], pictures: Pictures | None) -> bool:
        """True if a prompt leaves no room for any completion."""
        try:
            ids, _ = self._ids(prompt, (), pictures, {})
        except UnsupportedTurnsError:
            # Some templates want an answer behind every question.
            return False
        return len(ids) >= self._manifest.max_tokens

    def _pictures(self, encoded: Sequence[bytes]) -> Pictures | None:
        processor = self._processor
        if processor is None or not encoded:
            return None
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
        for probe in _PROBES:
            answer = Turn(role="assistant", parts=(probe,))
            written = self._template.written((QUESTION,), (answer,), mark="")
            (ours, _), own = self._untrusted.ids(written, {}), self._own_ids(written)
            if ours != own:
                raise ValueError(
                    f"cannot tokenise as {type(self._tokenizer).__name__} does: {written!r} gives"
                    f" {ours} instead of {own}"
                )


def _all(conversations: Conversations, fault: Fault, **detail: object) -> Tokenised:
    return Tokenised(group=None, rows=(_fault(fault, **detail),) * len(conversations.completions))


def _fault(fault: Fault, **detail: object) -> ModelScore:
    return ModelScore(fault=fault, detail=detail)


def _without_middle(text: str) -> str:
    """A text as long as people read; templates go wrong at the ends, and where turns meet."""
    left_out = len(text) - 2 * _SHOWN_CHARS
    if left_out <= 0:
        return text
    return f"{text[:_SHOWN_CHARS]} [{left_out} characters] {text[-_SHOWN_CHARS:]}"
