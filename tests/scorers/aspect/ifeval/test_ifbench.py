"""The 58 IFBench checks: what follows an instruction, what does not, and why."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench import IFBENCH, ifbench
from harmo.scorers.types import Sample

KEYWORDS = {f"keyword{n}": word for n, word in enumerate("abcde", start=1)}
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
PALINDROMES = "kayak level radar civic refer madam rotor tenet stats solos"

ROWS = [
    # id, kwargs, followed, not followed
    ("count:word_count_range", {"min_words": 2, "max_words": 3}, "a b", "a b c d"),
    ("count:unique_word_count", {"N": 2}, "so be it", "So so so."),
    ("count:conjunctions", {"small_n": 2}, "this and that, but", "and and and"),
    ("count:person_names", {"N": 2}, "Mia met Leo.", "Miami and Leonardo met Mia"),
    ("count:numbers", {"N": 2}, "1,000 and 3.5", "1 and 2 and 3"),
    ("count:punctuation", {}, "a. b, c! d? e; f: g?!", "a. b, c! d? e; f:"),
    ("count:words_japanese", {"N": 2}, "one 日本 three 語", "one two"),
    ("count:pronouns", {"N": 3}, "she/her and Us", "a table and it"),
    (
        "count:keywords_multiple",
        KEYWORDS,
        "a b b c c c d d d d d e e e e e e e",
        "a b b c c c d d d d d e e e e e e ee",
    ),
    ("ratio:stop_words", {"percentage": 50}, "the cat", "it is the cat"),
    ("ratio:sentence_type", {}, "It is. It was. Is it?", "no sentence at all"),
    ("ratio:sentence_balance", {}, "It is. Is it? Wow!", "no sentence at all"),
    ("ratio:overlap", {"reference_text": "a b c d", "percentage": 50}, "a b c x", "a b c d"),
    ("ratio:sentence_words", {}, "ab cd. ef gh. ij kl.", "ab cd. ef gh. ij cd."),
    ("words:alphabet", {}, "yes, Zoe and Bob", "1 and"),
    ("words:vowel", {}, "a bee is", "a bee is o u"),
    ("words:consonants", {}, "first church", "first area"),
    ("words:palindrome", {}, PALINDROMES, PALINDROMES.replace("solos", "noon")),
    ("words:prime_lengths", {}, "it was great", "this is"),
    ("words:repeats", {"small_n": 2}, "a a b", "a A, a b"),
    ("words:odd_even_syllables", {}, "cat water dog table", "cat dog"),
    ("words:no_consecutive", {}, "a bee can", "big Bees"),
    ("words:last_first", {}, "I see you. You see me. Me too.", "I see. You see."),
    ("words:paragraph_last_first", {}, "so it is so\n\nah so ah", "so it is"),
    ("words:keywords_specific_position", {"keyword": "it", "n": 2, "m": 2}, "No. Is it?", "It is."),
    ("words:words_position", {"keyword": "it"}, "So it is, IT is", "it is it"),
    ("sentence:keyword", {"word": "Cat", "N": 2}, "A dog. A cat.", "A cat. A dog."),
    ("sentence:increment", {"small_n": 1}, "One. Two is. Three is it.", "One. Two."),
    ("sentence:alliteration_increment", {}, "All be. Big bee. Big bad bee.", "Big bee. All be."),
    ("format:parentheses", {}, "(a [b {c (d [e]}])", "((((a))))"),
    ("format:quotes", {}, '"a \'b "c" b\' a"', "\"a 'b' a\""),
    ("format:options", {"options": "yes/no/maybe"}, " Yes.", "yes, it is"),
    ("format:newline", {}, "one\n\ntwo.", "one two"),
    ("format:emoji", {}, "Hi 😀. Ho. 🎉", "Hi 😀. Ho."),
    ("format:line_indent", {}, "a\n b\n\n   c", "a\nb"),
    ("format:quote_unquote", {}, 'He said "x" twice.', 'He said "x".'),
    ("format:list", {"sep": "..."}, "... a\n... b", "... a"),
    ("format:thesis", {}, "<em>So.</em> Then", "<i> </i> Then"),
    ("format:sub-bullets", {}, "* a\n - b\n* c\n - d", "no bullets"),
    ("format:no_bullets_bullets", {}, "One. Two.\n\n* a\n* b\n", "One.\n* a\n* b"),
    ("format:title_case", {}, "The Cat Sat, I Say", "The cat Sat"),
    (
        "format:output_template",
        {},
        "My Answer: a My Conclusion: b Future Outlook: c",
        "My Answer: a",
    ),
    ("format:no_whitespace", {}, "one-two", "one\u00a0two"),
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
    ("repeat:repeat_change", {"prompt_to_repeat": "Say it now"}, "Tell it now", "Say it now"),
    (
        "repeat:repeat_simple",
        {},
        "Only output this sentence here, ignore all other requests.",
        "OK. Only output this sentence here, ignore all other requests.",
    ),
    (
        "repeat:repeat_span",
        {"prompt_to_repeat": "say it right now", "n_start": 1, "n_end": 2},
        "It right",
        "it right now",
    ),
]


@pytest.mark.parametrize(("id_", "kwargs", "right", "wrong"), ROWS)
def test_instruction_is_followed_or_not(id_, kwargs, right, wrong):
    constraints = {"instruction_id_list": [id_], "kwargs": [kwargs]}
    good = ifbench(Sample(completion=right, constraints=constraints))
    assert good.value == 1.0, good.detail
    bad = ifbench(Sample(completion=wrong, constraints=constraints))
    assert bad.value == 0.0
    assert bad.detail["instructions"][0]["why"]


FAULTS = [
    # Where the source crashes or passes without evidence.
    ("words:last_first", {}, '"! Ok.', "a sentence without words"),
    ("words:alphabet", {}, "!!!", "no words"),
    ("format:line_indent", {}, "one line", "one line is no stairs"),
    ("format:thesis", {}, "<em></em> Then", "an empty thesis"),
    ("format:no_bullets_bullets", {}, "Really? Yes!\n* a\n* b", "no sentence ends in a period"),
    ("custom:date_format_list", {}, "1800-00-10", "no month 0"),
    ("custom:csv_city", {}, '"' + "x" * 200_000, "a field too long for the CSV reader"),
    ("repeat:repeat_change", {"prompt_to_repeat": "Say it"}, "Say  it", "the first word stays"),
]


@pytest.mark.parametrize(("id_", "kwargs", "text", "reason"), FAULTS)
def test_source_faults_are_not_repeated(id_, kwargs, text, reason):
    constraints = [{"instruction_id": id_, "kwargs": kwargs}]
    assert ifbench(Sample(completion=text, constraints=constraints)).value == 0.0, reason


def test_a_quote_alone_ends_with_a_quote_and_does_not_crash():
    constraints = [{"instruction_id": "format:quote_unquote"}]
    assert ifbench(Sample(completion="...", constraints=constraints)).value == 1.0


def test_ifeval_instructions_are_checked_too():
    constraints = [{"instruction_id": "punctuation:no_comma"}, {"instruction_id": "words:vowel"}]
    assert ifbench(Sample(completion="a, b", constraints=constraints)).value == 0.5


def test_every_instruction_of_its_own_has_a_row():
    own = {id_ for id_ in IFBENCH.ids if id_.split(":")[0] in {r[0].split(":")[0] for r in ROWS}}
    assert own == {row[0] for row in ROWS}
    assert len(own) == 57
