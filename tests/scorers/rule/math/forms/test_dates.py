"""Dates and times of day."""

from __future__ import annotations

from datetime import date

import pytest

from harmo.scorers.rule.math.forms.dates import read_dates, read_time, same_moment

DAY = date(2024, 3, 5)


@pytest.mark.parametrize(
    ("text", "seconds", "why"),
    [
        ("15:30", 55_800, "twenty-four hours"),
        ("3:30 pm", 55_800, "twelve hours"),
        ("3:30:15 p.m.", 55_815, "with seconds and full stops"),
        ("12 am", 0, "midnight"),
        ("12 pm", 43_200, "noon"),
        ("noon", 43_200, "in a word"),
        ("15", None, "a number"),
        ("13:00 pm", None, "no hour of the twelve"),
        ("12:60", None, "no minute"),
        ("half past three", 12_600, "in words"),
        ("a quarter to one", 45_900, "before one it is past twelve"),
        ("twenty-five past two", 8_700, "two words for the minutes"),
        ("ten minutes to 10", 35_400, "digits among words"),
        ("five o'clock", 18_000, "a full hour"),
        ("five", None, "a number"),
        ("half to three", None, "nobody says so"),
        ("half past nowhere", None, "no hour"),
        ("ten past thirteen", None, "no hour of the twelve"),
    ],
)
def test_read_time(text, seconds, why):
    assert read_time(text) == seconds, why


@pytest.mark.parametrize(
    ("text", "dates", "why"),
    [
        ("2024-03-05", {DAY}, "year first"),
        ("2024年3月5日", {DAY}, "in Chinese"),
        ("March 5, 2024", {DAY}, "American"),
        ("5th of March 2024", {DAY}, "British"),
        ("3/5/2024", {DAY, date(2024, 5, 3)}, "month and day either way"),
        ("3/15/2024", {date(2024, 3, 15)}, "unless there is no such month"),
        ("March 5", {(3, 5)}, "without a year"),
        ("2024-02-30", set(), "no day of the calendar"),
        ("Mars 5", {(3, 5)}, "a month by its first letters"),
        ("Room 5", set(), "no month"),
        ("3/5", set(), "a fraction"),
    ],
)
def test_read_dates(text, dates, why):
    assert read_dates(text) == dates, why


@pytest.mark.parametrize(
    ("reference", "answer", "same", "why"),
    [
        ("March 5, 2024", "2024-03-05", True, "one date, two spellings"),
        ("March 5, 2024", "March 6, 2024", False, "another day"),
        ("March 5", "March 5, 2024", False, "a date with a year and one without"),
        ("3:30 pm", "15:30", True, "one time, two clocks"),
        ("3:30 pm", "3:30", True, "the half of the day left open"),
        ("3:30 pm", "4:30", False, "another hour, whichever half is meant"),
        ("3:30", "15:30", False, "both leave it open: two times"),
        ("3:30 am", "15:30", False, "an hour past noon leaves nothing open"),
        ("15:30", "3:30 am", False, "on either side"),
        ("12:30 pm", "0:30", False, "nor does the hour of midnight"),
        ("12:30 am", "12:30", True, "twelve does"),
        ("3:30 pm", "3:31 pm", False, "another minute"),
        ("March 5", "5", None, "a number is no date"),
        ("noon", "March 5", None, "a time beside a date"),
    ],
)
def test_same_moment(reference, answer, same, why):
    assert same_moment(reference, answer) is same, why
