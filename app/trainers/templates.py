"""Chat templates undone: which turns a rendered text is made of, and where the completion begins.

Known by the strings that stand before and after turns. Only a prompt is read this way: what a
policy writes may hold any of these strings, and is never looked into for turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from harmo_client.wire import Message

PADS = ("<pad>", "<|pad|>", "[PAD]", "<|finetune_right_pad_id|>", "<unk>")
BEGINNINGS = (
    *("<|begin_of_text|>", "<bos>", "<s>", "<｜begin▁of▁sentence｜>", "[gMASK]", "<sop>"),
    *PADS,
)
"""What tokenizers put before everything."""
PICTURES = (
    *("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>", "<image>"),
    *("<start_of_image>", "<image_soft_token>", "<end_of_image>", "<|image|>", "<|image_1|>"),
    *("[IMG]", "[IMG_BREAK]", "[IMG_END]"),
)
"""What stands in a text where a picture was."""
MAX_TURNS = 1024
"""A prompt with more headers than that is one plain text: turns cost more than what they say."""
MAX_OPENED = 256
"""Characters that a chat template opens, at most: what is longer is no template's."""
_ROLES = ("system", "user", "assistant", "tool", "developer")


@dataclass(frozen=True, kw_only=True)
class Template:
    """The strings that stand round turns."""

    headers: Mapping[str, str]
    """A turn's role, by what stands before it."""
    ends: tuple[str, ...]
    """What stands behind a turn; also behind a completion that is over."""
    words: bool = False
    """True where headers are words that any text may hold."""

    @property
    def reply(self) -> str:
        """The header of an assistant turn."""
        return next(string for string, role in self.headers.items() if role == "assistant")

    def first(self, text: str) -> int | None:
        """Where the first header of any turn stands."""
        return min((at for string in self.headers if (at := text.find(string)) >= 0), default=None)

    def after(self, text: str, replies: int) -> int | None:
        """Where so many headers of assistant turns are over."""
        at = 0
        for _ in range(replies):
            found = text.find(self.reply, at)
            if found < 0:
                return None
            at = found + len(self.reply)
        return at

    def found(self, text: str) -> list[Header]:
        """Every header in a text, in order; none where there are more than `MAX_TURNS`."""
        headers: list[Header] = []
        if sum(map(text.count, self.headers)) > MAX_TURNS:
            return headers
        for string, role in self.headers.items():
            at = text.find(string)
            while at >= 0:
                headers.append(Header(at, at + len(string), role))
                at = text.find(string, at + len(string))
        return sorted(headers)


class Header(NamedTuple):
    """Where a turn begins."""

    start: int
    end: int
    role: str


def _of(pattern: str, ends: Sequence[str], **named: str) -> Template:
    """A template whose headers are one pattern; a role may be called otherwise in it."""
    headers = {pattern.replace("ROLE", named.get(role, role)): role for role in _ROLES}
    return Template(headers=headers, ends=tuple(ends))


TEMPLATES: Mapping[str, Template] = {
    "chatml": _of("<|im_start|>ROLE\n", ["<|im_end|>", "<|endoftext|>"]),
    "llama3": _of(
        "<|start_header_id|>ROLE<|end_header_id|>\n\n",
        ["<|eot_id|>", "<|eom_id|>", "<|end_of_text|>"],
        tool="ipython",
    ),
    "gemma": _of("<start_of_turn>ROLE\n", ["<end_of_turn>", "<eos>"], assistant="model"),
    "phi": _of("<|ROLE|>", ["<|end|>", "</s>", "<|endoftext|>", "<|user|>"], tool="observation"),
    "phi4": _of("<|im_start|>ROLE<|im_sep|>", ["<|im_end|>", "<|endoftext|>"]),
    "deepseek": Template(
        headers={"<｜User｜>": "user", "<｜Assistant｜>": "assistant"},
        ends=("<｜end▁of▁sentence｜>",),
    ),
    "mistral": Template(
        headers={"[SYSTEM_PROMPT]": "system", "[INST]": "user", "[/INST]": "assistant"},
        ends=("</s>",),
    ),
    "vicuna": Template(
        headers={"USER:": "user", "ASSISTANT:": "assistant"},
        ends=("</s>", "<|endoftext|>"),
        words=True,
    ),
}
"""By name, as `?template=` has them; of those that fit a text the first counts."""


class Rendered(NamedTuple):
    """A rendered prompt, read."""

    template: Template | None
    """None where none fits: the prompt is one plain text."""
    turns: list[Message]
    opened: str
    """What stands behind the last header, where the policy goes on: `<think>`, or nothing."""
    replies: int
    """Headers of assistant turns, the one that the policy goes on with included."""


def read(prompt: str, name: str | None = None) -> Rendered:
    """A rendered prompt as the turns it was made from.

    Args:
        prompt: As the chat template wrote it; it ends where the policy begins.
        name: The template; None to tell it by the markers.
    """
    text = without_beginning(prompt)
    known = [TEMPLATES[name]] if name else list(TEMPLATES.values())
    read = [(template, headers) for template in known if (headers := template.found(text))]
    ending = [each for each in read if _opens(text, *each)]
    if not ending:
        return Rendered(None, [Message(role="user", content=text)], "", 0)
    # The user may have quoted another template's headers: the policy's own stands last.
    return _rendered(text, *max(ending, key=lambda each: each[1][-1].end))


def without_beginning(text: str) -> str:
    """The text without what tokenizers put before everything."""
    at = 0
    while begun := next((b for b in BEGINNINGS if text.startswith(b, at)), None):
        while text.startswith(begun, at):
            at += len(begun)
    return text[at:]


def _opens(text: str, template: Template, headers: Sequence[Header]) -> bool:
    """True if the last header is an assistant's, and what stands behind it a template's own."""
    opened = text[headers[-1].end :]
    if headers[-1].role != "assistant" or len(opened) > MAX_OPENED:
        return False
    # A base model's prompt may quote a dialogue: what it says there is no part of the completion.
    return not (template.words and opened.strip()) and not any(e in opened for e in template.ends)


def _rendered(text: str, template: Template, headers: Sequence[Header]) -> Rendered:
    turns, opened = [], text[headers[-1].end :]
    if before := _said(text[: headers[0].start], template):
        turns.append(Message(role="system", content=before))
    for header, after in pairwise(headers):
        said = _said(text[header.end : after.start], template)
        turns.append(Message.model_validate({"role": header.role, "content": said}))
    replies = sum(header.role == "assistant" for header in headers)
    return Rendered(template, turns, opened, replies)


def _said(piece: str, template: Template) -> str:
    """What a turn says, without what stands behind it and where pictures were."""
    for end in template.ends:
        piece = piece.partition(end)[0]
    return without_pictures(piece).removesuffix("[/SYSTEM_PROMPT]").strip()


def without_pictures(text: str) -> str:
    """The text without what stands in it where pictures were."""
    for mark in PICTURES:
        text = text.replace(mark, "")
    return text
