"""Serving the site: gunicorn with threads, on a socket that is open before the first worker starts."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from graph.errors import InnonetError
from graph.model import Label
from graph.settings import Settings
from web import create_app
from web.jobs import worker

if TYPE_CHECKING:
    from flask import Flask

THREADS = 8


class AddressInUseError(InnonetError):
    """The port cannot be opened."""


def listen(host: str, port: int) -> socket.socket:
    """An open socket; port 0 takes any free one.  Raises AddressInUseError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind((host, port))
        s.listen(256)
    except OSError as e:
        s.close()
        raise AddressInUseError(
            f"Auf {host}, Port {port}, lässt sich nicht lauschen ({e.strerror}). Läuft dort schon etwas? Ein anderer Port geht so: --port {port + 1}",
            f"Cannot listen on {host}, port {port} ({e.strerror}). Is something running there already? For another port: --port {port + 1}",
        ) from e
    s.set_inheritable(True)
    return s


def serve(settings: Settings, host: str = "127.0.0.1", port: int = 8000, *, workers: int = 0) -> None:
    """Serve until interrupted; prints the address on standard error once it answers.

    workers  processes; 0: two where there are at least two processors.  Each opens its own connection to the engine.
    """
    from gunicorn.app.base import BaseApplication

    s = listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{s.getsockname()[1]}/"
    number = workers or min(2, os.cpu_count() or 1)

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            for name, value in {
                "bind": f"fd://{s.fileno()}",
                "workers": number,
                "threads": THREADS,
                "worker_class": "gthread",
                "timeout": 60,
                "graceful_timeout": 5,
                "keepalive": 15,
                "preload_app": True,
                "loglevel": "warning",
                "proc_name": "innonet",
                "when_ready": lambda _server: _announce(url, settings.language),
                "post_worker_init": _warm,
            }.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return create_app(settings)

    logging.getLogger("web").setLevel(logging.WARNING)
    with worker():
        Server().run()


def _announce(url: str, language: str) -> None:
    de, en = f"innonet läuft auf {url}  (beenden mit Strg+C)", f"innonet is running at {url}  (stop with Ctrl+C)"
    sys.stderr.write({"de": de, "en": en}.get(language, f"{de}\n{en}") + "\n")
    sys.stderr.flush()


def _warm(worker: Any) -> None:
    """Open engine and derived files, load pyvis and make one page beside the first request instead of in it."""
    app: Flask = worker.app.wsgi()

    def run() -> None:
        import pyvis.network  # noqa: F401  loaded here so that the first picture does not wait for it

        try:
            derived = app.extensions["innonet"].connected().derived.current()
        except InnonetError as e:
            app.logger.warning("%s", e.en)
            return
        if len(derived):
            # the page that asks the most: templates are compiled, arrays mapped and connections open before anybody waits for them
            app.test_client().get(f"/de/organisation/{quote(derived.id_of(Label.ORGANIZATION, 0))}")

    threading.Thread(target=run, name="warm-up", daemon=True).start()
