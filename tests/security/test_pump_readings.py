"""What every public function of `reading` costs grows no faster than the text it reads."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from fractions import Fraction

import pytest

from harmo.scorers import reading
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
from harmo.scorers.reading.around import (
    boxes,
    clauses,
    document,
    glue,
    lexicon,
    rivals,
    spans,
    visible,
    within,
)
from harmo.scorers.reading.around import words as stance
from harmo.scorers.reading.decision import (
    amounts,
    counts,
    keys,
    listing,
    polarity,
    sentences,
    short,
    spelled,
    turning,
)
from harmo.scorers.reading.decision import clauses as deciding
from harmo.scorers.reading.decision import stance as chosen_stance
from harmo.scorers.rule.code import last_block
from harmo.scorers.types import Sample
from tests.growth import Work, steep
from tests.security.constructs import MAX_CHARS, plain, wrapped

CHARS = 100_000
FLOOR_S = 0.01


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
    "around.clauses.assumed": lambda said: clauses.assumed(said.split()),
    "around.clauses.framed": lambda said: clauses.framed(said.split() or [""]),
    "around.clauses.negated": lambda said: clauses.negated(said.split()),
    "around.rivals.is_rival": lambda said: rivals.is_rival([said, said, said], 1, said),
    "around.rivals.near": lambda said: rivals.near(numbers.Number(value=Fraction(1)), None),
    "around.rivals.numeral": rivals.numeral,
    "around.visible.visible": visible.visible,
    "around.within.cored": within.cored,
    "around.within.bracketed": lambda said: within.bracketed("7", said),
    "around.within.cored_stance": lambda said: within.cored_stance(said, "7", said),
    "around.within.is_word": within.is_word,
    "around.within.stance_of": lambda said: within.stance_of(said, "7", said),
    "around.within.within": within.within,
    "around.words.after": stance.after,
    "around.words.before": stance.before,
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
    "decision.clauses.firm": lambda said: deciding.firm([said]),
    "decision.clauses.is_background": deciding.is_background,
    "decision.clauses.is_condition": deciding.is_condition,
    "decision.clauses.is_conditional": lambda said: deciding.is_conditional(said, len(said)),
    "decision.clauses.is_reported": deciding.is_reported,
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
    "prose.announced": prose.announced,
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
    assert steep(READINGS[name], wrapped(), CHARS, floor_s=FLOOR_S) == {}


def test_the_last_block_of_a_program_is_found_in_proportion_to_the_text() -> None:
    assert steep(last_block, plain(["```", "``", "```\n", "`", "a\n"]), MAX_CHARS) == {}
