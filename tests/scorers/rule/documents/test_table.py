"""TEDS of a table read off a picture."""

from __future__ import annotations

import pytest

from harmo.scorers import registry
from harmo.scorers.rule.documents.table import MAX_CHARS, reference_fault
from harmo.scorers.types import Reason

HTML = (
    "<table><thead><tr><th>year</th><th>cats</th></tr></thead>"
    "<tbody><tr><td>2020</td><td>10</td></tr></tbody></table>"
)
MARKDOWN = "| year | cats |\n|------|------|\n| 2020 | 10 |"
SPANNED = "<table><tr><td colspan=2>a</td></tr><tr><td>b</td><td>c</td></tr></table>"
ROWS = [
    (HTML, HTML, {}, 1, "the same"),
    (HTML, MARKDOWN, {}, 1, "as Markdown"),
    (MARKDOWN, HTML, {}, 1, "the other way round"),
    (HTML, f"The table reads:\n\n{MARKDOWN}\n\nI hope this helps.", {}, 1, "text round it"),
    (HTML, f"```markdown\n{MARKDOWN}\n```", {}, 1, "in a fence"),
    (HTML, HTML + HTML, {}, 1, "twice the same"),
    ([SPANNED, HTML], HTML, {}, 1, "one of two that are accepted"),
    (HTML, HTML.replace("10", "19"), {}, 1 - 0.5 / 6, "half a cell of six nodes"),
    (HTML, HTML.replace("10", "19"), {"structure_only": True}, 1, "its structure"),
    (HTML, HTML.replace("<td>10</td>", ""), {}, 1 - 1 / 6, "a cell missing"),
    (HTML, "<table><tr><td>year cats 2020 10</td></tr></table>", {}, 1 - (4 + 13 / 17) / 6,
     "all words in one cell"),
    (SPANNED, SPANNED.replace(" colspan=2", ""), {}, 1 - 1 / 5, "a span missing"),
    (SPANNED, SPANNED.replace(" colspan=2", ""), {"structure_only": True}, 1 - 1 / 5,
     "a span is structure"),
    (SPANNED, SPANNED.replace("colspan=2", "rowspan=999999999"), {}, 1 - 1 / 5, "another span"),
    (HTML, HTML + MARKDOWN.replace("10", "11"), {}, 0, "two different tables"),
    (HTML, HTML.removesuffix("</table>"), {}, 0, "it never closes"),
    (HTML, "year cats 2020 10", {}, 0, "no table"),
    (HTML, "", {}, 0, "nothing"),
    (HTML, "<table></table>", {}, 0, "an empty table"),
    (HTML, "<table>" * 20_000, {}, 0, "tables without end"),
    (HTML, "<table>" + "<tr><td>" * 4_000 + "</table>", {}, 0, "too many cells"),
    (HTML, "<table><tr>" + "<td>1" * 1_400 + "</table>", {}, 0, "a wide one"),
    (HTML, HTML + " " * MAX_CHARS, {}, 0, "a text too long to be read"),
    (HTML, f"<!-- {HTML} -->", {}, 0, "a comment"),
    (HTML, HTML.replace("<td>10", "<td>10<!-- 11 --><script>'</td><td>9'</script>"), {}, 1,
     "what is not shown does not count"),
    (HTML, HTML.replace("10", "1\u200b0"), {}, 1, "nor what nobody sees"),
    (HTML, HTML.replace("10", "&lol9;" * 500), {}, 1 - 1 / 6, "entities that nobody declared"),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, reference, completion, params, value, why):
    score = scored("rule.table", reference, completion, params=params)

    assert score.value == pytest.approx(value, abs=1e-9), why
    assert "pair" in score.detail


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, Reason.NO_REFERENCE),
        ("", Reason.UNREADABLE_REFERENCE),
        ("year cats", Reason.UNREADABLE_REFERENCE),
        (HTML + SPANNED, Reason.UNREADABLE_REFERENCE),
        ([HTML, "no table"], Reason.UNREADABLE_REFERENCE),
        ("<table>" + "<tr><td>" * 4_000 + "</table>", Reason.UNREADABLE_REFERENCE),
        ([HTML.replace("10", str(n)) for n in range(65)], Reason.UNREADABLE_REFERENCE),
        (["<table><tr>" + "<td>" * 1_400 + str(n) + "</table>" for n in range(3)],
         Reason.UNREADABLE_REFERENCE),
        ({"table": HTML}, Reason.UNREADABLE_REFERENCE),
    ],
)  # fmt: skip
def test_no_table_to_compare_with_is_no_verdict(scored, reference, reason):
    assert scored("rule.table", reference, HTML).reason is reason
    assert reference_fault(reference) is reason


def test_a_reference_that_can_be_read_has_no_fault():
    assert reference_fault(HTML) is None


def test_it_runs_in_a_worker():
    assert registry.get("rule.table").isolate
