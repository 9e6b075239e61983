"""The site: pages in German and English, and the same answers as JSON under /api/v1.

Imports `graph` and `ingest`; nothing imports it but the command line.  Flask is used only in this folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from graph.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

    from graph.store import Store


def create_app(settings: Settings, store: Store | None = None, *, gone: Callable[[str], bool] | None = None) -> Flask:
    """The site as a WSGI application.

    store  an open store to use; None: one is opened at the first question, and again after the engine was away
    gone   whether an id once existed; None: the state database in the home is asked
    """
    from web.application import build

    return build(settings, store, gone)
