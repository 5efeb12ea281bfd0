"""`/group/NUMBER`: what one group was asked, what was written, and what every column made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from nicegui import app, ui

from harmo.audit.read import Query, StoreError
from harmo.audit.records import KeptGroup
from harmo.console import lists
from harmo.console.model.group import exports
from harmo.console.model.group.evidence import evidence, read_by
from harmo.console.model.group.kept import digest_of, of_kept
from harmo.console.model.group.shown import Completion, Shown
from harmo.console.model.groups.address import Asked, asked_of
from harmo.console.model.groups.filters import FILTERS
from harmo.console.pages.groups import query_of
from harmo.console.state import Console
from harmo.console.view import links, numbers
from harmo.console.view.frame import TIMEOUT_S, frame, nothing
from harmo.console.view.group import panel, tools
from harmo.console.view.presses import Presses
from harmo.console.view.text import line, part
