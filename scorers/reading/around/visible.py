"""What a reader sees of a text: no comments, nothing struck out, nothing invisible. Linear."""

from __future__ import annotations

import re

_HINT = re.compile(
    r"<!--|~~|</|\]:|cancel|\\sout|\\st|phantom|\\begin\{comment|\\color|\\textcolor|%|\\if|[\u202d\u202e\u0334-\u0338]"
)
_SPANS = (
    ("<!--", "-->"), ("~~", "~~"), ("<s>", "</s>"), ("<del>", "</del>"), ("<strike>", "</strike>"),
    ("\\iffalse", "\\fi"), ("\\begin{comment}", "\\end{comment}"),
    ("<script>", "</script>"), ("<style>", "</style>"), ("<template>", "</template>"),
)  # fmt: skip
_COMMENT_LINE = re.compile(r"(?:^|(?<=[\n{]))[ \t]{0,20}+%[^\n]*+")
"""Of LaTeX. Elsewhere in a line `%` is as often a percent sign."""
_COMMENT_LINK = re.compile(r"(?m)^(?:\[//\]|\[comment\]): ?[#<][^\n]*+")
"""Of Markdown, which shows nothing of it."""
_TURNED = re.compile("[\u202d\u202e][^\u202c\n]*+\u202c?")
"""What stands between these marks is shown in another order than it is written in."""
_STRUCK = re.compile("[^\n][\u0334-\u0338]+")
_ELEMENT = re.compile(r"<(\w{1,10}+)([^<>]{1,120}+)>")
_UNSEEN = (
    "display:none",
    "visibility:hidden",
    "color:white",
    "color:#fff",
    "opacity:0;",
    'opacity:0"',
    "font-size:0;",
    "font-size:0px",
    'font-size:0"',
)
"""In a style, without blanks."""
_GROUPS = re.compile(
    r"\\(?:[bhx]?cancel|sout|st|strike|[hv]?phantom) ?\{"
    r"|\\(?:text)?color ?\{ ?(?:white|transparent) ?\}(?P<group> ?\{)?"
    r"|\\.|[{}]|\$|\n",
    re.DOTALL,
)


def visible(text: str) -> str:
    """The text without HTML and LaTeX comments, without what is struck out, white or a phantom."""
    if not _HINT.search(text):
        return text
    for opening, closing in _SPANS:
        if opening in text:
            text = _without_spans(text, opening, closing)
    if "%" in text:
        text = _COMMENT_LINE.sub("", text)
    if "[//]:" in text or "[comment]:" in text:
        text = _COMMENT_LINK.sub("", text)
    if "style" in text or "hidden" in text:
        text = _without_styled(text)
    return _without_groups(_joined(_STRUCK.split(_TURNED.sub(_unturned, text))))


def _joined(pieces: list[str]) -> str:
    """What is left of a text as one; digits that had something between them stay apart."""
    kept: list[str] = []
    for piece in filter(None, pieces):
        if kept and kept[-1][-1] in _DIGITS and piece[0] in _DIGITS:
            kept.append(" ")
        kept.append(piece)
    return "".join(kept)


_DIGITS = frozenset("0123456789.,")


def _unturned(run: re.Match[str]) -> str:
    """One letter or digit, which may be turned round; nothing for more."""
    return run[0] if sum(map(str.isalnum, run[0])) < 2 else ""


def _without_spans(text: str, opening: str, closing: str) -> str:
    """The text without what stands between the two; a comment that never ends runs on."""
    kept: list[str] = []
    at = 0
    while (start := text.find(opening, at)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            if opening == "<!--":
                return _joined([*kept, text[at:start]])
            break
        kept.append(text[at:start])
        at = end + len(closing)
    return _joined([*kept, text[at:]])


def _without_styled(text: str) -> str:
    kept: list[str] = []
    at = 0
    for tag in _ELEMENT.finditer(text):
        style = tag[2].lower().replace(" ", "")
        unseen = tag[2].lower().split()[:1] == ["hidden"] or any(each in style for each in _UNSEEN)
        if tag.start() < at or not unseen:
            continue
        end = text.find(f"</{tag[1]}>", tag.end())
        if end < 0:
            break
        kept.append(text[at : tag.start()])
        at = end
    return _joined([*kept, text[at:]])


def _without_groups(text: str) -> str:
    r"""The text without the braces of `\cancel{}` and the like, and without what is white."""
    kept: list[str] = []
    depth, at = 1, 0
    hidden, white = 0, False
    for token in _GROUPS.finditer(text):
        found = token[0]
        if found == "}" or (white and found in {"$", "\n"}):
            if hidden == depth:
                hidden, at = 0, token.start() if white else token.end()
            if found == "}":
                depth = max(depth - 1, 1)
        elif found[-1] == "{" and found != "\\{":
            depth += 1
            if len(found) > 1 and not hidden:
                kept.append(text[at : token.start()])
                hidden, white = depth, False
        elif len(found) > 2 and not hidden:
            kept.append(text[at : token.start()])
            hidden, white = depth, True
    return _joined([*kept, "" if hidden else text[at:]])


_END_TOKENS = ("</s>", "<eos>", "<end_of_turn>", "[/INST]")
MAX_END_TOKENS = 8
MAX_TOKEN_CHARS = 44


def without_end_tokens(text: str) -> str:
    """A completion without the special tokens that ended it, where a trainer left them in."""
    for _ in range(MAX_END_TOKENS):
        bare = text.rstrip()
        token = next((each for each in _END_TOKENS if bare.endswith(each)), "")
        if bare.endswith("</s>") and "<s>" in text:
            # It strikes out what stands before it.
            break
        if not token and bare.endswith(("|>", "｜>")):
            start = bare.rfind("<", max(len(bare) - MAX_TOKEN_CHARS, 0))
            token = bare[start:] if start >= 0 and bare[start + 1] in "|｜" else ""
        if not token:
            break
        text = bare[: -len(token)]
    return text
