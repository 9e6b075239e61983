"""One address of every page that answers HTML, in German, without the language: what is looked at on all pages."""

from __future__ import annotations

from typing import Any

import small_network as n

EXAMPLES: dict[str, dict[str, Any]] = {
    **{
        name: {}
        for name in (
            "start", "newcomer", "consortium", "sources", "report", "privacy", "help_page", "glossary_page", "accessibility", "login", "audit", "review",
            "opinions", "upload", "jobs", "watchlist", "landscape", "map_page", "questions", "console", "my_questions", "interface",
        )
    },
    **{
        name: {"id": n.CENTRE}
        for name in (
            "organization", "organization_projects", "organization_partners", "suggestions", "network", "timeline", "transfer", "gaps",
        )
    },
    **{name: {"id": n.OBERHAUSEN} for name in ("place", "city", "city_news")},
    "search": {"q": "Oberhausen"},
    "project": {"id": n.TITLED},
    "topic": {"id": n.TOPIC},
    "evidence": {"id": n.EVIDENCE},
    "document": {"id": "text:00000000000000a1"},
    "connection": {"a": n.CENTRE, "b": n.INSTITUTE},
    "why_not": {"org": n.CENTRE, "other": n.INSTITUTE},
    "compare": {"a": n.CENTRE, "b": n.INSTITUTE},
    "question": {"name": "who_works_on_topic"},
}  # fmt: skip
"""Page -> values of its address."""

NO_PAGE = frozenset(
    (
        "network_file", "logout", "review_undo", "apart", "opinions_undo", "opinions_file", "watchlist_file", "dossier", "transfer_file", "gaps_file",
        "city_file", "city_feed", "cities", "job",
    )
)  # fmt: skip
"""Addresses that answer a file, a redirection, only a form, or (job) something that has to be made first: test_upload.py looks at it."""
