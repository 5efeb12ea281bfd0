"""The tables of a text: what is a cell, what it shows, and what is no table."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers.rule.documents import markup
from harmo.scorers.rule.documents.markup import Cell, Table, TooLargeError, shown, tables
from tests.security.pump import grown

A, B = Cell("a"), Cell("b")
PLAIN = "<table><tr><td>a</td><td>b</td></tr></table>"


def grid(*rows: str) -> Table:
    return Table(tuple(tuple(Cell(cell) for cell in row.split("|")) for row in rows))


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        (PLAIN, grid("a|b"), "one row"),
        ("<TABLE border=1><TR><TD>a<TH>b</TABLE>", grid("a|b"), "tags that may be left out"),
        ("<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
         grid("a", "b"), "head and body are rows"),
        ("<table><caption>so</caption><tr><td>a</td></tr></table>", grid("a"), "no caption"),
        ("<table><tr></tr><tr><td>a</td></tr></table>", Table(((), (A,))), "an empty row"),
        ("<table><td>a</td><td>b</td></table>", grid("a|b"), "a row that nobody began"),
        ("<table><tr><td><b>a</b><sup></sup></td></tr></table>", grid("a"), "inline markup"),
        ("<table><tr><td>a<br>b<p>c</p></td></tr></table>", grid("a b c"), "breaks are blanks"),
        ("<table><tr><td>a &lt; b &amp;&#x41;</td></tr></table>", grid("a < b &A"), "entities"),
        ("<table><tr><td>a < b, c > d</td></tr></table>", grid("a < b, c > d"), "signs, no tags"),
        ("<table><tr><td><!-- x </td> -->a</td></tr></table>", grid("a"), "a comment"),
        ("<table><tr><td><script>'<td>b</td>'</script>a</td></tr></table>", grid("a"), "a script"),
        ("<table><tr><td><style>b</style>a</td></tr></table>", grid("a"), "a style"),
        ("<table><tr><td colspan=2 rowspan='3'>a</td></tr></table>", Table(((Cell("a", 2, 3),),)),
         "spans"),
        ("<table><tr><td COLSPAN = \"2\">a</td></tr></table>", Table(((Cell("a", 2, 1),),)),
         "spans in capitals"),
        ("<table><tr><td colspan=0 rowspan=-2>a</td></tr></table>", grid("a"), "no such spans"),
        ("<table><tr><td data-colspan=4 title=rowspan>a</td></tr></table>", grid("a"), "none"),
        ("<table><tr><td rowspan=1000000000>a</td></tr></table>", grid("a"), "ten digits are none"),
        ("<table><tr><td rowspan=999999999>a</td></tr></table>",
         Table(((Cell("a", 1, markup.MAX_SPAN),),)), "a span is clamped, and never walked"),
        ("<table><tr><td>a<table><tr><td>b</td></tr></table>c</td></tr></table>", grid("a b c"),
         "a table in a cell is its text"),
        ("| a | b |\n|---|:-:|\n| c | d |", grid("a|b", "c|d"), "Markdown"),
        ("a | b\n--|--\nc | d\n\nrest", grid("a|b", "c|d"), "without outer pipes"),
        ("|a|b|\n|-|-|\n|c|\n|d|e|f|", grid("a|b", "c|", "d|e"), "padded and cut, as on GitHub"),
        ("|a|\n|-|\n|x \\| y|", Table(((A,), (Cell("x | y"),))), "a pipe in a cell"),
        ("|**a**|0.5**|\n|-|-|", grid("a|0.5**"), "emphasis round all of it; stars of its own"),
        ("|a<br>b|c|\n|-|-|", grid("a b|c"), "a break in Markdown"),
        ("The answer is |a|b|\n|-|-|\n|c|d|.", grid("a|b", "c|d"), "words round the outer pipes"),
        ("\\boxed{|a|b|\n|-|-|\n|c|d|}", grid("a|b", "c|d"), "a box round it"),
        ("Here:\n```html\n" + PLAIN + "\n```\nDone.", grid("a|b"), "text and a fence round it"),
    ],
)  # fmt: skip
def test_a_table_is_read(text: str, expected: Table, why: str) -> None:
    assert tables(text) == (expected,), why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("a | b", "no line of dashes"),
        ("a\n---\nb", "no pipe"),
        ("|a|b|\n|---|", "dashes for another number of columns"),
        ("<table></table>", "no cell"),
        ("<table><tr></tr></table>", "a row without a cell"),
        ("<tr><td>a</td></tr>", "no table"),
        ("<table><tr><td>a</td></tr>", "it never closes"),
        ("<table><table><tr><td>a</td></tr></table>", "the outer one never closes"),
        ("<table><tr><td>a<!-- </td></tr></table>", "a comment that never closes"),
        ("<table><tr><td><script>a</td></tr></table>", "a script that never closes"),
        ("<!-- " + PLAIN + " -->", "all of it is a comment"),
        ("<script>" + PLAIN + "</script>", "all of it is a script"),
        ("&lt;table&gt;&lt;tr&gt;", "markup that is shown"),
    ],
)
def test_there_is_no_table(text: str, why: str) -> None:
    assert tables(text) == (), why


def test_different_tables_are_several_and_the_same_ones_are_one() -> None:
    markdown = "|a|b|\n|-|-|\n"
    assert tables(PLAIN + "\n\n" + markdown) == (grid("a|b"),)
    assert len(tables(PLAIN + PLAIN.replace(">b<", ">c<") + "\n\n" + markdown)) == 2


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        ("a\u200b\u00adb\u202e", "ab", "invisible characters"),
        ("\u00a0 a\n\t b ", "a b", "blanks"),
        ("\uff11\ufb01", "1fi", "NFKC"),
        ("&nbsp;x&notanentity;", "x¬anentity;", "entities as HTML has them"),
        ("&#" + "9" * 5000 + ";", "\ufffd" + "9" * 4993 + ";", "no number of 5,000 digits"),
    ],
)
def test_what_a_cell_shows(text: str, expected: str, why: str) -> None:
    assert shown(text) == expected, why


@pytest.mark.parametrize(
    "text",
    [
        "<table>" + "<tr><td>" * 2_000 + "</table>",
        "<table>" + "<tr>" * 2_000 + "<td>a</table>",
        "<table><tr><td>" + "a" * 40_000 + "</table>",
        "<table><tr><td>" + "\ufdfa" * 3_000 + "</table>",
        "|" + "a|" * 200 + "\n|" + "-|" * 200 + "\n" + "|a|\n" * 20,
        "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000,
    ],
    ids=["cells", "rows", "text", "text that grows", "padding", "columns"],
)
def test_a_table_that_is_too_large_is_refused(text: str) -> None:
    with pytest.raises(TooLargeError):
        tables(text)


PIECES = ["<", ">", "<table", "<td>", "</td>", "<tr>", "<!--", "-->", "<script>", "&", "&#", "|"]
PIECES += ["<table>", "</table>", "|-", "|-|\n", "\\|", "<a b='", "a<b ", "rowspan=", "\n"]


@pytest.mark.parametrize("piece", PIECES)
def test_reading_takes_time_in_proportion(piece: str) -> None:
    def read(text: str) -> None:
        with suppress(TooLargeError):
            tables(text)

    assert grown(read, lambda size: piece * (size // len(piece))) is None


@given(st.lists(st.sampled_from([*PIECES, "a", "b "]), max_size=40).map("".join))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    for table in tables(text):
        assert table.cells
