"""IFBench's instructions of one prompt each."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench_custom import CUSTOM
from tests.scorers.aspect.ifeval.following import assert_told_apart, followed

COUNTRIES = "\n".join(
    ["Zimbabwe", *(f"Y{chr(122 - n // 26)}{chr(122 - n % 26)}" for n in range(51))]
)
CAPITALS = (
    "Reykjavik, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, "
    "Dublin, Berlin, Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, "
    "Bratislava, Budapest, Vaduz, Chişinău, Bern, Ljubljana, Zagreb"
)
QUIZ = "\n".join(
    f"Question {n}. {'Why ' * n}?\n" + "\n".join(f"{letter}) x" for letter in "ABCDE")
    for n in range(1, 5)
)
CITIES = "ID,Country,City,Year,Count\n" + "1,A,B,2000,3\n" * 7
PRODUCTS = "ProductID,Category,Brand,Price,Stock\n" + "1,a,b,2,3\n" * 13
GRADES = '"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"\n' + '"1"\t"b"\t"A"\t"2"\t"9"\n' * 3
ALPHABET = " ".join(f"{chr(97 + n)}n end." for n in range(26))

ROWS = [
    # id, kwargs, followed, not followed
    ("custom:multiples", {}, "14,21,28, 35, 42, 49", "7, 14, 21, 28, 35, 42, 49"),
    ("custom:mcq_count_length", {}, QUIZ, "Sure! " + QUIZ),
    ("custom:reverse_newline", {}, COUNTRIES, COUNTRIES + "\nZambia"),
    ("custom:word_reverse", {}, "Eagle bald the is it.", "It is the bald eagle."),
    ("custom:character_reverse", {}, "Elgae dlab", "eagle bald"),
    ("custom:sentence_alphabet", {}, ALPHABET, ALPHABET.replace("bn", "xn")),
    ("custom:european_capitals_sort", {}, CAPITALS, CAPITALS.replace("Oslo, ", "")),
    ("custom:csv_city", {}, CITIES, CITIES + "1,A,B,2000,3"),
    ("custom:csv_special_character", {}, PRODUCTS + '1,"a&b",c,3,4', PRODUCTS + '1,"ab",c,3,4'),
    ("custom:csv_quotes", {}, GRADES, GRADES.replace('"b"', "b")),
    ("custom:date_format_list", {}, "1796-04-12, 1815-06-18", "1796-02-30"),
]


@pytest.mark.parametrize(("id_", "kwargs", "right", "wrong"), ROWS)
def test_instruction_is_followed_or_not(id_, kwargs, right, wrong):
    assert_told_apart(id_, kwargs, right, wrong)


def test_every_instruction_has_a_row():
    assert {row[0] for row in ROWS} == set(CUSTOM.ids)


FAULTS = [
    # Where the source crashes or passes without evidence.
    ("custom:date_format_list", {}, "1800-00-10", "no month 0"),
    ("custom:csv_city", {}, '"' + "x" * 200_000, "a field too long for the CSV reader"),
]


@pytest.mark.parametrize(("id_", "kwargs", "text", "reason"), FAULTS)
def test_source_faults_are_not_repeated(id_, kwargs, text, reason):
    assert followed(id_, kwargs, text) == 0.0, reason
