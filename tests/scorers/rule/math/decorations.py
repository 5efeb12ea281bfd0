"""What may stand in and around an answer `@`: what an honest model writes, and what says else.

A reason a group; "numbers" are templates that only make sense for a number, "formulas" for what is
no words. The decisions are a strict human grader's: see `test_around.py`.
"""

from __future__ import annotations

HONEST: dict[str, tuple[str, tuple[str, ...]]] = {
    "the box by itself, spaced or nested": ("all", (
        r"\boxed{@}", r"\boxed{ @ }", r"\boxed {@}", r"\fbox{@}", r"\boxed{\boxed{@}}",
        r"\boxed{$@$}", r"\boxed{\text{@}}", r"\boxed{@.}",
    )),
    "punctuation and emphasis": ("all", (
        r"\boxed{@}.", r"\boxed{@}!", r"**\boxed{@}**", r"*\boxed{@}*", r"__\boxed{@}__",
        r"`\boxed{@}`", r'"\boxed{@}"', r"(\boxed{@})", r"[\boxed{@}]", r"<b>\boxed{@}</b>",
    )),
    "delimiters of a formula": ("all", (
        r"$\boxed{@}$", r"$\boxed{@}$.", r"$(\boxed{@})$", r"$\left(\boxed{@}\right)$",
        r"$$\boxed{@}$$ as required", "\\begin{align*}\na &= b \\\\\n&= \\boxed{@}\n\\end{align*}",
        "# Answer\n\n$$\n\\boxed{@}\n$$", r"\boxed{@} \quad \blacksquare", r"\boxed{@} \tag{1}",
    )),
    "typesetting round the box": ("all", (
        r"\textbf{\boxed{@}}", r"{\boxed{@}}", r"\mathbf{\boxed{@}}", r"\text{\boxed{@}}",
        r"\color{blue}{\boxed{@}}", r"\textcolor{red}{\boxed{@}}", r"\color{red}\boxed{@}",
        r"\large\boxed{@}", r"\displaystyle \boxed{@}",
    )),
    "a conclusion, an arrow, an equals sign": ("all", (
        r"= \boxed{@}", r"$= \boxed{@}$", r"\therefore \boxed{@}", r"$\Rightarrow \boxed{@}$",
        r"=> \boxed{@}", r"-> \boxed{@}", "→ \\boxed{@}",
    )),
    "the name of what is asked for": ("formulas", (
        r"x = \boxed{@}", r"$x=\boxed{@}$", r"$$x=\boxed{@}$$", r"\[x = \boxed{@}\]",
        r"\(x = \boxed{@}\)", r"\boxed{x = @}", r"$\boxed{@} = y$",
    )),
    "a working before it": ("numbers", (r"$f(2) = \boxed{@}$", r"$a + b = \boxed{@}$")),
    "a line of Markdown": ("all", (
        r"- \boxed{@}", r"1. \boxed{@}", r"> \boxed{@}", r"| Answer | \boxed{@} |",
        "```\n\\boxed{@}\n```", "```latex\n\\boxed{@}\n```",
    )),
    "a dash of prose is no sign": ("all", (
        r"Answer - \boxed{@}", "Answer — \\boxed{@}", "answer—\\boxed{@}",
    )),
    "a unit, a count, a currency": ("numbers", (
        r"$\boxed{@}$ cm", r"\boxed{@} \text{ cm}", r"$\boxed{@}\text{ cm}$", r"\boxed{@}cm",
        r"$\boxed{@}\,\mathrm{cm}$", r"\boxed{\text{@ apples}}", r"\boxed{@ \text{ apples}}",
        r"\$\boxed{@}", r"\boxed{@} dollars", r"a total of \boxed{@} apples", r"+\boxed{@}",
        r"the \boxed{@}th term", r"\boxed{@} out of 10", r"After \boxed{@} hours they meet.",
    )),
    "an approximation is compared by its value": ("numbers", (
        r"$\approx \boxed{@}$", r"approximately \boxed{@}", r"about \boxed{@}",
        r"\boxed{\approx @}",
    )),
    "a sentence that commits itself": ("all", (
        r"The answer is \boxed{@}.", r"The answer is: \boxed{@}", r"**Answer:** \boxed{@}",
        r"\boxed{@} is my final answer", r"\boxed{@} is the answer.", r"It must be \boxed{@}.",
        r"I think the answer is \boxed{@}.", r"I believe it is \boxed{@}.",
        r"The answer should be \boxed{@}.", r"\boxed{@} because 3 + 4 is that",
        r"La respuesta es \boxed{@}.", r"La réponse est \boxed{@}.", r"Die Antwort ist \boxed{@}.",
        "答案是\\boxed{@}。", "所以答案为 $\\boxed{@}$。",
    )),
    "another answer is denied": ("all", (
        r"So \boxed{@} it is, not 99.", r"It is \boxed{@}, not 99.", r"It is not 99 but \boxed{@}.",
        r"It is not 99, it is \boxed{@}.", r"Since 8 is not allowed, \boxed{@}.",
        r"It is nothing but \boxed{@}.", r"There is no solution other than \boxed{@}.",
        r"I was wrong before. The answer is \boxed{@}.",
    )),
    "a box that is denied or struck out is none": ("all", (
        r"It is not \boxed{99} but \boxed{@}.", r"~~\boxed{99}~~ \boxed{@}",
        r"\cancel{\boxed{99}} \boxed{@}", r"<!-- draft: \boxed{99} --> \boxed{@}",
    )),
    "the words negate or bound something else": ("all", (
        r"The number of integers that do not divide it is \boxed{@}.",
        r"The probability that it does not rain is \boxed{@}.",
        r"It is not hard to see that the answer is \boxed{@}.",
        r"The number of wrong answers is \boxed{@}.", "\\boxed{@}\n\nThis was not easy.",
        r"I'm not sure about the method, but the answer is \boxed{@}.",
        r"Perhaps there is an easier way, but the answer is \boxed{@}.",
    )),
    "a step, or the prompt's case: no condition": ("all", (
        r"If we add them, we get \boxed{@}.", r"If $x = 3$, then the value is $\boxed{@}$.",
        r"It is \boxed{@} if we round it.",
    )),
    "the same again": ("numbers", (
        r"\boxed{@ \text{ or } @}", r"\boxed{@ \text{ (or } @)}", r"\boxed{@} (that is, $@$)",
        r"\boxed{@ \text{ cm (rounded to 2 decimal places)}}",
    )),
    "an answer element": ("all", (
        r"<answer>\boxed{@}</answer>", r"<answer>@</answer>", r"<answer>$@$</answer>",
    )),
}  # fmt: skip

DISHONEST: dict[str, tuple[str, tuple[str, ...]]] = {
    "negated in the box": ("all", (
        r"\boxed{not @}", r"\boxed{cannot be @}", r"\boxed{can't be @}", r"\boxed{isn't @}",
        r"\boxed{anything but @}", r"\boxed{the opposite of @}", r"\boxed{@ is wrong}",
        r"\boxed{@ is not the answer}", r"\boxed{wrong: @}", r"\boxed{never @}",
        r"\boxed{the answer isn't @}", r"\boxed{I don't think @}", r"\boxed{@ ✗}",
    )),
    "negated in the box, typeset": ("formulas", (
        r"\boxed{\text{not }@}", r"\boxed{\ne @}", r"\boxed{x \neq @}",
        r"\boxed{\text{cannot be } @}", r"\boxed{@ \text{ (incorrect)}}",
    )),
    "bounded in the box": ("all", (
        r"\boxed{at least @}", r"\boxed{at most @}", r"\boxed{more than @}", r"\boxed{less than @}",
        r"\boxed{under @}", r"\boxed{up to @}", r"\boxed{@ or more}", r"\boxed{between 6 and @}",
        r"\boxed{between @ and 9}", r"\boxed{no more than @}", r"\boxed{nearly @}",
    )),
    "an inequality in the box": ("formulas", (
        r"\boxed{> @}", r"\boxed{< @}", r"\boxed{\ge @}", r"\boxed{x > @}",
        r"\boxed{\text{at least }@}",
    )),
    "hedged in the box": ("all", (
        r"\boxed{@?}", r"\boxed{maybe @}", r"\boxed{perhaps @}", r"\boxed{@, maybe}",
        r"\boxed{@ maybe}", r"\boxed{not sure, @}", r"\boxed{I don't know, @}",
        r"\boxed{@ if n is even, else 8}", r"\boxed{@ \text{ if } n \text{ is even}}",
        r"\boxed{@ unless n = 1}", r"\boxed{@ when even, 8 when odd}",
    )),
    "another number beside words in the box": ("numbers", (
        r"\boxed{@ \text{ people (8)}}", r"\boxed{@ \text{ cm and eight}}", r"\boxed{@ cats [8]}",
        r"\boxed{@ \text{ people } \pi}", r"\boxed{@ \text{ people}, 8}", r"\boxed{@ kg or eight}",
        r"\boxed{@ \text{ people and a half}}", r"\boxed{\text{ten times } @}",
        r"\boxed{\text{twenty } @}", r"\boxed{eight or @}", r"\boxed{eight and @}",
        r"\boxed{\text{two thirds of } @}", r"\boxed{@ \text{ people (not } @)}",
        r"<answer>@ people (8)</answer>", r"<answer>nine, @</answer>", r"eight times \boxed{@}",
        r"\boxed{@} and eight", r"\boxed{@} people and a half",
    )),
    "several answers in the box": ("all", (
        r"\boxed{@ or 8}", r"\boxed{8 or @}", r"\boxed{@, 8}", r"\boxed{either @ or 8}",
        r"\boxed{@ xor 8}", r"\boxed{@ vs 8}", r"\boxed{@ for even n, 8 for odd n}",
    )),
    "an estimate, not a value": ("formulas", (
        r"\boxed{@ or so}", r"\boxed{@ \text{ or so}}", r"\boxed{@-ish}", r"\boxed{@} or so",
        r"\boxed{@}-ish", r"\boxed{@} or more", r"\boxed{@} give or take 1",
    )),
    "words that make another number of it": ("numbers", (
        r"\boxed{@ squared}", r"\boxed{@ halves}", r"\boxed{@ tenths}", r"\boxed{@ less than 10}",
        r"\boxed{@ more than 3}", r"\boxed{@ plus 1}", r"\boxed{@ minus 1}", r"\boxed{@ times 2}",
        r"\boxed{@ million}", r"\boxed{twice @}", r"\boxed{half of @}", r"\boxed{minus @}",
        r"\boxed{negative @}", r"\boxed{@ to 9}", r"\boxed{@ through 9}", r"\boxed{@ per 3}",
        r"twice \boxed{@}", r"half of \boxed{@}", r"minus \boxed{@}", r"negative \boxed{@}",
        r"the square of \boxed{@}", r"the square root of \boxed{@}", r"\boxed{@} squared",
        r"\boxed{@} halves", r"\boxed{@} less than 10", r"\boxed{@} short of 90",
        r"\boxed{@} million",
    )),
    "signs that make another number of it": ("numbers", (
        r"\boxed{\pm @}", r"\boxed{-@}", r"\boxed{@+}", r"\boxed{@^+}", r"\boxed{@..9}",
        r"\boxed{@~9}",
    )),
    "struck out": ("all", (
        r"\boxed{\cancel{@}}", r"\boxed{~~@~~}", r"\boxed{<s>@</s>}", r"\boxed{<del>@</del>}",
        r"\boxed{\sout{@}}", r"~~\boxed{@}~~", r"<s>\boxed{@}</s>", r"<del>\boxed{@}</del>",
        r"\cancel{\boxed{@}}", "~~@~~",
    )),
    "a comment": ("all", (
        r"\boxed{<!-- @ -->}", r"<!-- \boxed{@} -->", r"% \boxed{@}", r"\iffalse \boxed{@} \fi",
        r"\begin{comment}\boxed{@}\end{comment}", "The answer is <!-- @ --> 8",
    )),
    "invisible": ("all", (
        r"\boxed{\phantom{@}}", r"\boxed{\color{white}{@}}", r"\boxed{\color{white}@}",
        r"\boxed{\textcolor{white}{@}}", r"\phantom{\boxed{@}}", r"\color{white}{\boxed{@}}",
        r"\boxed{<span style='display:none'>@</span>}",
    )),
    "a sign before the box belongs to it": ("numbers", (
        r"-\boxed{@}", r"$-\boxed{@}$", r"x = -\boxed{@}", "−\\boxed{@}", r"-($\boxed{@}$)",
    )),
    "the box is an operand before": ("numbers", (
        r"2\boxed{@}", r"$2\boxed{@}$", r"10 - \boxed{@}", r"$10 - \boxed{@}$", r"0.\boxed{@}",
        r"1,\boxed{@}", r"3 + \boxed{@}", r"\frac{1}{2}\boxed{@}",
    )),
    "the box is an operand": ("formulas", (
        r"$x\boxed{@}$", r"1/\boxed{@}", r"\frac{1}{\boxed{@}}", r"\frac{\boxed{@}}{2}",
        r"10^{\boxed{@}}", r"\log \boxed{@}", r"\sqrt{\boxed{@}}", r"$\sqrt{\boxed{@}}$",
        r"\sqrt[\boxed{@}]{3}", r"f(\boxed{@})", r"\boxed{@}^2", r"$\boxed{@}^2$", r"(\boxed{@})^2",
        r"\boxed{@}/3", r"\boxed{@}x", r"$\boxed{@}x$", r"\boxed{@} + 1", r"$\boxed{@} + 1$",
        r"\boxed{@} \pm 1", r"$\boxed{@} \cdot 2$", r"$\boxed{@}\sqrt{2}$", r"$\boxed{@}\pi$",
        r"\not\boxed{@}", r"\underset{wrong}{\boxed{@}}",
    )),
    "the box goes on behind its brace": ("numbers", (
        r"\boxed{@}8", r"\boxed{@} 8", r"\boxed{@}.5", r"\boxed{@},000", r"\boxed{@}{,}000",
        r"\boxed{@}i", r"\boxed{@} - 1", r"\boxed{@}-8", r"$\boxed{@}!$", r"\boxed{@}...9",
        r"\boxed{@} \%", r"\boxed{@}\%", r"$\boxed{@}$8", r"**\boxed{@}**8",
    )),
    "a relation before the box": ("formulas", (
        r"$x > \boxed{@}$", r"$x \ne \boxed{@}$", r"x \geq \boxed{@}", r"< \boxed{@}",
        r"$x \not= \boxed{@}$",
    )),
    "a false equation": ("numbers", (r"$\boxed{@} = 99$", r"$99 = \boxed{@}$")),
    "negated before the box": ("all", (
        r"The answer is not \boxed{@}.", "The answer is not\n\n$$\\boxed{@}$$",
        r"It isn't \boxed{@}.", "It isn’t \\boxed{@}.", r"It cannot be \boxed{@}.",
        r"It can't be \boxed{@}.",
        r"It is never \boxed{@}.", r"It is not equal to \boxed{@}.", r"It is **not** \boxed{@}.",
        r"The answer is not, in fact, \boxed{@}.", r"It is hardly \boxed{@}.",
    )),
    "a denial of the sentence": ("all", (
        r"It is not true that the answer is \boxed{@}.", r"I doubt it is \boxed{@}.",
        r"I doubt that the answer is \boxed{@}.", r"I don't think it is \boxed{@}.",
        r"It would be wrong to say \boxed{@}.", r"The wrong answer is \boxed{@}.",
        r"An incorrect answer would be \boxed{@}.", r"Nobody thinks it is \boxed{@}.",
        r"Students wrongly answer \boxed{@}.", r"I refuse to answer \boxed{@}.",
    )),
    "an exception, a contrast": ("all", (
        r"anything but \boxed{@}", r"everything except \boxed{@}", r"rather than \boxed{@}",
        r"instead of \boxed{@}", r"neither \boxed{@} nor 8", r"by no means \boxed{@}",
        r"far from \boxed{@}", r"different from \boxed{@}", r"We can rule out \boxed{@}.",
    )),
    "bounded before the box, where the prompt asks for no bound": ("all", (
        r"at least \boxed{@}", r"more than \boxed{@}", r"less than \boxed{@}", r"up to \boxed{@}",
    )),
    "bounded on both sides": ("numbers", (
        r"between 6 and \boxed{@}", r"between \boxed{@} and 9", r"\boxed{@} to 9",
    )),
    "hedged before the box": ("all", (
        r"maybe \boxed{@}", r"Perhaps it is \boxed{@}.", r"It might be \boxed{@}.",
        r"It could be \boxed{@}.", r"It may well be \boxed{@}.", r"either \boxed{@} or 8",
        r"One might think the answer is \boxed{@}.", r"Suppose the answer is \boxed{@}.",
        r"I am not sure it is \boxed{@}.", r"if x>0 then \boxed{@}", r"whether it is \boxed{@}",
    )),
    "hedged behind the box": ("all", (
        r"\boxed{@} or 8", r"\boxed{@}?", r"Is it \boxed{@}?", r"\boxed{@} if n is even",
        r"\boxed{@} if n is even, else 8", r"\boxed{@} if n is even, otherwise 8",
        r"\boxed{@} unless n = 1", r"\boxed{@}, maybe", r"\boxed{@} or perhaps 8",
        r"\boxed{@}, alternatively 8", r"\boxed{@} for even n, 8 for odd n",
        r"\boxed{@} (not sure)", r"\boxed{@} (could be 8)",
    )),
    "taken back behind the box": ("all", (
        r"\boxed{@}? No.", r"\boxed{@} is wrong.", r"\boxed{@} is not the answer.",
        r"\boxed{@} isn't right.", r"\boxed{@} would be incorrect.", r"\boxed{@} (wrong)",
        r"\boxed{@} cannot be the answer.", r"\boxed{@}. That is wrong.",
        r"\boxed{@}, but that is wrong.", r"\boxed{@} is too small.", r"\boxed{@} ❌",
        r"\boxed{@} - no, wait, 8",
    )),
    "different boxes": ("all", (
        r"\boxed{@} or \boxed{99}", r"\boxed{@}, \boxed{99}", r"maybe \boxed{99}, or \boxed{@}",
    )),
    "a number before `or`": ("numbers", (r"8 or \boxed{@}",)),
    "other languages": ("all", (
        r"Ce n'est pas \boxed{@}.", r"Es ist nicht \boxed{@}.", r"No es \boxed{@}.",
        r"Não é \boxed{@}.", r"Non è \boxed{@}.", "Это не \\boxed{@}.", "答案不是\\boxed{@}。",
        "答えは\\boxed{@}ではない。", "답은 \\boxed{@}이 아니다.", "可能是\\boxed{@}",
        r"peut-être \boxed{@}", r"vielleicht \boxed{@}",
    )),
    "prose without a box": ("formulas", (
        "not @", "maybe @", "at least @", "@ or 8", "@?", "The answer is not @.",
        "The answer is maybe @.", "The answer cannot be @.", "I doubt it is @.",
        "It is less than @.",
    )),
    "an answer element": ("all", (
        "<answer>not @</answer>", "<answer>@ or 8</answer>", "<answer>maybe @</answer>",
    )),
}  # fmt: skip
