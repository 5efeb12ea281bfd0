"""rule.table: a table read off a picture, as HTML or Markdown, by its tree edit distance."""

from __future__ import annotations

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, accepted, best, verdict
from harmo.scorers.reading.around.spans import denied
from harmo.scorers.registry import scorer
from harmo.scorers.rule.documents.markup import MAX_CELLS, Table, TooLargeError, tables
from harmo.scorers.rule.documents.tree import similarity
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.table"
MAX_CHARS = 100_000
"""Of the text that a table stands in; a longer one is not read."""

MAX_REFERENCE_CELLS = 2 * MAX_CELLS
"""Rows and cells of all accepted references together."""


def reference_fault(reference: object) -> Reason | None:
    """Why no table can be read of a reference; None where one can."""
    read = _references(Sample(reference=reference))
    return read if isinstance(read, Reason) else None


@scorer(
    NAME,
    isolate=True,
    timeout_s=5.0,
    by_text=True,
    reference_fault=reference_fault,
    carries=(),
    self_answer="bare",
)
@settled(NAME)
def table(sample: Sample, *, structure_only: bool = False) -> Score:
    """Tree-edit-distance-based similarity of two tables (TEDS, or TEDS-S), in [0, 1].

    1 - edits / nodes of the larger (Zhong et al. 2020, arXiv:1911.10683; PubTabNet's code). Nodes
    are rows and cells; to insert or delete one costs 1, to change a cell 1 where its spans differ,
    else its text's edits / longer length. In the normal form of OmniDocBench (arXiv:2412.07626):
    `th` is `td`; `thead`, `tbody`, captions and inline markup are left out; texts in NFKC with
    single blanks. Otherwise than there: invisible characters vanish, markup in a cell is no node,
    and where a table never closes there is none. The text round a table does not count.

    Wrong: no table, several different ones, one of more than 1,500 rows and cells. Abstains where
    the reference is missing or is not one such table.

    Args:
        sample: Its reference is a table in HTML or Markdown, or a list of accepted ones.
        structure_only: Leave the texts aside (TEDS-S). A fixed grid is then right wherever it fits.
    """
    references = _references(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    if len(sample.text) > MAX_CHARS:
        return verdict(NAME, 0.0, Pair.SCREENED, why=f"more than {MAX_CHARS} characters")
    try:
        found = tables(sample.text)
    except TooLargeError as error:
        return verdict(NAME, 0.0, Pair.SCREENED, why=str(error))
    if len(found) != 1 or denied(sample.text, *_span(sample.text)):
        pair = Pair.CONFLICT if found else Pair.NO_ANSWER
        return verdict(NAME, 0.0, pair, tables=len(found))
    (answer,) = found
    return best([_compared(each, answer, structure_only=structure_only) for each in references])


def _span(text: str) -> tuple[int, int]:
    """Where the tables of a text begin and end, by their marks."""
    low = text.lower()
    marks = ("<table", "</table>") if "<table" in low else ("|", "|")
    return max(low.find(marks[0]), 0), max(low.rfind(marks[1]) + len(marks[1]), 0)


def _references(sample: Sample) -> list[Table] | Reason:
    texts = accepted(sample)
    if isinstance(texts, Reason):
        return texts
    try:
        found = [tables(text) for text in texts]
    except TooLargeError:
        return Reason.UNREADABLE_REFERENCE
    size = sum(len(table.rows) + len(table.cells) for each in found for table in each)
    if size > MAX_REFERENCE_CELLS or any(len(each) != 1 for each in found):
        return Reason.UNREADABLE_REFERENCE
    return [each for (each,) in found]


def _compared(reference: Table, answer: Table, *, structure_only: bool) -> Score:
    return verdict(
        NAME,
        similarity(reference, answer, structure_only=structure_only),
        Pair.TABLE,
        rows=len(answer.rows),
        cells=len(answer.cells),
        wanted_rows=len(reference.rows),
        wanted_cells=len(reference.cells),
    )
