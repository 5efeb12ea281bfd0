"""Where a completion begins and ends in text that holds special tokens, and the prompt, too."""

from __future__ import annotations

REPLIES = (
    "<|im_start|>assistant",
    "<|start_header_id|>assistant<|end_header_id|>",
    "<start_of_turn>model",
    "<｜Assistant｜>",
    "[/INST]",
    "<|assistant|>",
)
"""How chat templates begin the assistant's turn."""
ENDS = (
    *("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<end_of_turn>", "<eos>"),
    *("</s>", "<|end|>", "<｜end▁of▁sentence｜>"),
)
"""What tokenizers write for the end of a turn, where special tokens are kept."""
THINK = "<think>"
_TAIL = 200
"""Characters: enough to be found once, few enough to survive a prompt cut at its beginning."""


def after_prompt(query: str, prompt: str) -> str:
    """What follows the prompt.

    They may differ where pictures are (the query has them expanded) and where a prompt was cut at
    its beginning. Only what the prompt holds tells where it ends, never a mark the policy wrote.

    Raises ValueError if the end of the prompt is not found.
    """
    if query.startswith(prompt):
        return query[len(prompt) :]
    # The end first: a prompt that was cut at its beginning has fewer markers there than here, and
    # those that the policy wrote would make up for them.
    tail = prompt[-_TAIL:]
    if tail and tail in query:
        return query.partition(tail)[2]
    for marker in REPLIES:
        count, opened = prompt.count(marker), prompt.rpartition(marker)[2]
        pieces = query.split(marker, count)
        if count and len(pieces) > count:
            return pieces[-1].removeprefix(opened)
    raise ValueError(
        f"the query does not hold the end of its prompt ({tail[-80:]!r}): is a chat template "
        "applied to the one and not to the other?"
    )


def opened(prompt: str) -> str:
    """The `<think>` that a rendered prompt ends with, and the line ends behind it; else nothing."""
    end = prompt.rstrip("\n")
    return prompt[len(end) - len(THINK) :] if end.endswith(THINK) else ""


def without_end(text: str) -> tuple[str, bool]:
    """The text without the ends of turn behind it, and whether there was one."""
    kept = at = len(text)
    # By place: a policy may write thousands of them, and every copy would cost all of the text.
    while at:
        end = next((end for end in ENDS if text.endswith(end, 0, at)), None)
        if end is not None:
            kept = at = at - len(end)
        elif text[at - 1] == "\n":
            at -= 1
        else:
            break
    return text[:kept], kept < len(text)
