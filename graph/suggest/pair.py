"""One certain pair: the suggestion that it would be, whatever its rank, also where the rules would not suggest it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from graph.derived import Derived
from graph.model import Suggestion
from graph.suggest.features import Question
from graph.suggest.model import model
from graph.suggest.rank import _notes, _suggestion, allowed_mask, candidates, lift, score, table_for


def suggestion_of(derived: Derived, org_id: str, other_id: str, *, lifted: Collection[str] = ()) -> Suggestion | None:
    """`other_id` as a suggestion for `org_id`, with its score among the usual candidates and its reasons; None for an unknown id or itself."""
    row, other = derived.index(org_id), derived.index(other_id)
    if row is None or other is None or row == other:
        return None
    question = Question(derived, row)
    allowed = allowed_mask(question, (), exclude_unnamed=True, suppressed=())
    rows = np.union1d(candidates(question, allowed), [other]).astype(np.int64)
    praised = [other] if other_id in lifted else []
    scored = lift(score(question, rows, table_for("mixed", _notes(question), model())), praised)
    return _suggestion(question, scored, int(np.searchsorted(rows, other)), reasons=True)


def partners_already(derived: Derived, org_id: str, other_id: str) -> bool:
    """Whether the two have a common project or a stated cooperation."""
    row, other = derived.index(org_id), derived.index(other_id)
    return row is not None and other is not None and (other in derived.partners.row(row) or other in derived.coop.row(row))
