"""Who should meet: features of a pair, the ranking over them, and the reasons it gives.

`suggest` ranks from the derived files alone; `with_evidence` asks the graph for the proof of what is shown.
"""

from graph.suggest.explain import REASONS, with_evidence
from graph.suggest.rank import MODES, NOTES, Mode, SuggestionAnswer, suggest

__all__ = ["MODES", "NOTES", "REASONS", "Mode", "SuggestionAnswer", "suggest", "with_evidence"]
