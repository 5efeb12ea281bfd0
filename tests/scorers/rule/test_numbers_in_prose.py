"""rule.count, rule.numeric and rule.chart_relaxed in running text: what says a number."""

from __future__ import annotations

import pytest

from tests.scorers.rule.prose import value

HONEST = [
    ("rule.count", "3", "There are 3 bars with values below 40.", "", "what is counted goes on"),
    ("rule.count", "4", "I can see four chairs around 1 table.", "", "the same in words"),
    ("rule.count", "0", "None of them.", "", "none of them"),
    ("rule.count", "0", "There are no dogs in the picture.", "", "no dogs"),
    ("rule.count", "5", "<answer>There are 5 cars.</answer>", "", "a sentence in an element"),
    ("rule.numeric", "5", "about 5", "", "an estimate of a value"),
    ("rule.numeric", "5", "The length is 5 cm.", "", "a unit"),
    ("rule.chart_relaxed", "1200000", "$1.2M", "", "currency and scale"),
    ("rule.chart_relaxed", "$1.2bn", "1.2 billion", "", "bn"),
    ("rule.chart_relaxed", "-1234", "(1,234)", "", "an accounting negative"),
    ("rule.chart_relaxed", "45%", "45 percent", "", "a word for the sign"),
    ("rule.chart_relaxed", "12 kg", "12.3", "", "the unit left out"),
    ("rule.chart_relaxed", "2010/11", "2010/11", "", "a season"),
    ("rule.chart_relaxed", "18-24", "18-24", "", "a range as a label"),
    ("rule.chart_relaxed", "2,000 people", "1,950 people", "", "a quantity that looks like a year"),
    ("rule.chart_relaxed", "2012", "In 2012.", "", "a year in a phrase"),
]
HOSTILE = [
    ("rule.count", "0", "none of your business", "", "no count"),
    ("rule.count", "0", "no idea", "", "no idea"),
    ("rule.count", "0", "None of the above", "", "no option"),
    ("rule.count", "0", "There is no way to tell", "", "no way"),
    ("rule.count", "5", "at most 5", "", "a bound"),
    ("rule.count", "5", "not 5", "", "denied"),
    ("rule.count", "5", "5 or 6", "", "two"),
    ("rule.count", "5", "between 4 and 6", "", "a range"),
    ("rule.count", "5", "5-ish", "", "about"),
    ("rule.count", "5", "about 5", "", "an estimate"),
    ("rule.count", "5", "\\boxed{about 5}", "", "an estimate in a box"),
    ("rule.count", "100", "less than 100", "", "a bound"),
    ("rule.count", "5", "5+", "", "or more"),
    ("rule.count", "5", "5 or more", "", "the same in words"),
    ("rule.count", "3", "I see 3 red and 2 blue squares.", "", "two counts"),
    ("rule.count", "5", "There aren't 5 dogs.", "", "denied in a sentence"),
    ("rule.numeric", "100", "less than 100", "", "a bound"),
    ("rule.numeric", "5", "not 5", "", "denied"),
    ("rule.numeric", "5", "\\boxed{> 5}", "", "a sign for a bound"),
    ("rule.numeric", "5", "at least 5 metres", "", "with a unit"),
    ("rule.numeric", "5", "up to 5", "", "up to"),
    ("rule.numeric", "5", "It is under 5.", "", "in a sentence"),
    ("rule.numeric", "5", "maybe 5 or so", "", "or so"),
    ("rule.chart_relaxed", "2010", "2011", "", "a year"),
    ("rule.chart_relaxed", "2,000", "in 2019", "", "a date"),
    ("rule.chart_relaxed", "2010/11", "2011/12", "", "another season"),
    ("rule.chart_relaxed", "2010-2011", "2011-2012", "", "other years"),
    ("rule.chart_relaxed", "18-24", "25-34", "", "another range"),
    ("rule.chart_relaxed", "12/05/2010", "12/05/2011", "", "another date"),
    ("rule.chart_relaxed", "100", "less than 100", "", "a bound"),
    ("rule.chart_relaxed", "12 kg", "12 g", "", "another unit"),
    ("rule.chart_relaxed", "1234", "(1,234)", "", "a negative"),
    ("rule.chart_relaxed", "1.2M", "1.2bn", "", "another scale"),
    ("rule.chart_relaxed", "1st", "1.02", "", "a rank"),
]
MORE_HONEST = [
    ("rule.count", "3", "There are exactly three dogs.", ""),
    ("rule.count", "3", "I count 3 birds on the left.", ""),
    ("rule.count", "2", "The image shows 2 cats and no dogs.", ""),
    ("rule.count", "3", "There are 3 apples, 2 of which are red.", ""),
    ("rule.count", "7", "In total, there are 7.", ""),
    ("rule.count", "7", "The answer is 7 cars.", ""),
    ("rule.count", "7", "3 + 4 = 7", ""),
    ("rule.chart_relaxed", "25", "The value is about 25.3", ""),
    ("rule.chart_relaxed", "25%", "25.1", ""),
    ("rule.chart_relaxed", "Brazil", "The answer is Brazil", ""),
    ("rule.chart_relaxed", "3.5 million", "3,500,000", ""),
    ("rule.chart_relaxed", "€2.5m", "2.5 million euros", ""),
    ("rule.chart_relaxed", "-5", "−5", ""),
    ("rule.chart_relaxed", "-5%", "(5%)", ""),
    ("rule.chart_relaxed", "0.25", "25%", ""),
    ("rule.chart_relaxed", "USD 5 million", "5M", ""),
    ("rule.count", "2", "There are 2.", ""),
    ("rule.count", "0", "Zero", ""),
    ("rule.count", "0", "0 dogs", ""),
    ("rule.count", "4", "So there are 4 dogs in total.", ""),
    ("rule.count", "5", "I counted them: 5", ""),
    ("rule.count", "6", "The total number of birds is 6.", ""),
    ("rule.numeric", "9.8", "g = 9.8 m/s^2", ""),
    ("rule.numeric", "12", "approximately 12", ""),
    ("rule.numeric", "3.5", "The answer is approximately 3.5.", ""),
    ("rule.numeric", "-3", "minus three", ""),
    ("rule.chart_relaxed", "45", "45 (approximately)", ""),
    ("rule.chart_relaxed", "45.5", "45.5%", ""),
    ("rule.chart_relaxed", "2015", "The year is 2015.", ""),
    ("rule.chart_relaxed", "1500", "1.5k", ""),
    ("rule.chart_relaxed", "10", "The difference is 10.", ""),
]
"""Ways in which models say it."""
MORE_HOSTILE = [
    ("rule.count", "5", "over 5", ""),
    ("rule.count", "5", "more than 5 dogs", ""),
    ("rule.count", "5", "fewer than 5", ""),
    ("rule.count", "5", "5, maybe 6", ""),
    ("rule.count", "5", "5 to 7", ""),
    ("rule.count", "5", "4-5", ""),
    ("rule.count", "5", "approximately 5", ""),
    ("rule.count", "5", "~5", ""),
    ("rule.count", "5", "5 or so", ""),
    ("rule.count", "5", "up to five", ""),
    ("rule.count", "5", "not five", ""),
    ("rule.count", "0", "none other than me", ""),
    ("rule.count", "0", "no comment", ""),
    ("rule.count", "0", "nothing", ""),
    ("rule.count", "5", "≤5", ""),
    ("rule.count", "5", "<5", ""),
    ("rule.count", "5", "5?", ""),
    ("rule.count", "5", "roughly 5 dogs", ""),
    ("rule.count", "3", "There are 3 or 4 dogs", ""),
    ("rule.count", "3", "There are 3 dogs. There are 4 dogs.", ""),
    ("rule.count", "5", "between 5 and 7", ""),
    ("rule.count", "5", "There are at least 5 dogs in the picture", ""),
    ("rule.count", "5", "around five", ""),
    ("rule.count", "1", "one or two", ""),
    ("rule.numeric", "5", "5?", ""),
    ("rule.numeric", "5", "≥ 5", ""),
    ("rule.numeric", "5", "x < 5", ""),
    ("rule.numeric", "5", "x \\ne 5", ""),
    ("rule.numeric", "5", "The answer is less than 5.", ""),
    ("rule.numeric", "5", "The answer isn't 5", ""),
    ("rule.numeric", "5", "anything but 5", ""),
    ("rule.numeric", "5", "no more than 5", ""),
    ("rule.numeric", "5", "\\boxed{\\le 5}", ""),
    ("rule.numeric", "5", "\\boxed{\\text{not } 5}", ""),
    ("rule.numeric", "5", "5 or 6", ""),
    ("rule.numeric", "5", "\\boxed{5 \\text{ or } 6}", ""),
    ("rule.chart_relaxed", "2019", "2018.5", ""),
    ("rule.chart_relaxed", "2005", "about 2004", ""),
    ("rule.chart_relaxed", "100", "at least 100", ""),
    ("rule.chart_relaxed", "100", "not 100", ""),
    ("rule.chart_relaxed", "100", "100 or 200", ""),
    ("rule.chart_relaxed", "100", "\\boxed{<100}", ""),
    ("rule.chart_relaxed", "Blue", "not blue", ""),
    ("rule.chart_relaxed", "Blue", "blue or red", ""),
    ("rule.chart_relaxed", "$5M", "5B", ""),
    ("rule.count", "0", "No image provided.", ""),
    ("rule.count", "0", "There are no images I can see", ""),
    ("rule.count", "5", "Not 5 but 6", ""),
    ("rule.count", "5", "5 and 6", ""),
    ("rule.count", "5", "1 2 3 4 5", ""),
    ("rule.count", "5", "1, 2, 3, 4, 5", ""),
    ("rule.count", "2", "There are 2, 3 or 4 dogs", ""),
    ("rule.count", "5", "There might be 5 dogs", ""),
    ("rule.count", "5", "maybe 5", ""),
    ("rule.chart_relaxed", "2010", "2009.5", ""),
    ("rule.chart_relaxed", "2010", "between 2009 and 2011", ""),
]
"""Ways not to say it."""


@pytest.mark.parametrize(("name", "reference", "completion", "prompt", "why"), HONEST)
def test_an_answer_is_read(name, reference, completion, prompt, why) -> None:
    assert value(name, reference, completion, prompt) == 1.0, why


@pytest.mark.parametrize(("name", "reference", "completion", "prompt", "why"), HOSTILE)
def test_what_answers_nothing_earns_nothing(name, reference, completion, prompt, why) -> None:
    assert value(name, reference, completion, prompt) == 0.0, why


@pytest.mark.parametrize(("name", "reference", "completion", "prompt"), MORE_HONEST)
def test_other_ways_to_say_it_are_read(name, reference, completion, prompt) -> None:
    assert value(name, reference, completion, prompt) == 1.0


@pytest.mark.parametrize(("name", "reference", "completion", "prompt"), MORE_HOSTILE)
def test_other_ways_not_to_say_it_earn_nothing(name, reference, completion, prompt) -> None:
    assert value(name, reference, completion, prompt) == 0.0


ORDINALS = [
    (1, "1st"),
    (2, "2nd"),
    (3, "3rd"),
    (4, "4th"),
    (5, "fifth"),
    (21, "21st"),
    (12, "12th"),
]


@pytest.mark.parametrize("name", ["rule.count", "rule.numeric"])
@pytest.mark.parametrize("written", [
    "{}", "the {}", "The {} floor.", "\\boxed{{{}}}", "<answer>{}</answer>", "The answer is {}.",
    "It is the {} one.", "the {} dog", "{} place", "in the {} row",
])  # fmt: skip
def test_a_rank_is_no_number(name, written) -> None:
    for number, rank in ORDINALS:
        assert value(name, str(number), written.format(rank)) == 0.0, rank


@pytest.mark.parametrize("written", [
    "the {}s", "{}s", "The {}s.", "\\boxed{{{}s}}", "in the {}s", "the mid-{}s", "mid-{}", "{}'s",
    "the early {}s", "before {}", "after {}", "pre-{}", "post-{}", "The answer is the {}s.",
    "{} BC", "It was before {}.", "<answer>{}s</answer>",
])  # fmt: skip
@pytest.mark.parametrize("year", ["2000", "1990", "1800"])
def test_a_decade_or_an_era_is_no_year(year, written) -> None:
    answer = written.format(year)
    assert value("rule.chart_relaxed", year, answer) == 0.0
    if "BC" not in answer and year != "1800":
        assert value("rule.numeric", year, answer) == 0.0


@pytest.mark.parametrize(("reference", "answer"), [
    ("2000s", "the 2000s"), ("the 1990s", "1990s"), ("2000", "in 2000"), ("2000", "Year 2000"),
    ("5", "5s"), ("2003", "The year is 2003."),
])  # fmt: skip
def test_a_decade_is_one_and_a_year_is_one(reference, answer) -> None:
    assert value("rule.chart_relaxed", reference, answer) == 1.0


THINGS = ["dogs", "cars", "red apples", "people"]


@pytest.mark.parametrize("things", THINGS)
@pytest.mark.parametrize("written", [
    "There are five {}: 2 brown and 3 black.", "There are 5 {}: 2 big, 3 small.",
    "So, 5 {} are visible, not 6.", "5 {} are visible, not 4.", "There are 5 {}, not 6.",
    "I see 5 {} (2 on the left, 3 on the right).", "I count 5 {}: 1 left, 4 right.",
    "The image shows 5 {}, 2 brown and 3 black.", "In total, 5 {} are visible.",
    "There are 5 {}; 2 are brown and 3 are black.", "We can see 5 {}, not 6.",
])  # fmt: skip
def test_a_count_stands_before_its_parts_and_before_a_denied_one(written, things) -> None:
    answer = written.format(things)
    assert value("rule.count", "5", answer) == 1.0
    assert value("rule.count", "6", answer) == value("rule.count", "3", answer) == 0.0


@pytest.mark.parametrize("things", THINGS)
@pytest.mark.parametrize("written", [
    "There are 2 brown and 3 black {}.", "not 5 {}, 6", "There are not 5 {}: 2 and 4.",
    "5 {} or 6 {} are visible.", "So, 6 {} are visible, not 5.", "There are 6 {}: 5 big, 1 small.",
    "There are 6 {}, not 5.", "Some say there are 5 {}.", "There are 2 {}: not 5",
    "There might be 5 {}: 2 brown and 3 black.", "There are 5 {}, or 6.",
    "There are about 5 {}: 2 brown and 3 black.", "There are 5 {}, 2 brown and 4 black.",
])  # fmt: skip
def test_no_count_is_stated(written, things) -> None:
    assert value("rule.count", "5", written.format(things, things)) == 0.0


@pytest.mark.parametrize(("label", "noun"), [
    ("blue", "color"), ("Brazil", "country"), ("Q3", "quarter"), ("New York", "city"),
])  # fmt: skip
def test_a_label_of_a_chart_is_read_as_other_words_are(label, noun) -> None:
    prompt = f"What is the {noun}?"
    for said in ("The {0} is {1}.", "It is {1}.", "\\boxed{{{1}}}", "{1}", "So the {0} is {1}."):
        assert value("rule.chart_relaxed", label, said.format(noun, label), prompt) == 1.0, said
    unsaid = ["The {0} is not {1}.", "The {0} is {1} or red.", "maybe {1}", "{1}?", "Is it {1}?"]
    for said in [
        *unsaid,
        "The {0} might be {1}.",
        "{1} and red",
        "Some say it is {1}.",
        "Not {1}.",
    ]:
        assert value("rule.chart_relaxed", label, said.format(noun, label), prompt) == 0.0, said
