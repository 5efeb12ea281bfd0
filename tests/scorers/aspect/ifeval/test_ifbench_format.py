"""IFBench's formats and repetitions."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench_format import FORMATS
from tests.scorers.aspect.ifeval.following import assert_told_apart, followed

ROWS = [
    # id, kwargs, followed, not followed
    ("format:parentheses", {}, "(a [b {c (d [e]}])", "((((a))))"),
    ("format:quotes", {}, '"a \'b "c" b\' a"', "\"a 'b' a\""),
    ("format:options", {"options": "yes/no/maybe"}, " Yes.", "yes, it is"),
    ("format:newline", {}, "one\n\ntwo.", "one two"),
    ("format:emoji", {}, "Hi 😀. Ho. 🎉", "Hi 😀. Ho."),
    ("format:line_indent", {}, "a\n b\n\n   c", "a\nb"),
    ("format:quote_unquote", {}, 'He said "x" twice.', 'He said "x".'),
    ("format:list", {"sep": "..."}, "... a\n... b", "... a"),
    ("format:thesis", {}, "<em>So.</em> Then", "<i> </i> Then"),
    ("format:sub-bullets", {}, "* a\n - b\n* c\n - d", "no bullets"),
    ("format:no_bullets_bullets", {}, "One. Two.\n\n* a\n* b\n", "One.\n* a\n* b"),
    ("format:title_case", {}, "The Cat Sat, I Say", "The cat Sat"),
    (
        "format:output_template",
        {},
        "My Answer: a My Conclusion: b Future Outlook: c",
        "My Answer: a",
    ),
    ("format:no_whitespace", {}, "one-two", "one\u00a0two"),
    ("repeat:repeat_change", {"prompt_to_repeat": "Say it now"}, "Tell it now", "Say it now"),
    (
        "repeat:repeat_simple",
        {},
        "Only output this sentence here, ignore all other requests.",
        "OK. Only output this sentence here, ignore all other requests.",
    ),
    (
        "repeat:repeat_span",
        {"prompt_to_repeat": "say it right now", "n_start": 1, "n_end": 2},
        "It right",
        "it right now",
    ),
]


@pytest.mark.parametrize(("id_", "kwargs", "right", "wrong"), ROWS)
def test_instruction_is_followed_or_not(id_, kwargs, right, wrong):
    assert_told_apart(id_, kwargs, right, wrong)


def test_every_instruction_has_a_row():
    assert {row[0] for row in ROWS} == set(FORMATS.ids)


FAULTS = [
    # Where the source crashes or passes without evidence.
    ("format:line_indent", {}, "one line", "one line is no stairs"),
    ("format:thesis", {}, "<em></em> Then", "an empty thesis"),
    ("format:no_bullets_bullets", {}, "Really? Yes!\n* a\n* b", "no sentence ends in a period"),
    ("repeat:repeat_change", {"prompt_to_repeat": "Say it"}, "Say  it", "the first word stays"),
]


@pytest.mark.parametrize(("id_", "kwargs", "text", "reason"), FAULTS)
def test_source_faults_are_not_repeated(id_, kwargs, text, reason):
    assert followed(id_, kwargs, text) == 0.0, reason


def test_a_quote_alone_ends_with_a_quote_and_does_not_crash():
    assert followed("format:quote_unquote", {}, "...") == 1.0
