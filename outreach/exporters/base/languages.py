"""Split the money of places over the languages of the ads."""

import math
from collections.abc import Sequence
from dataclasses import replace

from outreach.exporters.base.places import Place
from outreach.tables import DataFrame, Targets, name_language_share

_CENTS = 100
#: Rounding errors of up to this many cents do not take a cent away.
_TOLERANCE_CENTS = 1e-4


def split_languages(
    places: Sequence[Place], targets: DataFrame[Targets], languages: Sequence[str]
) -> list[tuple[tuple[str, ...], list[Place]]]:
    """Give each language its own places, with its share of their money.

    Parameters
    ----------
    places
        In the order of the list.
    targets
        With the columns of :func:`outreach.tables.name_language_share`. Without them, which is so
        for lists of an older version, all languages stay together.
    languages
        Codes of the languages of the ads.

    Returns
    -------
    list
        Codes, and places with the money for these codes, to the cent. A place is left out where
        its share comes to less than a cent. Together, the money is that of ``places``.
    """
    columns = [name_language_share(code) for code in languages]
    if len(languages) < 2 or not set(columns) <= set(targets.columns):  # noqa: PLR2004  two make several
        return [(tuple(languages), list(places))]

    table = targets[columns]
    shares = {str(unit_id): row for unit_id, *row in table.itertuples()}
    groups: list[list[Place]] = [[] for _ in languages]
    for place in places:
        for group, budget_usd in zip(
            groups, split_amount(place.budget_usd, shares[place.unit_id]), strict=True
        ):
            if budget_usd:
                group.append(replace(place, budget_usd=budget_usd))
    return [((code,), group) for code, group in zip(languages, groups, strict=True) if group]


def split_amount(amount_usd: float, shares: Sequence[float]) -> list[float]:
    """Split an amount by shares into whole cents that add up to it.

    Parameters
    ----------
    amount_usd
        In whole cents.
    shares
        At least 0, with a sum above 0.
    """
    total, whole = math.fsum(shares), round(amount_usd * _CENTS)
    running = [math.fsum(shares[: end + 1]) / total for end in range(len(shares))]
    ends = [math.floor(whole * share + _TOLERANCE_CENTS) for share in running[:-1]] + [whole]
    return [(end - start) / _CENTS for start, end in zip([0, *ends[:-1]], ends, strict=True)]
