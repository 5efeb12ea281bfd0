"""Instructions that no completion can follow together: a fault of the data, to be named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from harmo.scorers.aspect.ifeval.instruction import Instruction

_EXCLUSIVE = (("change_case:english_capital", "change_case:english_lowercase"),)
_COUNTED: Mapping[str, tuple[str, str | None, str | None]] = {
    "length_constraints:number_words": ("num_words", "relation", None),
    "length_constraints:number_sentences": ("num_sentences", "relation", None),
    "length_constraints:number_paragraphs": ("num_paragraphs", None, None),
    "detectable_format:number_bullet_lists": ("num_bullets", None, None),
    "keywords:frequency": ("frequency", "relation", "keyword"),
    "keywords:letter_frequency": ("let_frequency", "let_relation", "letter"),
    "change_case:capital_word_frequency": ("capital_frequency", "capital_relation", None),
}
"""Per id: the argument that counts, the one that relates (None: exactly), the one counted."""


def contradictions(instructions: Sequence[Instruction]) -> list[str]:
    """What no completion can follow at once, one sentence each; empty where nothing is found.

    Looks for counts that leave no number, for words both wanted and forbidden, for two languages
    or cases, and for a paragraph beyond the last. It is not complete.
    """
    return [*_empty_ranges(instructions), *_word_conflicts(instructions), *_others(instructions)]


def _empty_ranges(instructions: Sequence[Instruction]) -> Iterator[str]:
    ranges: dict[tuple[str, str], tuple[int, float]] = defaultdict(lambda: (0, float("inf")))
    for instruction in instructions:
        if instruction.id not in _COUNTED:
            continue
        counted, related, of = _COUNTED[instruction.id]
        target = instruction.kwargs.get(counted)
        relation = instruction.kwargs.get(related) if related else "exactly"
        if not isinstance(target, int) or not isinstance(relation, str):
            continue
        low, high = _range(relation, target)
        what = str(instruction.kwargs.get(of)).lower() if of else ""
        before = ranges[instruction.id, what]
        ranges[instruction.id, what] = max(before[0], low), min(before[1], high)
    for (id_, what), (low, high) in ranges.items():
        if low > high:
            yield f"{id_} {what}".strip() + f" asks for at least {low} and at most {high:g}"


def _range(relation: str, target: int) -> tuple[int, float]:
    match relation:
        case "at least":
            return target, float("inf")
        case "less than":
            return 0, target - 1
        case "at most":
            return 0, target
        case "exactly":
            return target, target
    return 0, float("inf")


def _word_conflicts(instructions: Sequence[Instruction]) -> Iterator[str]:
    wanted, forbidden = (
        {
            str(word).lower()
            for instruction in instructions
            if instruction.id == id_
            for word in _strings(instruction.kwargs.get(argument))
        }
        for id_, argument in (
            ("keywords:existence", "keywords"),
            ("keywords:forbidden_words", "forbidden_words"),
        )
    )
    if both := sorted(wanted & forbidden):
        yield f"{both} are wanted and forbidden"


def _others(instructions: Sequence[Instruction]) -> Iterator[str]:
    ids = {instruction.id for instruction in instructions}
    for one, other in _EXCLUSIVE:
        if one in ids and other in ids:
            yield f"{one} and {other} exclude each other"
    languages = {
        str(instruction.kwargs.get("language"))
        for instruction in instructions
        if instruction.id == "language:response_language"
    }
    if len(languages) > 1:
        yield f"the whole response in each of {sorted(languages)}"
    for instruction in instructions:
        nth, count = (instruction.kwargs.get(key) for key in ("nth_paragraph", "num_paragraphs"))
        if isinstance(nth, int) and isinstance(count, int) and nth > count:
            yield f"{instruction.id}: paragraph {nth} of {count}"


def _strings(value: object) -> list[object]:
    return [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []
