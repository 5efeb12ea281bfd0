"""The words that deny, doubt, bound or alter an answer: English, and common ones elsewhere."""

from __future__ import annotations


def vocabulary(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    words = (pair.partition(" ") for pair in text.split(", "))
    return frozenset((first, second) for first, _, second in words)


FILLERS = vocabulary(
    "= a an the be been being is are was were am it it's its this that these equal equals to in "
    "exactly precisely necessarily really actually simply just only even always fact also well "
    "get gets give gives yield yields have has had become becomes come comes answer answers "
    "result value number solution option final correct right true total any all text mathrm "
    "textbf left displaystyle es est ist é è sind sont son igual egal gleich la le el il die der "
    "das den o réponse antwort respuesta resposta risposta valeur wert valor это ответ"
)
"""What may stand between a word that counts and the answer."""
DENYING = vocabulary(
    "not no never cannot cant isnt dont doesnt wasnt wont arent ain't neither nor without except "
    "besides excluding exclude excludes excluded unlike reject rejects rejected discard discards "
    "discarded avoid avoids refuse refuses decline declines hardly scarcely barely non pas nicht "
    "kein keine keinen nie jamais nunca jamás não mai не нет niet geen değil không ليس ليست नहीं"
)
DENYING_PAIRS = _pairs(
    "other than, rather than, instead of, opposed to, different from, differs from, differ from, "
    "distinct from, far from, apart from, aside from, place of, except for, anything but, "
    "everything but, all but, any but, ruled out, rule out, rules out, ruling out, opposite of, "
    "no means, no way, no longer, contrary to, none of"
)
EXCEPTING = vocabulary("except besides than but for excluding from excluded rejected discarded")
"""After a negation these leave just the answer: "nothing other than 7"."""
DOUBTING = vocabulary(
    "near until barring "
    "maybe perhaps possibly conceivably presumably supposedly allegedly hypothetically might may "
    "could either whether if unless suppose supposing assume assuming imagine pretend nearly "
    "almost between above below under over beyond exceed exceeds exceeding twice thrice double "
    "triple half minus plus negative mod modulo peut-être vielleicht quizás quizá talvez forse "
    "возможно может"
)
DOUBTING_PAIRS = _pairs(
    "one of, "
    "tal vez, close to, just over, just under, shy of, short of, square of, root of, cube of, "
    "factorial of, half of, double of, triple of, negative of, reciprocal of, inverse of, "
    "power of, log of, logarithm of, complement of, multiple of, factor of, divisor of, third of, "
    "quarter of, negation of, percent of"
)
BOUNDS = vocabulary("mindestens höchstens")
BOUND_PAIRS = _pairs(
    "at least, at most, up to, at minimum, at maximum, minimum of, maximum of, bound of, "
    "au moins, au plus, al menos"
)
PAIRS = DENYING_PAIRS | DOUBTING_PAIRS | BOUND_PAIRS
NEGATIONS = vocabulary("no not none nothing never cannot nobody only noone")
LEADS = vocabulary("so thus hence therefore but however yet")
"""After a comma they begin what counts."""
IFS = vocabulary("if unless whether wenn si")
ELSE = vocabulary("else otherwise sinon sonst")
AND = vocabulary("and und et y")
OR = vocabulary("or oder ou o")

MAYBE = vocabulary(
    "maybe perhaps possibly conceivably hypothetically angenommen unsure uncertain peut-être "
    "vielleicht talvez"
)
NEVER = vocabulary("doubt doubtful unlikely")
WRONG = vocabulary(
    "wrong incorrect false untrue mistaken inaccurate absurd mistake error erroneous impossible"
)
WRONG_WHAT = vocabulary(
    "to that if is be would answer result value solution option conclusion guess"
)
WRONGLY = vocabulary("wrongly incorrectly mistakenly erroneously falsely")
RIGHT = vocabulary("true correct right case possible certain sure")
SAYING = vocabulary(
    "think believe say claim accept choose pick write answer trust agree guess argue expect "
    "suppose conclude tempted call consider thinks believes says claims thought said"
)
KNOWN = vocabulary("sure certain idea clear know remember recall tell")
UNKNOWN = frozenset({"if", "whether", "but", "", "it", "that", "this"})

VERBS = vocabulary(
    "is was are were would could can cannot should must seems looks will has does may might did"
)
TAKEN_BACK = vocabulary(
    "not wrong incorrect false impossible untrue never excluded ruled mistaken out cannot no "
    "absurd nonsense too"
)
REVOKING = vocabulary("no nope wait oops fails fail rejected excluded discarded eliminated")
CORRECTING = vocabulary("actually correction wait no sorry rather instead hmm oops nope")
"""What begins a sentence that puts another number in an answer's place."""
PARTS = vocabulary(
    "point doubled halved tripled quadrupled inverted negated tens hundreds zeros "
    "squared cubed factorial halves thirds quarters fourths fifths sixths sevenths eighths ninths "
    "tenths hundredths thousandths percentile ish half"
)
PRECISIONS = vocabulary("decimal decimals significant sig place places digit digits d.p s.f dp sf")
"""What a number behind an answer may count: `rounded to 2 decimal places`."""
SCALES = vocabulary("hundred thousand million billion trillion dozen")
BINARY = vocabulary(
    "plus minus times over to less more fewer greater below above divided multiplied per choose "
    "mod through until short shy"
)
CALCULATING = vocabulary("times plus minus point")
OPERATING = CALCULATING | OR | vocabulary("to over by of")
"""Between a number and an answer these make another of it: `ten times`, `8 or`, `six over`."""
TIMES = vocabulary("mal fois veces vezes volte раз")
ASSUMING = vocabulary(
    "assume assuming suppose supposing let say guess try consider imagine pretend "
    "substitute plug given if unless provided supongamos supposons sei seien sia soit"
)
"""A clause of these and little else tries a value out: `let x = 7`, `if x = 7`."""
OPENING = vocabulary("so now then first thus again also instead and that let's us we what there")
"""What else may stand in such a clause."""
CJK_ASSUMED = ("假设", "假設", "假定", "设", "設", "令", "若", "如果")
ALTERNATIVES = OR | ELSE | MAYBE | vocabulary("alternatively vs versus xor and/or through instead")
LOOSE = vocabulary("so thereabouts perhaps maybe more less fewer higher lower greater above")
BARE_DENIAL = vocabulary("it is it's that that's this not the a answer right correct true so")
REASONS = vocabulary("because since as weil car which not")
"""What follows them is not said in place of the answer."""
POINTING = vocabulary("that that's this it it's they which")
NO_SENTENCE = vocabulary("no nope not wrong incorrect false kidding untrue")

CJK_DENIED = ("不是", "并非", "不等于", "不为", "不會是", "不会是", "不可能是", "而非", "没有")
CJK_DOUBTED = ("可能是", "也许是", "或许是", "或者是", "大概是", "可能为", "也许", "或许", "多分")
CJK_AFTER = (
    "ではない", "ではありません", "じゃない", "이 아니", "가 아니", "은 아니", "不对", "是错",
    "不正确", "かもしれ", "아니",
)  # fmt: skip

HARMLESS = vocabulary(
    "text textbf textit textrm textsf texttt textnormal emph underline boxed fbox mbox hbox vbox "
    "mathbf mathrm mathit mathsf mathtt mathbb mathcal boldsymbol bm bf pmb ensuremath color "
    "textcolor colorbox fcolorbox tcbox framebox parbox centerline displaystyle textstyle large "
    "Large LARGE huge Huge small normalsize bfseries centering left right big Big bigg Bigg bigl "
    "bigr Bigl Bigr quad qquad enspace thinspace hspace vspace hfill newline par noindent item "
    "hline begin end therefore because implies iff Rightarrow rightarrow Longrightarrow to mapsto "
    "longrightarrow leadsto Leftrightarrow Leftarrow leftarrow in colon approx simeq sim equiv "
    "cong triangleq coloneqq doteq bullet star checkmark square Box blacksquare qed tag label "
    "circ degree dots ldots cdots pmod bmod pounds euro cm km mm kg smallskip medskip bigskip "
    "underbrace overbrace"
)
"""Commands of LaTeX that leave an answer what it is."""
BOUND_COMMANDS = vocabulary("le leq ge geq leqslant geqslant")
RELATIONS = BOUND_COMMANDS | vocabulary("lt gt ne neq ll gg not")
