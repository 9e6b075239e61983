"""/api/v1: the same answers as the pages, for programs.

questions.py what may be asked, answers.py, described.py and suggested.py what is answered, endpoints.py how an address is declared, cursor.py paging,
problems.py errors, openapi.py the document about it all; entities.py, lists.py and suggesting.py hold the addresses.
reconcile.py is a service of its own, as OpenRefine asks.
"""

from web.api import entities, lists, openapi, suggesting  # noqa: F401  each declares its addresses
from web.api.endpoints import blueprint

__all__ = ["blueprint"]
