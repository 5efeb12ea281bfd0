"""What every page stands in: navigation, keys, theme, and a plain word where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version

from nicegui import ui

from harmo.audit.read import StoreError
from harmo.console.state import Console
from harmo.console.view import theme
from harmo.console.view.text import line, part

PAGES = (
    ("/", "Runs", "r"),
    ("/groups", "Groups", "g"),
    ("/whatif", "What-if", "w"),
    ("/playground", "Playground", "p"),
    ("/recipes", "Recipes", "c"),
)
"""Path, name, and the letter that after `g` leads there."""
WITHOUT_STORE = frozenset({"/playground", "/recipes"})
KEYS = (
    ("g r", "runs"),
    ("g g", "groups"),
    ("g w", "what-if"),
    ("g p", "playground"),
    ("g c", "recipes"),
    ("j  k  ↓  ↑", "next and previous row"),
    ("Enter", "open the row"),
    ("/", "filter"),
    ("t", "dark or light"),
    ("u", "up: from a group to its run, from a run to all"),
    ("[  ]", "group: the one before, the one behind in its run"),
    ("←  →", "the page or group before, behind in the list"),
    ("c  d", "group: what is coloured; advantages divided or not"),
    ("Ctrl+Enter", "playground: score"),
    ("?", "these keys"),
)
_FIRST = "console.css"
TIMEOUT_S = 60.0
"""For a page to be built: a store on a slow disk is better late than an error."""


def share_assets() -> None:
    """Have every page load stylesheet and keys."""
    tag = version("harmo")
    sheets = [f'<link rel="stylesheet" href="{theme.ASSETS}/{name}?{tag}">' for name in _sheets()]
    keys = f'<script defer src="{theme.ASSETS}/keys.js?{tag}"></script>'
    ui.add_head_html("".join([*sheets, keys]), shared=True)


def _sheets() -> Sequence[str]:
    """The stylesheets' names: that with the colours, then those of single pages."""
    names = sorted(file.name for file in theme.FOLDER.glob("*.css"))
    return sorted(names, key=lambda name: name != _FIRST)


@contextmanager
def frame(console: Console, title: str, *, here: str, up: str = "") -> Iterator[None]:
    """The page around what is built within.

    Args:
        console: Whose page.
        title: In the browser's tab, cut and made visible.
        here: Path of the place in the navigation.
        up: Where `u` leads; a path of ours.
    """
    ui.page_title(f"{line(title, 60)} · Harmo")
    theme.Theme()
    with ui.element("header").classes("bar"):
        ui.link("Harmo", "/").classes("brand")
        with ui.element("nav"):
            for path, name, letter in PAGES:
                if not console.has_store and path not in WITHOUT_STORE:
                    ui.label(name).classes("off").props('title="needs a store: --audit DIR"')
                    continue
                place = ui.link(name, path).props(f'data-go="{letter}"')
                if path == here:
                    place.classes("here").props("aria-current=page")
        ui.element("div").classes("space")
        if console.settings.audit is not None:
            ui.label(line(console.settings.audit.name, 40)).classes("faint store").tooltip(
                line(str(console.settings.audit), 200)
            )
        part("button", "◐", "quiet").props('data-does="t" title="dark or light"')
        part("button", "?", "quiet").props('data-does="?" title="keys"')
    _keys(up)
    with ui.element("div").classes("page"):
        try:
            yield
        except StoreError as error:
            nothing("The store cannot be read.", then=str(error))


def _keys(up: str) -> None:
    """What `?` shows, and where `u` leads."""
    with ui.element("dialog").classes("keys").props(f'data-up="{up}"'), ui.element("dl"):
        for keys, what in KEYS:
            with ui.element("dt"):
                for key in keys.split("  "):
                    part("kbd", key)
            part("dd", what)


def nothing(
    what: str, *, then: str = "", command: str = "", link: tuple[str, str] | None = None
) -> None:
    """A plain word in place of what is not there.

    Args:
        what: Is missing.
        then: What to do.
        command: To type.
        link: A word, and the path of ours that it leads to.
    """
    with ui.element("div").classes("nothing"):
        ui.label(line(what, 400))
        if then:
            ui.label(line(then, 400)).classes("faint")
        if command:
            part("code", command)
        if link is not None:
            ui.link(*link)


def heading(text: str, note: str = "") -> None:
    """A section's name, with a word more in grey."""
    with ui.element("h2"):
        part("span", line(text, 120))
        if note:
            part("span", line(note, 200), "faint")
