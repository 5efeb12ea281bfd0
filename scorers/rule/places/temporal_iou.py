"""rule.temporal_iou: when something happens in a video."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.reading.around.spans import denied
from harmo.scorers.reading.json_answer import json_answer, read_json
from harmo.scorers.registry import scorer
from harmo.scorers.rule.places.frame import coordinate, pays_from_threshold
from harmo.scorers.rule.places.said import field, said_places
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.temporal_iou"
MAX_SEGMENTS = 1000
"""An answer of more segments is wrong: it lists the video."""
MAX_CHARS = 50_000
"""So is a longer answer part: what is not read of it might be another answer."""

TimeFrame = Literal["seconds", "unit", "thousand"]
"""What times count: seconds (or `mm:ss`), or the video's duration as 1 or as 1000."""

_CLOCK = r"\d{1,3}+:[0-5]\d(?>(?::[0-5]\d)?)(?>(?:\.\d{1,6}+)?)"
_SECONDS = r"\d{1,7}+(?>(?:\.\d{1,20}+)?)"
_UNIT = r"(?>(?: ?(?>seconds|second|secs|sec|s)(?!\w))?)"
_OTHER_UNIT = r" ?(?>minutes?|mins?|hours?|hrs?|milliseconds?|ms|m|h|frames?|percent)(?!\w)"
"""`10 to 20 minutes` is no ten seconds."""
_TIME = re.compile(
    rf"(?<![\w.:])((?>{_CLOCK}|{_SECONDS}(?!{_OTHER_UNIT})))(?![\d:]|\.\d){_UNIT}(?![\w%])"
)
_TO = frozenset(("to", "and", "until", "till", "through", "-", "–", "—", "~"))
_SIGNS = frozenset("+-−")
MAX_GAP_CHARS = 12
"""Between the two times of a segment."""
MAX_TIME_CHARS = 40
_STARTS, _ENDS = ("start", "start_time", "begin", "from"), ("end", "end_time", "stop", "to")
_LISTS = ("segments", "segment", "spans", "timestamps", "windows", "intervals", "time")


class Segment(NamedTuple):
    """A stretch of time, `start` before `end`."""

    start: float
    end: float


@scorer(
    NAME,
    on_loop=True,
    by_text=True,
    self_answer=lambda frame, reference_frame, **_: (
        "bare" if reference_frame in {None, frame} else "never"
    ),
    near_enough=pays_from_threshold,
)
@settled(NAME)
def temporal_iou(
    sample: Sample,
    *,
    frame: TimeFrame = "seconds",
    reference_frame: TimeFrame | None = None,
    threshold: float | None = None,
) -> Score:
    """Time that answer and reference share over the time that either covers, in [0, 1].

    |A and B| / |A or B| of the unions of their segments: the tIoU of Time-R1 (arXiv 2503.13377,
    `iou_timestamp_reward`), VideoChat-R1 and the temporal tasks built on Video-R1, which read one
    `start to end`. Here there may be several, in any order, and what overlaps counts once; and all
    that is said counts, where they take the last pair. The factors by which Time-R1's paper scales
    for each boundary's distance are left out: their sum over a reference is no IoU any more. With
    `threshold` 1.0 from there on, else 0.0.

    Segments are JSON (`[12.5, 17]`, a list of such, `{"start": "0:12", "end": "0:17"}`) or text
    ("from 12.5 to 17 seconds", "0:12 - 0:17", "1:02:03 to 1:02:10"). Wrong: none, one that ends
    before it starts, more than `MAX_SEGMENTS`. Abstains on a missing or unreadable reference, or
    where the frames differ and nobody gives the duration.

    Args:
        sample: Its reference is a segment or a list of them, as JSON or text; its metadata may give
            `duration_s`, which is needed where the frames differ.
        frame: What the times of the completion count, and of the reference unless told.
        reference_frame: What those of the reference count, where that differs.
        threshold: Least IoU of a right answer.
    """
    if sample.reference is None:
        return Score.abstain(Reason.NO_REFERENCE)
    wanted = _read(sample.reference)
    scale = _scale(sample, frame, reference_frame)
    if not wanted or scale is None:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    said = _said(sample)
    if not said:
        return verdict(NAME, 0.0, Pair.NO_ANSWER)
    iou = union_iou([Segment(start * scale, end * scale) for start, end in said], wanted)
    value = iou if threshold is None else float(iou >= threshold)
    return verdict(NAME, value, Pair.TEMPORAL, iou=iou, said=len(said), wanted=len(wanted))


def union_iou(ones: Sequence[Segment], others: Sequence[Segment]) -> float:
    """Intersection over union of two sets of segments, in [0, 1]; overlaps within a set are one."""
    ones, others = joined(ones), joined(others)
    shared, i, j = 0.0, 0, 0
    while i < len(ones) and j < len(others):
        shared += max(min(ones[i].end, others[j].end) - max(ones[i].start, others[j].start), 0.0)
        if ones[i].end < others[j].end:
            i += 1
        else:
            j += 1
    union = _length(ones) + _length(others) - shared
    return min(shared / union, 1.0) if union > 0 else 0.0


def joined(segments: Sequence[Segment]) -> list[Segment]:
    """The same time without overlaps, in order."""
    found: list[Segment] = []
    for start, end in sorted(segments):
        if found and start <= found[-1].end:
            found[-1] = Segment(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Segment(start, end))
    return found


def _length(segments: Sequence[Segment]) -> float:
    return sum(segment.end - segment.start for segment in segments)


def _scale(sample: Sample, frame: TimeFrame, reference_frame: TimeFrame | None) -> float | None:
    """What an answer's times are multiplied by to count what the reference's do."""
    if reference_frame in (None, frame):
        return 1.0
    duration_s = coordinate(sample.metadata.get("duration_s"))
    if duration_s is None or duration_s <= 0:
        return None
    in_seconds = {"seconds": 1.0, "unit": duration_s, "thousand": duration_s / 1000}
    return in_seconds[frame] / in_seconds[reference_frame or frame]


def _said(sample: Sample) -> list[Segment]:
    """The segments of an answer; none where one is malformed, or there are too many."""
    if len(sample.text) > MAX_CHARS:
        return []
    try:
        value = json_answer(sample.text, sample.think_tags)
    except ValueError:
        return _stated(sample.text) or _within(sample)
    return _within(sample) if isinstance(value, list | dict) else _stated(sample.text)


def _within(sample: Sample) -> list[Segment]:
    """The segments of the one JSON value in a sentence or box."""
    try:
        return _listed(said_places(sample))
    except ValueError:
        return []


def _read(reference: object) -> list[Segment]:
    if not isinstance(reference, str):
        return _listed(reference)
    try:
        return _listed(read_json(reference))
    except ValueError:
        return _written(reference[:MAX_CHARS])


def _stated(text: str) -> list[Segment]:
    """The segments of running text, where the words around them leave them what they are."""
    times = list(_TIME.finditer(text))
    if times and denied(text, times[0].start(), times[-1].end()):
        return []
    return _written(text)


def _written(text: str) -> list[Segment]:
    """The segments of running text, every one of them."""
    times = list(_TIME.finditer(text))
    pairs: list[tuple[float | None, float | None]] = []
    at = 0
    while at + 1 < len(times):
        start, end = times[at : at + 2]
        joined_here = _are_ends(text, start, end)
        if joined_here:
            pairs.append((_time(start[1]), _time(end[1])))
        at += 2 if joined_here else 1
    return _sound(pairs)


def _are_ends(text: str, start: re.Match[str], end: re.Match[str]) -> bool:
    """True for two times that a word or a dash joins, or a comma in brackets."""
    before, after = text[max(start.start() - 1, 0) : start.start()], text[end.end() : end.end() + 1]
    gap = slice(start.end(), min(end.start(), start.end() + MAX_GAP_CHARS))
    between = text[gap].strip(" ")
    if between == ",":
        return before in ("[", "(") and after in ("]", ")")
    return between in _TO and before not in _SIGNS


def _listed(value: object) -> list[Segment]:
    """The segments of a JSON value: one, a list of them, or an object that has either."""
    if (inner := field(value, _LISTS)) is not None:
        value = inner
    if (one := _ends(value)) is not None:
        return _sound([one])
    if not isinstance(value, list | tuple):
        return []
    pairs = [_ends(each) for each in value[: MAX_SEGMENTS + 1]]
    return _sound([pair or (None, None) for pair in pairs])


def _ends(value: object) -> tuple[float | None, float | None] | None:
    """The two times of one segment; None for what is none."""
    if isinstance(value, list | tuple) and len(value) == 2:
        start, end = value
        return None if isinstance(start, list | tuple) else (_time(start), _time(end))
    start, end = field(value, _STARTS), field(value, _ENDS)
    return None if start is None or end is None else (_time(start), _time(end))


def _sound(pairs: Sequence[tuple[float | None, float | None]]) -> list[Segment]:
    """The pairs as segments; none at all where one is no stretch of time, or they are too many."""
    segments = [
        Segment(start, end)
        for start, end in pairs
        if start is not None and end is not None and 0 <= start < end
    ]
    return segments if len(segments) == len(pairs) <= MAX_SEGMENTS else []


def _time(value: object) -> float | None:
    """A number, or a text of one with or without its unit, or `mm:ss`, as a number."""
    if not isinstance(value, str):
        return coordinate(value)
    if len(value) > MAX_TIME_CHARS or (read := _TIME.fullmatch(value.strip())) is None:
        return None
    number = 0.0
    for part in read[1].split(":"):
        number = 60 * number + float(part)
    return number
