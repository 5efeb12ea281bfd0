"""Conversations as the chat templates of real models write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Turn = tuple[str, str]
"""Role and content."""


@dataclass(frozen=True)
class Style:
    """How one model's chat template writes."""

    name: str
    template: str
    """Of `TEMPLATES`."""
    begins: str
    turn: str
    """Of ROLE and TEXT."""
    opens: str
    """Where the policy begins to write."""
    end: str
    """What generation ends with."""
    roles: dict[str, str]
    system: str | None = None
    """Where a system turn is written otherwise."""

    def prompt(self, turns: Sequence[Turn]) -> str:
        said = (self._said(role, text) for role, text in turns)
        return self.begins + "".join(said) + self.opens

    def _said(self, role: str, text: str) -> str:
        if role == "system" and self.system is not None:
            return self.system.replace("TEXT", text)
        if "ROLE" in self.turn:
            named = self.turn.replace("ROLE", self.roles.get(role, role))
            return named.replace("TEXT", text)
        return self.roles[role].replace("TEXT", text)


_GEMMA = {"assistant": "model"}
_DEEPSEEK = {
    "user": "<｜User｜>TEXT",
    "assistant": "<｜Assistant｜>TEXT<｜end▁of▁sentence｜>",
}
_MISTRAL = {"user": "[INST] TEXT[/INST]", "assistant": " TEXT</s>"}
_VICUNA = {"user": "USER: TEXT ", "assistant": "ASSISTANT: TEXT</s>"}

STYLES = (
    Style(
        "Qwen2.5",
        "chatml",
        "",
        "<|im_start|>ROLE\nTEXT<|im_end|>\n",
        "<|im_start|>assistant\n",
        "<|im_end|>",
        {},
    ),
    Style(
        "Qwen3 thinking",
        "chatml",
        "",
        "<|im_start|>ROLE\nTEXT<|im_end|>\n",
        "<|im_start|>assistant\n<think>\n",
        "<|im_end|>",
        {},
    ),
    Style(
        "Llama 3",
        "llama3",
        "<|begin_of_text|>",
        "<|start_header_id|>ROLE<|end_header_id|>\n\nTEXT<|eot_id|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
        "<|eot_id|>",
        {"tool": "ipython"},
    ),
    Style(
        "Gemma 3",
        "gemma",
        "<bos>",
        "<start_of_turn>ROLE\nTEXT<end_of_turn>\n",
        "<start_of_turn>model\n",
        "<end_of_turn>",
        _GEMMA,
    ),
    Style(
        "Phi-3",
        "phi",
        "",
        "<|ROLE|>\nTEXT<|end|>\n",
        "<|assistant|>\n",
        "<|end|>",
        {},
    ),
    Style(
        "Phi-4",
        "phi4",
        "",
        "<|im_start|>ROLE<|im_sep|>TEXT<|im_end|>",
        "<|im_start|>assistant<|im_sep|>",
        "<|im_end|>",
        {},
    ),
    Style(
        "Phi-4-mini",
        "phi",
        "",
        "<|ROLE|>TEXT<|end|>",
        "<|assistant|>",
        "<|end|>",
        {},
    ),
    Style(
        "DeepSeek-R1",
        "deepseek",
        "<｜begin▁of▁sentence｜>",
        "",
        "<｜Assistant｜><think>\n",
        "<｜end▁of▁sentence｜>",
        _DEEPSEEK,
        system="TEXT",
    ),
    Style(
        "Mistral",
        "mistral",
        "<s>",
        "",
        "",
        "</s>",
        _MISTRAL,
        system="[SYSTEM_PROMPT]TEXT[/SYSTEM_PROMPT]",
    ),
    Style(
        "GLM-4",
        "phi",
        "[gMASK]<sop>",
        "<|ROLE|>\nTEXT",
        "<|assistant|>\n",
        "<|user|>",
        {},
    ),
    Style(
        "Vicuna",
        "vicuna",
        "<s>",
        "",
        "ASSISTANT:",
        "</s>",
        _VICUNA,
        system="TEXT ",
    ),
)
BY_NAME = {style.name: style for style in STYLES}
QWEN = BY_NAME["Qwen2.5"]
