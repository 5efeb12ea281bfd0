"""When something happens: what is read as a segment, and what it is worth."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harmo.scorers.rule.places.temporal_iou import Segment, joined, union_iou
from harmo.scorers.types import Reason

NAME = "rule.temporal_iou"
READ = [
    ("from 10 to 20 seconds", 1, "running text"),
    ("10.0s - 20.0s", 1, "with units"),
    ("10 and 20", 1, "Time-R1's other word"),
    ("between 0:10 and 0:20", 1, "minutes and seconds"),
    ("0:00:10–0:00:20", 1, "hours too"),
    ("0:10 to 0:20 minutes", 1, "a clock's own word"),
    ("[0:10, 0:20]", 1, "in brackets, no JSON"),
    ("[10, 20]", 1, "JSON"),
    ("[[10, 20]]", 1, "a list of one"),
    ('{"start": 10, "end": 20}', 1, "an object"),
    ('[{"start_time": "0:10", "end_time": "00:20"}]', 1, "a list of objects"),
    ('```json\n{"segments": [["0:10", "0:20"]]}\n```', 1, "fenced, by name"),
    ("In the 30 second video it is 10 to 20.", 1, "a number that is no segment"),
    ('It is {"start": "0:10", "end": "0:20"}, I think', 1, "an object in a sentence"),
    ("\\boxed{[[10, 15], [15, 20]]}", 1, "a list in a box"),
    ("[10, 20], [10, 20]", 1, "the same twice"),
    ("10 to 15, then 15 to 20", 1, "two that meet"),
    ("10 to 18 and 12 to 20", 1, "two that overlap"),
    ("10 to 15", 0.5, "half"),
    ("15 to 25", 1 / 3, "shifted by half"),
    ("0 to 100", 0.1, "the whole video"),
    ("-5 to 20", 0, "a time before the start"),
    ("10 to 20 or 30 to 40", 0.5, "all that is said counts"),
    ("30 to 40", 0, "elsewhere"),
    ("20 to 30", 0, "they touch"),
]  # fmt: skip
WRONG = [
    ("", "nothing"),
    ("at 15 seconds", "a moment"),
    ("20 to 10", "the wrong way round"),
    ("15 to 15", "no length"),
    ("10 to 20, 40 to 30", "one of two the wrong way round"),
    ("[10, 20, 30]", "three numbers"),
    ("[[10, 20], [30]]", "one of two is none"),
    ("[NaN, 20]", "nan"),
    ("[10, Infinity]", "an infinity"),
    ("[10, 1e309]", "beyond every double"),
    ("[10, 1e30]", "beyond every video"),
    ("1e1 to 2e1", "exponents in prose"),
    ("0:75 to 1:99", "no such seconds"),
    ("0:10:5 to 0:20:5", "no clock"),
    ("10% to 20%", "shares"),
    ("10pm to 11pm", "times of day"),
    ("from 10 to 20 minutes", "minutes"),
    ("10 to 20 ms", "thousandths of a second"),
    ("10 to 20 frames", "frames"),
    ("10 to 20 percent", "shares in words"),
    ('{"start": 10, "start": 10, "end": 20}', "a key twice"),
    ('{"start": [10], "end": 20}', "a list for a time"),
    ('{"start": true, "end": 20}', "a truth value"),
    ("[10, 20] " * 6000, "too long a text"),
    (str([[n, n + 1] for n in range(1001)]), "a list of every second of a long video"),
    ("9" * 400 + " to " + "9" * 401, "too many digits"),
]


@pytest.mark.parametrize(("completion", "value", "why"), READ)
def test_segments_are_read_and_compared(scored, completion, value, why):
    assert scored(NAME, [10, 20], completion).value == pytest.approx(value), why


@pytest.mark.parametrize(("completion", "why"), WRONG)
def test_what_is_no_segment_is_wrong(scored, completion, why):
    assert scored(NAME, [10, 20], completion).value == 0.0, why


@pytest.mark.parametrize(
    "reference",
    ["10 to 20", "0:10-0:20", "[10, 20]", [[10, 20]], {"start": 10, "end": 20}, ["0:10", "0:20"],
     [[10, 15], [15, 20]], {"segments": [[10, 20]]}, [{"start": "0:10", "end": 20.0}]],
)  # fmt: skip
def test_a_reference_comes_in_any_of_these_forms(scored, reference):
    assert scored(NAME, reference, "10 to 20").value == 1.0


@pytest.mark.parametrize("reference", ["soon", [20, 10], [10], [], [[10, 20], None], 5, {"a": 1}])
def test_an_unreadable_reference_abstains_whatever_is_said(scored, reference):
    for completion in ("10 to 20", "", "[1e309]"):
        assert scored(NAME, reference, completion).reason is Reason.UNREADABLE_REFERENCE


def test_no_reference_abstains(scored):
    assert scored(NAME, None, "10 to 20").reason is Reason.NO_REFERENCE


def test_every_second_of_the_video_is_paid_its_share(scored):
    every = str([[n, n + 1] for n in range(600)])
    assert scored(NAME, [10, 20], every).value == pytest.approx(10 / 600)


def test_several_segments_are_one_stretch_of_time(scored):
    reference = [[0, 10], [20, 30]]
    assert scored(NAME, reference, "20 to 30, 0 to 10").value == 1.0
    assert scored(NAME, reference, "0 to 30").value == pytest.approx(2 / 3)
    assert scored(NAME, reference, "0 to 10").value == 0.5


def test_a_threshold_makes_it_right_or_wrong(scored):
    assert scored(NAME, [10, 20], "10 to 15", params={"threshold": 0.5}).value == 1.0
    assert scored(NAME, [10, 20], "10 to 14", params={"threshold": 0.5}).value == 0.0


@pytest.mark.parametrize(
    ("frame", "completion"), [("unit", "[0.1, 0.2]"), ("thousand", "[100, 200]")]
)
def test_frames_may_differ_where_the_duration_is_known(scored, frame, completion):
    params = {"frame": frame, "reference_frame": "seconds"}
    known = scored(NAME, [10, 20], completion, params=params, metadata={"duration_s": 100})
    assert known.value == pytest.approx(1.0)
    for duration_s in (None, 0, "100", True):
        unknown = scored(
            NAME, [10, 20], completion, params=params, metadata={"duration_s": duration_s}
        )
        assert unknown.reason is Reason.UNREADABLE_REFERENCE


SEGMENTS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 60)).map(
        lambda each: Segment(each[0] / 10, (each[0] + each[1]) / 10)
    ),
    min_size=1,
    max_size=8,
)


@given(SEGMENTS, SEGMENTS, st.randoms())
def test_iou_of_times(ones, others, random):
    iou = union_iou(ones, others)
    shuffled = random.sample(ones, len(ones))

    assert 0.0 <= iou <= 1.0
    assert union_iou(others, ones) == pytest.approx(iou)
    assert union_iou(ones, ones) == 1.0
    assert union_iou(shuffled, others) == iou, "the order does not count"
    assert union_iou([*ones, *shuffled], others) == iou, "nor does saying it twice"


@given(SEGMENTS, SEGMENTS)
def test_time_beside_the_reference_never_pays(ones, others):
    elsewhere = Segment(1000.0, 1010.0)
    assert union_iou([*ones, elsewhere], others) <= union_iou(ones, others)


@given(SEGMENTS, SEGMENTS, st.sampled_from([0.5, 2.0, 60.0]))
def test_the_scale_of_time_does_not_count(ones, others, scale):
    def scaled(segments):
        return [Segment(start * scale, end * scale) for start, end in segments]

    assert union_iou(scaled(ones), scaled(others)) == pytest.approx(union_iou(ones, others))


def test_what_lies_within_another_segment_adds_nothing():
    nested = [Segment(0, 10), Segment(2, 4), Segment(5, 6)]
    assert joined(nested) == [Segment(0, 10)]


@given(SEGMENTS)
def test_joined_segments_are_in_order_and_apart(segments):
    found = joined(segments)
    assert all(one.end < other.start for one, other in pairwise(found))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SEGMENTS)
def test_a_reference_answered_by_itself_is_equal(scored, segments):
    said = ", ".join(f"{start} to {end}" for start, end in segments)
    assert scored(NAME, [list(each) for each in segments], said).value == 1.0
    assert scored(NAME, said, str([list(each) for each in segments])).value == 1.0
