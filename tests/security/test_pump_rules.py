"""What rules and their readings cost grows no faster than the text, whatever it repeats.

Every construct that a reading looks for is repeated up to the longest completion that is accepted,
and to half of it: the work may grow by no more than a little over twice.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest

from harmo.scorers import reading, registry
from harmo.scorers.reading import (
    distance,
    extract,
    fold,
    json_answer,
    numbers,
    options,
    prose,
    quotes,
    schema,
    stated,
    text,
    words,
)
from harmo.scorers.reading.around import boxes, document, glue, lexicon, spans, visible, within
from harmo.scorers.reading.around import words as stance
from harmo.scorers.reading.decision import (
    amounts,
    clauses,
    counts,
    keys,
    listing,
    polarity,
    sentences,
    short,
    spelled,
    turning,
)
from harmo.scorers.reading.decision import stance as chosen_stance
from harmo.scorers.rule.code import last_block
from harmo.scorers.types import Image, Sample

MAX_CHARS = 400_000
"""The longest completion: the default of the setting `max_completion_chars`."""
MAX_GROWTH = 2.5
"""Per doubling."""
FLOOR_S = 0.03
"""Of CPU: what takes less at the full length needs no second look."""
FLOOR_BYTES = 4 << 20
TRIES = 6

TAGS = ["<think>", "</think>", "<think></think>", "<answer>", "</answer>", "<answer>x</answer>"]
BOXES = ["\\boxed{", "\\boxed{}", "\\boxed{1}", "\\boxed {", "\\fbox{", "\\\\\\\\boxed", "}", "{"]
FORMULAS = ["$", "$$", "\\(", "\\[", "$1$, ", "$2x=", "$1$ and ", "\\[1\\]", "\\", "\\\\", "\\,"]
NUMBERS = ["1", "-", "1,234", "1,", "1 ", "1 234 ", "1.", "1/2 ", "1e9", "π", "√1", "{,}", "4 or "]
AROUND = [
    "<!--",
    "~~",
    "<s>",
    "\\cancel{",
    "\\color{white}",
    "<b style=",
    "\n% ",
    "\u202e",
    "7\u0336",
]
CUES = ["the answer is ", "ans: ", "answer: 1. ", "is 5 ", "was 3. ", "because ", "not ", "a. "]
CLAUSES = [", so ", "7 is the answer. ", "- 7\n", "maybe ", "p.m. ", "of 7 "]
CHOICES = ["A ", "A) ", "A. x\n", "not A ", "B is wrong ", "option A ", "yes ", "no ", "none "]
SHAPES = ["[1,2,3,4]", "[1,", "(1,2)", "(", "[", "<", '{"a":', "[[", "{}", '"', '\\"', "```", "\\u"]
LATEX = ["\\frac{", "\\sqrt", "^{", "\\text{", "\\begin{matrix}", "\\left(", "9!", "=", "H111"]
UNITS = ["5 cm", "km/h ", "1 hour ", "°", "five ", "two hundred ", "万", "分之", "%"]
UNICODE = ["\ufdfa", "\u0301", "\U0001f600", "\ue000", "\u200b", "\u202e", "İ", "ﬁ", "٣", "½", "²"]
BLANKS = [" ", "\n", "\r\n", "\t", "\u2028", "\x00", "a", "ab ", "，", "。", "'"]
CONSTRUCTS = [
    *AROUND, *TAGS, *BOXES, *FORMULAS, *NUMBERS, *CUES, *CLAUSES, *CHOICES, *SHAPES, *LATEX,
    *UNITS, *UNICODE, *BLANKS,
]  # fmt: skip
WRAPPED = [("", ""), ("\\boxed{", "}"), ("The answer is ", ""), ("<answer>", "</answer>")]
"""What may stand round the repeated piece; one of them for each, in turn."""


def pumped(piece: str, chars: int, place: int = 0) -> str:
    before, after = WRAPPED[place % len(WRAPPED)]
    return before + piece * (chars // len(piece)) + after


def mixed(seed: int, chars: int) -> str:
    """A text of many constructs on end, the same at every length."""
    some = random.Random(seed)
    line = "".join(some.choices(CONSTRUCTS, k=40))
    return pumped(line, chars, seed)


Work = Callable[[str], object]
"""What is done to a text."""


def cpu_s(work: Work, given: str) -> float:
    start_s = time.thread_time()
    work(given)
    return time.thread_time() - start_s


def growth(
    work: Work, text_of: Callable[[int], str], chars: int = MAX_CHARS, floor_s: float = FLOOR_S
) -> float:
    """How much longer twice the text takes; 1 for what is quick at its full length."""
    whole, half = text_of(chars), text_of(chars // 2)
    long_s, short_s = cpu_s(work, whole), float("inf")
    for _ in range(TRIES):
        if long_s < floor_s:
            return 1.0
        short_s = min(short_s, cpu_s(work, half))
        if long_s < MAX_GROWTH * short_s:
            break
        long_s = min(long_s, cpu_s(work, whole))
    return long_s / short_s


def peak_bytes(work: Work, given: str) -> int:
    tracemalloc.start()
    work(given)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


IMAGE = Image(content=b"", media_type="image/png", width=640, height=480)
PIXELS = {"frame": "pixels"}
FIGURE = {"keypoints": [[10 * n, 20] for n in range(17)], "area": 900}
REFERENCES: dict[str, list[object]] = {
    "rule.anls": ["coca cola"],
    "rule.bbox_iou": [[10, 20, 110, 220]],
    "rule.bbox_set": [[[10, 20, 110, 220]]],
    "rule.chart_relaxed": ["12.5", "blue"],
    "rule.choice": ["B. blue"],
    "rule.contains": ["red fox"],
    "rule.count": ["3"],
    "rule.detection": [[{"bbox_2d": [10, 20, 110, 220], "label": "dog"}]],
    "rule.exact": ["Paris"],
    "rule.formula": ["\\frac{1}{2} m v^2"],
    "rule.gui_action": [{"action": "click", "box": [10, 20, 110, 220]}],
    "rule.json_schema": [{"a": 1, "b": "x"}],
    "rule.labels": [["red", "fox"]],
    "rule.keypoints": [FIGURE],
    "rule.math": ["42", "isosceles"],
    "rule.numeric": ["42"],
    "rule.ocr": ["the quick brown fox"],
    "rule.order": [["red", "fox", "owl"]],
    "rule.point_in_box": [[10, 20, 110, 220]],
    "rule.polygon_iou": [[[10, 20], [110, 20], [60, 220]], {"size": [9, 9], "counts": [9, 72]}],
    "rule.regex": ["(a|b)*c"],
    "rule.table": ["|red|fox|\n|-|-|\n|1|2|"],
    "rule.temporal_iou": ["0:12 to 0:17"],
    "rule.token_f1": ["the red fox"],
    "rule.vqa": [["red", "red", "blue"]],
    "rule.yes_no": ["yes"],
}
ELSEWHERE = {
    "rule.code": "its program runs in a sandbox; its reading is pumped below",
    "rule.by_task": "it picks one of the others",
}
CASES = [(name, reference) for name, each in REFERENCES.items() for reference in each]


def scoring(name: str, reference: object, prompt: str = "Find x.\nA. red\nB. blue") -> Work:
    """What the service's own process does with a completion: cut it, and the rule's attempt."""
    bound = registry.bind(name, {})
    quick = bound.spec.inline or bound.spec.fn

    def score(completion: str) -> object:
        sample = Sample(
            prompt=prompt,
            completion=completion,
            reference=reference,
            metadata=PIXELS,
            images=(IMAGE,),
        )
        return quick(extract.view(sample, part=bound.spec.reads, reference=None), **bound.params)

    return score


def test_every_rule_is_pumped() -> None:
    ours = [spec for spec in registry.all_specs() if spec.origin.startswith("harmo.")]
    rules = {spec.name for spec in ours if spec.family == "rule"}
    assert rules == REFERENCES.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize(("name", "reference"), CASES)
def test_a_rule_takes_time_in_proportion_to_its_text(name: str, reference: object) -> None:
    score = scoring(name, reference)
    slow = {}
    for place, piece in enumerate(CONSTRUCTS):
        if (times := growth(score, lambda n: pumped(piece, n, place))) >= MAX_GROWTH:  # noqa: B023
            slow[piece] = times
    for seed in range(8):
        if (times := growth(score, lambda n: mixed(seed, n))) >= MAX_GROWTH:  # noqa: B023
            slow[mixed(seed, 400)] = times
    assert slow == {}


@pytest.mark.parametrize(("name", "reference"), CASES)
def test_a_rule_takes_memory_in_proportion_to_its_text(name: str, reference: object) -> None:
    score = scoring(name, reference)
    large = {}
    pieces = ["\ufdfa", "\\boxed{1}", "$1$, ", "{", "1 ", "[1,2,3,4]", "İ", "a"]
    for place, piece in enumerate(pieces):
        half, whole = (peak_bytes(score, pumped(piece, n, place)) for n in (50_000, 100_000))
        if whole > FLOOR_BYTES and whole >= MAX_GROWTH * half:
            large[piece] = (half, whole)
    assert large == {}


ANSWER_CHARS = 1000
"""Within what is read of an answer: there the parser and the evaluator get all of it."""
ANSWER_FLOOR_S = 0.015
READING_CHARS = 100_000
READING_FLOOR_S = 0.01


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        *(
            ("rule.math", each)
            for each in ("42", "5 cm", "(1, 2)", "x^2 + 1", "\\{1, 2\\}", "x > 3")
        ),
        ("rule.numeric", "42"),
        ("rule.exact", "Paris"),
        ("rule.choice", "B. blue"),
    ],
)
def test_an_answer_that_is_read_whole_takes_time_in_proportion(name: str, reference: str) -> None:
    work = scoring(name, reference)
    slow = {}
    for piece in CONSTRUCTS:
        for before, after in WRAPPED[:2]:

            def text_of(chars: int, piece: str = piece, before: str = before, after: str = after):
                return before + piece * (chars // len(piece)) + after

            if (times := growth(work, text_of, ANSWER_CHARS, ANSWER_FLOOR_S)) >= MAX_GROWTH:
                slow[before + piece] = times
    assert slow == {}


SHORT = 72
"""Characters of answers that are read as something of their own: units, formulae, dates."""
AT_ONCE_S = 0.25
"""Of CPU: a hundred times what such an answer takes."""


@pytest.mark.parametrize("end", ["", "?", "1?", "H11?", " x"])
@pytest.mark.parametrize("reference", ["42", "H_2O", "5 cm", "12:30"])
def test_a_short_answer_takes_no_time_however_it_fails_to_match(reference: str, end: str) -> None:
    work = scoring("rule.math", reference)
    slow = {}
    for piece in [*CONSTRUCTS, "H1", "(H", "Na2+", "1:", "5 m "]:
        for times in range(4, SHORT // len(piece)):
            answer = f"\\boxed{{{piece * times}{end}}}"
            # Twice: the first unit of a process has all units read.
            if cpu_s(work, answer) > AT_ONCE_S and cpu_s(work, answer) > AT_ONCE_S:
                slow[piece] = times
                break
    assert slow == {}


REPEATED = ["1 ", "a ", "\\frac{1}{2}", "{", "\ufdfa", "1,234,", "(1,2),", "5 cm ", "\\text{"]


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_like_the_completion_takes_time_in_proportion(name: str) -> None:
    """The reference is the request's, and up to 100,000 characters are read of it."""
    slow = {}
    for piece in REPEATED:

        def work(said: str) -> object:
            return scoring(name, said)(said)

        if (times := growth(work, lambda n: piece * (n // len(piece)), 100_000)) >= MAX_GROWTH:  # noqa: B023
            slow[piece] = times
    assert slow == {}


@pytest.mark.parametrize("name", ["rule.choice", "rule.math"])
def test_a_prompt_takes_time_in_proportion(name: str) -> None:
    slow = {}
    for piece in ["A. red\n", " ", "\t", "1 * 2 ", "the product of 1,234 and ", "(", "= 5 "]:

        def work(prompt: str) -> object:
            return scoring(name, REFERENCES[name][0], prompt)("\\boxed{x = 5\\%}")

        if (times := growth(work, lambda n: piece * (n // len(piece)))) >= MAX_GROWTH:  # noqa: B023
            slow[piece] = times
    assert slow == {}


def message_of(said: str) -> str:
    return quotes.unquoted(f"invalid literal {said[:200]!r}", [said])


def sample_of(said: str) -> Sample:
    return Sample(prompt=said, completion=said)


LISTED = {"A": "red", "B": "blue"}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
# Every public function of `reading`, as it is given what a policy wrote.
READINGS: dict[str, Work] = {
    "around.boxes.placed": boxes.placed,
    "around.boxes.said": lambda said: [boxes.said(said, each) for each in boxes.placed(said).boxes],
    "around.boxes.settled": lambda said: boxes.settled(
        said, boxes.placed(said).boxes, bounded=True
    ),
    "around.document.document": document.document,
    "around.glue.glued": lambda said: glue.glued(said, len(said) // 2, len(said) // 2, ()),
    "around.lexicon.vocabulary": lexicon.vocabulary,
    "around.visible.visible": visible.visible,
    "around.within.cored": within.cored,
    "around.within.is_word": within.is_word,
    "around.within.stance_of": lambda said: within.stance_of(said, "7", said),
    "around.within.within": within.within,
    "around.words.after": stance.after,
    "around.words.before": stance.before,
    "around.words.near": lambda said: stance.near(numbers.Number(value=Fraction(1)), None),
    "around.words.worded": stance.worded,
    "around.visible.without_end_tokens": visible.without_end_tokens,
    "around.spans.denied": lambda said: spans.denied(said, len(said) // 2, len(said) // 2),
    "decision.amounts.amount": amounts.amount,
    "decision.amounts.charted": amounts.charted,
    "decision.amounts.is_dated": amounts.is_dated,
    "decision.amounts.is_decade": lambda said: amounts.is_decade(
        numbers.Number(value=Fraction(2000)), said
    ),
    "decision.amounts.lone": amounts.lone,
    "decision.amounts.near": lambda said: amounts.near(said, said),
    "decision.amounts.signed": amounts.signed,
    "decision.clauses.firm": lambda said: clauses.firm([said]),
    "decision.clauses.is_background": clauses.is_background,
    "decision.clauses.is_condition": clauses.is_condition,
    "decision.clauses.is_conditional": lambda said: clauses.is_conditional(said, len(said)),
    "decision.clauses.is_reported": clauses.is_reported,
    "decision.counts.counted": counts.counted,
    "decision.counts.is_tautology": counts.is_tautology,
    "decision.counts.none_or_one": counts.none_or_one,
    "decision.keys.decide": lambda said: keys.decide(said, LISTED, multi_select=True),
    "decision.listing.listed": listing.listed,
    "decision.polarity.polarity": polarity.polarity,
    "decision.polarity.word_of": polarity.word_of,
    "decision.sentences.breaks": sentences.breaks,
    "decision.sentences.excepts": sentences.excepts,
    "decision.sentences.masked": sentences.masked,
    "decision.sentences.plain_line": sentences.plain_line,
    "decision.sentences.plain_text": sentences.plain_text,
    "decision.sentences.sentences": sentences.sentences,
    "decision.short.marks": short.marks,
    "decision.short.says": lambda said: short.says(said, "Paris", said),
    "decision.short.states": lambda said: short.states(said, "Paris", said),
    "decision.short.taken_back": lambda said: short.taken_back(said, said[-20:]),
    "decision.spelled.ending": lambda said: spelled.ending(said, LISTED),
    "decision.spelled.in_sentence": lambda said: spelled.in_sentence(said, LISTED, said),
    "decision.spelled.meant": lambda said: spelled.meant(said, LISTED),
    "decision.spelled.spelled_out": lambda said: spelled.spelled_out(said, LISTED),
    "decision.spelled.stems": spelled.stems,
    "decision.stance.bettered": chosen_stance.bettered,
    "decision.stance.before": lambda said: chosen_stance.before(said, bracketed=True),
    "decision.stance.brushed_off": chosen_stance.brushed_off,
    "decision.stance.closed": chosen_stance.closed,
    "decision.stance.confirmed_after": chosen_stance.confirmed_after,
    "decision.stance.denied_after": chosen_stance.denied_after,
    "decision.stance.denies": chosen_stance.denies,
    "decision.stance.names": chosen_stance.names,
    "decision.stance.opens": chosen_stance.opens,
    "decision.stance.possible_after": chosen_stance.possible_after,
    "decision.turning.adds": turning.adds,
    "decision.turning.retracts": turning.retracts,
    "decision.turning.turns": turning.turns,
    "distance.levenshtein": lambda said: distance.levenshtein(said[:2000], said[:2000]),
    "extract.answer_start": extract.answer_start,
    "extract.boxes": extract.boxes,
    "extract.candidates": lambda said: list(extract.candidates(said, extract.MATH)),
    "extract.cut": lambda said: extract.cut(said, "answer"),
    "extract.cut_sample": lambda said: extract.cut_sample(
        sample_of(said), extract.Cut(said), reference=None
    ),
    "extract.elements": lambda said: extract.elements(said, "answer"),
    "extract.last_sentence": extract.last_sentence,
    "extract.named_reference": lambda said: extract.named_reference(sample_of(said), "caption"),
    "extract.parts": extract.parts,
    "extract.short_answer": lambda said: extract.short_answer(sample_of(said)),
    "extract.view": lambda said: extract.view(
        sample_of(said), part="last_sentence", reference=None
    ),
    "fold.fold": fold.fold,
    "json_answer.json_answer": lambda said: unless_refused(json_answer.json_answer, said),
    "json_answer.read_json": lambda said: unless_refused(json_answer.read_json, said),
    "numbers.read_folded": numbers.read_folded,
    "numbers.read_number": numbers.read_number,
    "numbers.unwrap": numbers.unwrap,
    "options.chosen": lambda said: options.chosen(sample_of(said), ("B",)),
    "options.listed_options": lambda said: options.listed_options(sample_of(said), ("B. blue",)),
    "options.reference_letters": lambda said: options.reference_letters(
        said, LISTED, multi_select=True
    ),
    "prose.cued": prose.cued,
    "prose.formula_spans": prose.formula_spans,
    "prose.last_formula": prose.last_formula,
    "prose.sentence_end": prose.sentence_end,
    "prose.trailing_number": prose.trailing_number,
    "quotes.unquoted": message_of,
    "quotes.written": lambda said: quotes.written(sample_of(said)),
    "schema.usable": lambda said: schema.usable(SCHEMA).departures({"a": said}, at_most=1),
    "schema.well_formed": lambda said: schema.well_formed({"type": "string", "title": said}),
    "stated.claimed": lambda said: stated.claimed(said, prose.Excerpt("7", 1, 2)),
    "stated.clauses": lambda said: list(stated.clauses(said)),
    "stated.is_aside": lambda said: stated.is_aside(said, exact=True),
    "stated.last_stating": stated.last_stating,
    "stated.stated_formula": stated.stated_formula,
    "stated.stated_number": stated.stated_number,
    "stated.without_list": stated.without_list,
    "text.plain": text.plain,
    "text.signs": text.signs,
    "text.squad": text.squad,
    "words.read_lettered": words.read_lettered,
    "words.read_word": words.read_word,
    "words.read_words": words.read_words,
}


def unless_refused(read: Work, said: str) -> None:
    try:
        read(said)
    except ValueError:
        return


def public_functions() -> Iterator[str]:
    for info in pkgutil.walk_packages(reading.__path__, f"{reading.__name__}."):
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and function.__module__ == module.__name__:
                yield f"{info.name.removeprefix(reading.__name__ + '.')}.{name}"


def test_every_reading_is_pumped() -> None:
    assert set(public_functions()) == READINGS.keys()


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_takes_time_in_proportion_to_its_text(name: str) -> None:
    slow = {}
    for place, piece in enumerate(CONSTRUCTS):
        times = growth(
            READINGS[name],
            lambda n: pumped(piece, n, place),  # noqa: B023
            READING_CHARS,
            READING_FLOOR_S,
        )
        if times >= MAX_GROWTH:
            slow[piece] = times
    assert slow == {}


def test_the_last_block_of_a_program_is_found_in_proportion_to_the_text() -> None:
    for piece in ["```", "``", "```\n", "`", "a\n"]:
        assert growth(last_block, lambda n: pumped(piece, n)) < MAX_GROWTH, piece  # noqa: B023


def test_growth_is_seen() -> None:
    """A reading that looks at its whole text from every place, as the harness must notice."""

    def quadratic(said: str) -> int:
        return sum(len(said[place:].upper()) for place in range(0, len(said), 10))

    assert growth(quadratic, lambda n: "a" * n, 40_000) >= MAX_GROWTH
    assert (
        peak_bytes(lambda said: [said[place:] for place in range(500)], "a" * 10_000) > FLOOR_BYTES
    )


def test_the_json_of_a_reference_is_read_in_proportion() -> None:
    score = scoring("rule.json_schema", {"a": 1})
    nested = growth(score, lambda n: '{"a":' * (n // 10) + "1" + "}" * (n // 10))
    many = growth(score, lambda n: json.dumps({str(i): i for i in range(n // 12)}))
    assert max(nested, many) < MAX_GROWTH
