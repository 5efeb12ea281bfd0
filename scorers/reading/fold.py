"""One spelling for the many ways to type one character. Linear; callers bound the sizes."""

from __future__ import annotations

import re
import unicodedata

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))
_MEANING = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "﹣": "-",
    "×": "\\times ", "·": "\\cdot ", "⋅": "\\cdot ", "∙": "\\cdot ", "÷": "\\div ",
    "π": "\\pi ", "∞": "\\infty ", "√": "\\sqrt ", "±": "\\pm ", "∓": "\\mp ", "°": "^\\circ ",
    "≤": "\\le ", "≥": "\\ge ", "≠": "\\ne ", "≈": "\\approx ", "⩽": "\\le ", "⩾": "\\ge ",
    "∪": "\\cup ", "∩": "\\cap ", "∈": "\\in ", "∖": "\\setminus ", "∅": "\\emptyset ",
    "∠": "\\angle ", "△": "\\triangle ", "ℝ": "\\mathbb{R}", "ℤ": "\\mathbb{Z}",
    "ℕ": "\\mathbb{N}", "ℚ": "\\mathbb{Q}", "ℂ": "\\mathbb{C}", "θ": "\\theta ", "α": "\\alpha ",
    "β": "\\beta ", "γ": "\\gamma ", "λ": "\\lambda ", "μ": "\\mu ", "⁄": "/", "∕": "/", "，": ",",
    "、": ",", "；": ";", "：": ":", "（": "(", "）": ")", "。": ".", "⟨": "\\langle ",
    "⟩": "\\rangle ", "％": "%", "′": "'", "’": "'", "‘": "'", "“": '"', "”": '"', "→": "\\to ",
    "⇒": "\\Rightarrow ", "⟹": "\\Rightarrow ", "…": "...",
    "¬": "\\neg ",
}  # fmt: skip
_RUN = re.compile("[" + "".join(_SUPERSCRIPTS) + "]+|[" + "".join(_SUBSCRIPTS) + "]+")
_ODD = re.compile(r"[^\x20-\x7e]+")
_PLAIN = re.compile(r"[\x20-\x7e]*\Z")


def fold(text: str) -> str:
    """A text in ASCII and LaTeX where it can be: digits, signs, fractions, scripts, widths.

    Invisible and control characters vanish; other scripts' letters stay.
    """
    if _PLAIN.match(text):
        return text
    return _ODD.sub(_plainly, _RUN.sub(_script, text))


def _plainly(odd: re.Match[str]) -> str:
    return "".join(map(_folded, odd[0]))


def _script(run: re.Match[str]) -> str:
    if run[0][0] in _SUPERSCRIPTS:
        return "^{" + "".join(_SUPERSCRIPTS[c] for c in run[0]) + "}"
    return "_{" + "".join(_SUBSCRIPTS[c] for c in run[0]) + "}"


def _folded(character: str) -> str:
    if character in _MEANING:
        return _MEANING[character]
    if character.isascii():
        return character if character.isprintable() or character.isspace() else ""
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Cs", "Me"} or "\ufe00" <= character <= "\ufe0f":
        # Keycaps and circles stand round a character, selectors say how it is drawn.
        return ""
    if category == "Mn":
        return character
    if category == "Zs":
        return " "
    if category == "No" and "⁄" in (spelled := unicodedata.normalize("NFKC", character)):
        top, _, bottom = spelled.partition("⁄")
        return f" {top}/{bottom}"
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) <= 4 else character
