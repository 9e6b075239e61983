"""One file a publisher: META says who publishes what under which licence, crawl() turns its files into claims.

SOURCES is the explicit list; its order is also the order in which a property's value is believed (first wins).
"""

from __future__ import annotations

from typing import Final

from ingest.base import Source
from ingest.sources import cordis, csv_list, efre_nrw, euroscivoc, foerderkatalog, geonames, leistungsplan, offeneregister, ror, wz2008

SOURCES: Final[tuple[Source, ...]] = (
    Source(geonames.META, geonames.crawl),
    Source(euroscivoc.META, euroscivoc.crawl),
    Source(wz2008.META, wz2008.crawl),
    Source(leistungsplan.META, leistungsplan.crawl),
    Source(csv_list.META, csv_list.crawl, csv_list.describe),
    Source(ror.META, ror.crawl),
    Source(offeneregister.META, offeneregister.crawl),
    Source(foerderkatalog.META, foerderkatalog.crawl),
    Source(efre_nrw.META, efre_nrw.crawl),
    Source(cordis.META, cordis.crawl),
)
