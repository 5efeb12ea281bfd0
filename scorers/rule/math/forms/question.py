"""What a prompt asks for: a percentage, the value of an expression."""

from __future__ import annotations

from harmo.scorers.types import Message, Sample

MAX_PROMPT_CHARS = 4000
_PERCENT_WORDS = ("percent", "%", "百分", "pourcent", "prozent", "porcentaje")
_ASKING = ("find", "compute", "evaluate", "determine", "calculate", "valueof", "whatis")


def asks_percent(sample: Sample) -> bool:
    """True if the prompt speaks of percentages."""
    low = _prompt(sample.prompt)[-MAX_PROMPT_CHARS:].lower()
    return any(word in low for word in _PERCENT_WORDS)


def asks_for(sample: Sample, expression: str) -> bool:
    """True if the prompt says "find" or the like before the expression: `Find m+n`."""
    squeezed = _squeezed(expression).lower()
    low = _squeezed(_prompt(sample.prompt)[-MAX_PROMPT_CHARS:]).lower()
    return bool(squeezed) and any(verb + squeezed in low for verb in _ASKING)


def _squeezed(text: str) -> str:
    return "".join(text.replace("$", "").split())


def _prompt(prompt: str | tuple[Message, ...]) -> str:
    if isinstance(prompt, str):
        return prompt
    return "\n".join(turn.text for turn in prompt)
