"""One file a publisher: META says who publishes what under which licence, crawl() turns its files into claims.

SOURCES is the explicit list; its order is also the order in which a property's value is believed (first wins).
"""

from __future__ import annotations

from typing import Final

from ingest.base import Source
from ingest.sources import cordis, efre_nrw, foerderkatalog, geonames

SOURCES: Final[tuple[Source, ...]] = tuple(
    Source(module.META, module.crawl) for module in (geonames, foerderkatalog, efre_nrw, cordis)
)
