"""List missing households that online ads do not reach, for phone, paper and door-to-door work.

The missing households of the target list are laid out over the tracts behind it and split in three:
*reachable* online in a language of the creative; *not online*
(:mod:`models.scores.digital_reach`); online, but *without creative* in their language
(:mod:`models.audience.languages`). The last two are handed off, together with households about
which nothing is known and those in chosen tracts that no place on the list holds. Nothing is lost
between. It is ASSUMED that households without creative are online and missing as often as others;
they are probably missing more often. Where the ACS has no languages, everyone is assumed to read
the creative. Race and ethnicity are never read.
"""

import numpy as np
import pandas as pd

from models.audience.handoff_text import CHANNELS, explain_rows
from models.audience.languages import (
    LANGUAGES,
    LEAST_HOUSEHOLDS,
    OTHER,
    OTHER_NAME,
    list_unread,
    name_count,
)
from models.audience.tract_shares import NO_ADS
from models.scores.digital_reach import reach_missing_share
from models.scores.online import read_internet_share
from outreach.errors import DataError
from outreach.tables import DataFrame, RatedTracts, Tracts, as_table

#: Doors are worth knocking on where at least one in this many is handed off (ASSUMED; sort by the
#: columns to choose differently).
DOORS_PER_HOUSEHOLD = 10
_PARTS = ("offline_missing", "without_creative_missing")
_ENDINGS = ("", "_low", "_high")
_COLUMNS = [
    "label", "arm", "places", "channel", "missing_households_count", "reachable_households_count",
    *(f"handoff_households_count{end}" for end in _ENDINGS),
    *(f"{part}_count{end}" for part in _PARTS for end in _ENDINGS),
    "unknown_households_count", "language", "why",
]  # fmt: skip


def list_handoff(
    shared: pd.DataFrame,
    tracts: DataFrame[Tracts],
    audience: pd.DataFrame,
    creative_languages: tuple[str, ...],
) -> pd.DataFrame:
    """List by tract and arm how many missing households online ads do not reach.

    Each row says why, and what reaches them instead.

    Parameters
    ----------
    shared
        From :func:`models.audience.tract_shares.share_targets` and
        :func:`models.audience.tract_shares.add_unbought`.
    tracts
        :class:`outreach.tables.Tracts` with the internet columns.
    audience
        The same tracts, from :func:`models.audience.describe.describe_areas`.
    creative_languages
        ISO 639-1 codes of the languages that there are ads in.

    Returns
    -------
    DataFrame
        Index ``geoid``, the most handed off first: ``label``, ``arm``, ``places`` (the targets it
        lies in), ``missing_households_count``; its parts ``reachable_households_count``,
        ``offline_missing_count``, ``without_creative_missing_count``,
        ``unknown_households_count``; ``handoff_households_count``. The last two parts that are
        handed off and their sum have a 90% range as ``_low`` and ``_high``, from the ACS margins
        of error, missing where it gave none. ``language`` is the most common one without creative,
        ``channel`` the one that fits best, ``why`` the reason. Where there are no ads
        (:data:`models.audience.tract_shares.NO_ADS`), reachable households are handed off too.

    Raises
    ------
    DataError
        A tract of the targets is not among ``tracts``.
    """
    keys = ["geoid", "arm"]
    rows = shared.groupby(keys, as_index=False).agg(
        missing_households_count=("missing_households_count", "sum"),
        places=("unit_id", lambda units: " ".join(sorted(filter(None, units)))),
    )
    if unknown := sorted(set(rows["geoid"]) - set(tracts.index) - {""}):
        raise DataError(
            f"Tract {unknown[0]} of the targets is not among the tracts.",
            "Run the campaign again.",
        )

    # What is known of the tracts behind the targets.
    behind = tracts.index[tracts.index.isin(rows["geoid"])]
    own, own_audience = tracts.loc[behind], audience.loc[behind]
    rows = rows.join(_split_missing(own, own_audience), on="geoid").join(
        _describe_tracts(own, own_audience, creative_languages), on="geoid"
    )
    rows = rows.fillna({"label": "not in any tract", "language": "", "language_code": ""})

    rows = _count_parts(rows)
    rows["channel"] = _choose_channels(rows)
    rows["why"] = explain_rows(rows, creative_languages)
    ordered = rows.sort_values(
        ["handoff_households_count", *keys], ascending=[False, True, True], kind="stable"
    )
    return ordered.set_index("geoid")[_COLUMNS]


def _split_missing(tracts: DataFrame[Tracts], audience: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of the missing households of each tract, with ranges if margins exist.

    They are reachable, and the two parts that are not.
    """
    rated = as_table(tracts, RatedTracts)
    online, responded = reach_missing_share(rated), read_internet_share(rated)
    offline_error = audience["offline_share_moe"] / (1 - responded)
    households = audience["households_count"].where(audience["households_count"] > 0)
    unread = (audience["without_creative_households_count"] / households).clip(0, 1).fillna(0.0)
    unread_error = audience["without_creative_households_count_moe"] / households
    unread_error = unread_error.mask(unread == 0, 0.0)

    shares = {
        "reachable_share": (
            online * (1 - unread),
            np.hypot((1 - unread) * offline_error, online * unread_error),
        ),
        "offline_missing_share": (1 - online, offline_error),
        "without_creative_missing_share": (
            online * unread,
            np.hypot(unread * offline_error, online * unread_error),
        ),
    }
    table = {}
    for name, (share, error) in shares.items():
        table[name] = share
        table[f"{name}_low"] = (share - error).clip(0, 1)
        table[f"{name}_high"] = (share + error).clip(0, 1)
    return pd.DataFrame(table)


def _describe_tracts(
    tracts: DataFrame[Tracts], audience: pd.DataFrame, creative_languages: tuple[str, ...]
) -> pd.DataFrame:
    """Return label, households and most common language without creative of each tract."""
    codes = np.array(list_unread(creative_languages), dtype=object)
    counts = audience[[name_count(code) for code in codes]].fillna(0.0).to_numpy()
    main = codes[counts.argmax(axis=1)] if len(codes) else np.full(len(audience), "", dtype=object)
    has_speakers = counts.max(axis=1, initial=0.0) >= LEAST_HOUSEHOLDS
    names = [LANGUAGES.get(code, OTHER_NAME) for code in main]
    return pd.DataFrame(
        {
            "label": "Tract " + tracts["name"].astype(str),
            "tract_households_count": tracts["households_count"],
            "language_code": np.where(has_speakers, main, ""),
            "language": np.where(has_speakers, np.array(names, dtype=object), ""),
        },
        index=tracts.index,
    )


def _count_parts(rows: pd.DataFrame) -> pd.DataFrame:
    """Turn the shares of each row into counts, with their ranges."""
    count = rows["missing_households_count"]
    has_internet = rows["reachable_share"].notna()
    counts = {"reachable_households_count": (count * rows["reachable_share"]).fillna(0.0)}
    counts |= {
        f"{part}_count{end}": count * rows[f"{part}_share{end}"]
        for part in _PARTS
        for end in _ENDINGS
    }
    counts |= {f"{part}_count": counts[f"{part}_count"].fillna(0.0) for part in _PARTS}
    counts["unknown_households_count"] = count.where(~has_internet, 0.0)

    # The rest is handed off; everything is where nothing is known or no ads are shown.
    everything = ~has_internet | (rows["arm"] == NO_ADS)
    for end, opposite in zip(_ENDINGS, ("", "_high", "_low"), strict=True):
        part = count * (1 - rows[f"reachable_share{opposite}"])
        counts[f"handoff_households_count{end}"] = part.where(~everything, count)
    return rows.assign(**counts)


def _choose_channels(rows: pd.DataFrame) -> list[str]:
    """Choose what fits most of the households handed off.

    The phone speaks the census languages, doors pay off where many are near, and paper goes
    anywhere.
    """
    near = rows["handoff_households_count"] * DOORS_PER_HOUSEHOLD >= rows["tract_households_count"]
    unread = rows["without_creative_missing_count"] > rows["offline_missing_count"]
    on_phone = unread & ~rows["language_code"].isin(["", OTHER])
    phone, door, paper = CHANNELS
    return list(np.select([on_phone, near | unread], [phone, door], default=paper))
