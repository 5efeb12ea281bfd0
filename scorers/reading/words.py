"""Numbers in words: English in full, Chinese and Japanese numerals, common words elsewhere."""

from __future__ import annotations

import re
from fractions import Fraction

from harmo.scorers.reading.numbers import Number, read_number

MAX_WORDS = 24
"""Longer runs of number words are not read."""

_ENGLISH = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_BIG = {**_SCALES, "hundred": 100, "dozen": 12, "万": 10**4, "亿": 10**8}
_SCALED = re.compile(r"([+-]?[\d.,]{1,40}|an?(?= )) ?(" + "|".join(_BIG) + ")")
_LETTERED = re.compile(r"([+-]?[\d.,]{1,40})([kKMB])")
_LETTERS = {"k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9}
_DENOMINATORS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6,
    "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "twelfth": 12, "hundredth": 100,
}  # fmt: skip
_POWERS = {"squared": 2, "cubed": 3}
_SIGNED = re.compile(r"(?:minus|negative) (\d[\d.,]{0,40})")
_ALTERED = re.compile(
    rf"(-?\d[\d.,]{{0,40}}) ({'|'.join(_POWERS)}|halves|(?:{'|'.join(_DENOMINATORS)})s?)"
)
_OTHERS = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "cero uno dos tres cuatro cinco seis siete "
    "ocho nueve diez once doce trece catorce quince dieciséis",
    "zero um dois três quatro cinco seis sete "
    "oito nove dez onze doze treze quatorze quinze dezesseis",
    "zero uno due tre quattro cinque sei sette "
    "otto nove dieci undici dodici tredici quattordici quindici sedici",
    "null eins zwei drei vier fünf sechs sieben "
    "acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn",
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать",
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "sıfır bir iki üç dört beş altı yedi sekiz dokuz on",
    "शून्य एक दो तीन चार पाँच छह सात आठ नौ दस",
    "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة",
    "영 하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열",
)
"""Each line counts from zero in another language."""
_FOREIGN = {
    **{word: n for line in reversed(_OTHERS) for n, word in enumerate(line.split())},
    "une": 1, "ein": 1, "eine": 1, "una": 1, "uma": 1, "un": 1, "vingt": 20, "veinte": 20,
    "zwanzig": 20, "venti": 20, "vinte": 20, "двадцать": 20, "trente": 30, "treinta": 30,
    "dreißig": 30, "cent": 100, "cien": 100, "ciento": 100, "hundert": 100, "cento": 100,
    "cem": 100, "сто": 100, "mille": 1000, "mil": 1000, "tausend": 1000,
}  # fmt: skip
_HAN = {
    **{c: n for n, c in enumerate("零一二三四五六七八九")},
    **{c: n for n, c in enumerate("〇壹贰叁肆伍陆柒捌玖")}, "两": 2, "兩": 2,
}  # fmt: skip
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_HAN_SCALES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_COUNTERS = "个個只条本元人次天岁枚台位"


def read_words(text: str) -> Number | None:
    """The number that a text spells, or None: `twenty-one`, `two thirds`, `二分之一`, `trois`."""
    text = text.strip().strip(".!*\"'").strip().lower()
    if not text or len(text) > 200:
        return None
    if scaled := _SCALED.fullmatch(text):
        number = read_number("1" if scaled[1][0] == "a" else scaled[1])
        return None if number is None else Number(value=number.value * _BIG[scaled[2]])
    if (value := _altered(text)) is not None:
        return Number(value=value)
    value = _english(text) if text.isascii() else _han(text.rstrip(_COUNTERS))
    if value is None and text in _FOREIGN:
        value = Fraction(_FOREIGN[text])
    return None if value is None else Number(value=value)


def _altered(text: str) -> Fraction | None:
    """What words make of digits: `minus 7`, `7 squared`, `7 tenths`; None for anything else."""
    if signed := _SIGNED.fullmatch(text):
        number = read_number(signed[1])
        return None if number is None else -number.value
    match = _ALTERED.fullmatch(text)
    number = read_number(match[1]) if match else None
    if match is None or number is None:
        return None
    if power := _POWERS.get(match[2]):
        return number.value**power
    return number.value / (_DENOMINATORS.get(match[2]) or _DENOMINATORS[match[2][:-1]])


def read_lettered(text: str) -> Number | None:
    """The number that a chart writes as `2k`, `1.5M` or `3B`; None for anything else."""
    match = _LETTERED.fullmatch(text.strip().lstrip("$€£"))
    if match is None:
        return None
    number = read_number(match[1])
    return None if number is None else Number(value=number.value * _LETTERS[match[2]])


def read_word(word: str) -> Number | None:
    """The number that one word of a text is, in digits or English; None for any other word.

    `one` is no number here: among other words it is as often a pronoun.
    """
    word = word.strip("()[]!?.,:;*'\"").lower()
    if word in _ENGLISH and word != "one":
        return Number(value=Fraction(_ENGLISH[word]))
    return read_number(word)


def _english(text: str) -> Fraction | None:
    words = [word for word in text.replace("-", " ").replace(",", " ").split() if word != "and"]
    if not words or len(words) > MAX_WORDS:
        return None
    if words[0] in {"minus", "negative"}:
        rest = _english(" ".join(words[1:]))
        return None if rest is None else -rest
    last = words[-1]
    denominator = _DENOMINATORS.get(last) or _DENOMINATORS.get(last.removesuffix("s"))
    if denominator:
        return _fraction(words[:-1], denominator)
    if "point" in words:
        return _point(words)
    if last in {"dozen", "dozens"} and len(words) > 1:
        count = 1 if words[0] == "a" else _whole(words[:-1])
        return None if count is None else Fraction(12 * count)
    whole = _whole(words)
    return None if whole is None else Fraction(whole)


def _fraction(words: list[str], denominator: int) -> Fraction | None:
    """What the words before `thirds` or the like make of it: `two`, `one and a`, none at all."""
    if words in ([], ["a"], ["one"]):
        return Fraction(1, denominator)
    count = _whole(words)
    if count is not None:
        return Fraction(count, denominator)
    whole = _whole(words[:-1]) if words[-1] in {"a", "one"} else None
    return None if whole is None else whole + Fraction(1, denominator)


def _point(words: list[str]) -> Fraction | None:
    at = words.index("point")
    whole = _whole(words[:at])
    digits = [_ENGLISH.get(word, 10) for word in words[at + 1 :]]
    if whole is None or not digits or max(digits) > 9:
        return None
    return whole + Fraction(int("".join(map(str, digits))), 10 ** len(digits))


def _whole(words: list[str]) -> int | None:
    total = current = 0
    last = 100
    for word in words:
        if word in _ENGLISH:
            n = _ENGLISH[word]
            # "twenty one" adds up; "two three" is two numbers.
            if last < 20 or (last < 100 and n > 9):
                return None
            current, last = current + n, n if n else 1
        elif word == "hundred":
            current, last = max(current, 1) * 100, 100
        elif word in _SCALES:
            total, current, last = total + max(current, 1) * _SCALES[word], 0, 100
        else:
            return None
    return total + current if words else None


def _han(text: str) -> Fraction | None:
    bottom, divided, top = text.partition("分之")
    if divided:
        numerator, denominator = _han(top), _han(bottom)
        return numerator / denominator if numerator is not None and denominator else None
    total = section = digit = 0
    if not text or len(text) > MAX_WORDS:
        return None
    if len(text) > 1 and all(c in _HAN for c in text):
        return Fraction(int("".join(str(_HAN[c]) for c in text)))
    for c in text:
        if c in _HAN:
            digit = _HAN[c]
        elif c in _HAN_UNITS:
            section, digit = section + (digit or 1) * _HAN_UNITS[c], 0
        elif c in _HAN_SCALES:
            total, section, digit = (total + section + digit) * _HAN_SCALES[c], 0, 0
        else:
            return None
    return Fraction(total + section + digit)
