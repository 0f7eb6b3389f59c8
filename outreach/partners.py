"""Count the codes without a partner in a join, and refuse many."""

from collections.abc import Iterable

import pandas as pd

from outreach.errors import InputError
from outreach.phrasing import write_percent

#: Most of the codes, or of what they weigh, that may have no partner.
MOST_UNMET = 0.02
_TENTH = 0.1


def match_codes(
    left: Iterable[str],
    right: Iterable[str],
    what_left: str,
    what_right: str,
    origin: str,
    weights: "pd.Series[float] | None" = None,
    *,
    weighed: str = "households",
    todo: str = "Write the codes alike in both files, and make sure that no rows are missing.",
) -> str:
    """Count the codes on the left that are not on the right.

    Parameters
    ----------
    left
        Codes that need a partner; each counts once.
    right
        Codes that there are.
    what_left
        What the left codes are, in the plural: "targets of the crosswalk".
    what_right
        What the right codes are, in the singular: "district of the file".
    origin
        The file, for messages.
    weights
        What each left code weighs, if its share decides and not that of the codes.
    weighed
        What the weights count, in the plural.
    todo
        What to do about many, for the error.

    Returns
    -------
    str
        A sentence for the notes of a run; empty where all codes meet.

    Raises
    ------
    InputError
        More than :data:`MOST_UNMET` have no partner.
    """
    codes = pd.Index(left).unique()
    partners = pd.Index(right).unique()
    unmet = codes[~codes.isin(partners)]
    if unmet.empty:
        return ""

    share = len(unmet) / len(codes)
    part = ""
    if weights is not None:
        figures = weights.reindex(codes).fillna(0.0)
        total = float(figures.sum())
        share = float(figures[unmet].sum()) / total if total else share
        part = f", with {write_percent(share, 0 if share > _TENTH else 2)} of the {weighed},"

    # An example without a partner shows best how the codes differ.
    free = partners[~partners.isin(codes)]
    example = f" (such as {[*free, *partners][0]})" if len(partners) else ""
    sentence = (
        f"{len(unmet):,} of {len(codes):,} {what_left} (such as {unmet[0]}){part}"
        f" {'is' if len(unmet) == 1 else 'are'} no {what_right}{example}."
    )
    if share > MOST_UNMET:
        raise InputError(f"{origin}: {sentence}", todo)
    return sentence
