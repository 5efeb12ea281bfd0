"""Tables as CSV that spreadsheets read as text and numbers, never as formulas."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence

import numpy as np

from harmo.console.model.bins import Band
from harmo.console.model.curves import Curves

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of one, full width too."""
_MOST_CHARS = 32_000
"""Of a cell: spreadsheets hold no more."""

Value = str | float | None


def sheet(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """CSV with a line for each row; what is unknown is empty."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([cell(name) for name in header])
    writer.writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()


def cell(value: Value) -> str | float:
    """A number as it is; a text so that nobody runs it: after a quote where it might be one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value[:_MOST_CHARS].encode(errors="backslashreplace").decode().replace("\0", "␀")
        return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
    return value if math.isfinite(value) else ""


def curve_sheet(curves: Curves) -> str:
    """The curves of a run by step: for each its mean and the band around it."""
    bands: list[tuple[str, Band]] = [
        ("reward", curves.reward),
        ("right", curves.correct),
        *((column.name, band) for column, band in curves.columns),
        ("tokens", curves.tokens),
    ]
    plain = [
        ("truncated", curves.truncated),
        ("without_signal", curves.flat),
        *((f"unscored {reason}", values) for reason, values in curves.unscored.items()),
    ]
    header = ["first_step", "last_step"]
    columns = [curves.at.first_B, curves.at.last_B]
    for name, band in bands:
        header += [name, f"{name} p10", f"{name} p90"]
        columns += [band.mean_B, band.low_B, band.high_B]
    for name, values in plain:
        header.append(name)
        columns.append(values)
    return sheet(header, np.column_stack(columns).tolist())
