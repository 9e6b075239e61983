"""Who should meet: features of a pair, the ranking over them, and the reasons it gives.

`suggest` ranks, explains and proves from the derived files alone; the engine is not asked.
"""

from graph.suggest.explain import REASONS
from graph.suggest.features import Newcomer
from graph.suggest.filters import FILTERS, Filters
from graph.suggest.rank import MODES, NOTES, Mode, SuggestionAnswer, suggest

__all__ = ["FILTERS", "MODES", "NOTES", "REASONS", "Filters", "Mode", "Newcomer", "SuggestionAnswer", "suggest"]
