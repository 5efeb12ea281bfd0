"""The page that asks for the password: plain HTML of ours, without a script."""

from __future__ import annotations

from html import escape

PATH = "/login"
MOST_BYTES = 4096
"""Of a form that is sent."""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Harmo</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><style>
body {{ font: 14px/1.5 system-ui, sans-serif; margin: 20vh auto 0; width: 20rem; }}
h1 {{ font-size: 15px; font-weight: 600; margin: 0 0 1rem; }}
input {{ font: inherit; width: 100%; box-sizing: border-box; padding: .4rem; margin: .25rem 0; }}
p {{ color: #b3492d; min-height: 1.5em; margin: .5rem 0; }}
</style></head><body><h1>Harmo console</h1>
<form method="post" action="{path}"><label>Password or API key
<input type="password" name="word" autocomplete="current-password" autofocus required></label>
<input type="hidden" name="to" value="{to}"><input type="submit" value="Open"></form>
<p role="alert">{fault}</p></body></html>"""


def page(to: str, fault: str = "") -> str:
    """The form, as HTML.

    Args:
        to: Where one wanted to go; a path of ours.
        fault: What was wrong with the last try.
    """
    return _PAGE.format(path=PATH, to=escape(to), fault=escape(fault))


def own_path(to: str) -> str:
    """The path if it is one of ours, else the first page: nobody is led to another host."""
    inside = to.startswith("/") and not to.startswith(("//", "/\\"))
    return to if inside and to.isprintable() and not to.startswith(PATH) else "/"
