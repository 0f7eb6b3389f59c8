"""Sum up what platforms claim for their ads, in their own words."""

import math
from dataclasses import dataclass

import pandas as pd

from outreach.delivery.headers import load_headers
from outreach.delivery.report import list_readers
from outreach.tables import DataFrame, Delivery


@dataclass(frozen=True, slots=True)
class PlatformClaim:
    """What one platform counts as wins of its ads.

    Parameters
    ----------
    channel
        The platform that showed the ads, as people call it.
    counts
        What it counts, in the words of its reports.
    count
        How many.
    usd
        Its spend for each, without fees.
    is_lift
        Whether it credits them to the ads, as in a study of lift, or only counts them.
    """

    channel: str
    counts: str
    count: float
    usd: float
    is_lift: bool


def sum_claims(delivery: DataFrame[Delivery]) -> tuple[PlatformClaim, ...]:
    """Return what each platform counts, and what it credits to its ads; none where none says so.

    The spend behind a claim is that of the rows that make it.

    Parameters
    ----------
    delivery
        The rows of one flight.
    """
    titles = {name: load_headers(name).title for name in list_readers()}
    claims = []
    for column in ("conversions", "lift"):
        if f"{column}_count" not in delivery:
            continue
        rows = delivery[delivery[f"{column}_count"].notna()]
        for channel, part in rows.groupby("channel"):
            count = math.fsum(part[f"{column}_count"])
            if count > 0:
                claims.append(
                    PlatformClaim(
                        channel=titles.get(str(channel), str(channel)),
                        counts=_join_words(part[f"{column}_of"]),
                        count=count,
                        usd=math.fsum(part["spend_usd"]) / count,
                        is_lift=column == "lift",
                    )
                )
    return tuple(claims)


def _join_words(words: "pd.Series[str]") -> str:
    """Return what is counted, each once."""
    return "; ".join(dict.fromkeys(words.dropna().astype(str)))
