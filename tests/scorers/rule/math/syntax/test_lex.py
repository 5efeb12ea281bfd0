"""Cleaned text to tokens."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.syntax.lex import MAX_TOKENS, UnreadableError, tokenize

ROWS = [
    ("2x", "num:2 sym:x", "a digit ends a number, a letter is a symbol"),
    ("ab", "sym:a sym:b", "two letters are a product"),
    ("the", "word:the", "a short English word is no product"),
    ("area", "word:area", "nor are more than three letters"),
    ("ABCD", "sym:A sym:B sym:C sym:D", "unless they are capitals: a quadrilateral"),
    ("sin x", "func:sin sym:x", "a function without its backslash"),
    ("\\sin x", "func:sin sym:x", "the same with it"),
    ("theta", "sym:theta", "a Greek letter without its backslash"),
    ("\\varnothing", "sym:emptyset", "two commands for one set"),
    ("xory", "sym:x sep:or sym:y", "an `or` whose blanks were lost"),
    ("1,234", "num:1,234", "thousands"),
    ("1,23", "num:1 sep:, num:23", "no thousands"),
    ("(1,234)", "open:( num:1 sep:, num:234 close:)", "a comma in brackets separates"),
    ("(1,234, 5)", "open:( num:1,234 sep:, num:5 close:)", "unless the separators have blanks"),
    ("0,100", "num:0 sep:, num:100", "no number of thousands begins with 0"),
    (".5", "num:.5", "a decimal without its zero"),
    ("\\text{and}", "sep:and", "a word that separates"),
    ("\\text{ is even}", "word:is even", "other words stay one token"),
    ("\\text{B}", "sym:B", "but for a single letter"),
    ("\\leq", "rel:<=", "a relation by its command"),
    ("x => 1", "sym:x rel:>= num:1", "a relation in keyboard signs"),
    ("\\{1\\}", "open:\\{ num:1 close:\\}", "braces of a set"),
    ("\\begin{pmatrix}1\\\\2\\end{pmatrix}", "begin:pmatrix num:1 row:\\\\ num:2 end:pmatrix",
     "a matrix with its rows"),
    ("\\heartsuit", "command:heartsuit", "an unknown command is kept for the parser to refuse"),
    ("5 \\% ?", "num:5 other:\\ percent:% other:?", "an unknown character, too"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tokens", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_tokens(text, tokens, why):
    assert " ".join(f"{token.kind}:{token.text}" for token in tokenize(text)) == tokens, why


def test_thousands_can_be_two_numbers():
    assert [token.text for token in tokenize("1,234", thousands=False)] == ["1", ",", "234"]


def test_blanks_before_a_token_are_remembered():
    assert [token.glued for token in tokenize("2 x y")] == [True, False, False]


def test_too_many_tokens_are_refused():
    assert len(tokenize("1+" * (MAX_TOKENS // 2))) == MAX_TOKENS
    with pytest.raises(UnreadableError, match="tokens"):
        tokenize("1+" * MAX_TOKENS)
