"""Hand-off: missing households that online ads do not reach, by tract, for those who telephone, send paper or go from door to door.

The missing households of the target list are laid out over the tracts behind it and split in three:
*reachable* online in a language of the creative; *not online* (:mod:`models.scores.digital_reach`);
online, but *without creative* in their language (:mod:`models.audience.describe`). The last two,
with those of whom nothing is known and those of chosen tracts that no place on the list holds, are
handed off; nothing is lost between. That households without creative are as often online as the
others, and missing as often, is ASSUMED; they are probably missing more often. Where the ACS tells
no languages, all are taken to read the creative. Race and ethnicity are never read.
"""

from typing import Any

import numpy as np
import pandas as pd

from models.audience.describe import LANGUAGES, OTHER, list_unread, name_count
from models.scores.digital_reach import reach_missing_share, read_internet_share
from outreach.campaign import Campaign
from outreach.errors import DataError
from outreach.units import Arm

#: Arm of what no place of the target list holds.
NO_ADS = "no ads"
#: Doors are worth knocking on where at least one in so many is handed off (ASSUMED; sort by the
#: columns to choose otherwise).
DOORS_PER_HOUSEHOLD = 10

PHONE, PAPER, DOOR = "phone", "paper", "door-to-door"

#: Fewer households than this round to nobody.
_SOME = 0.5
_PARTS = ("offline_missing", "without_creative_missing")


def share_targets(
    targets: pd.DataFrame, members: pd.DataFrame, missing: "pd.Series[float]"
) -> pd.DataFrame:
    """Lay the missing households of each target out over the tracts behind it.

    Parameters
    ----------
    targets
        :class:`outreach.tables.Targets`.
    members
        ``geoid``, ``unit_id``, ``weight``: how much of each tract lies in which target.
    missing
        Missing households by ``geoid``.

    Returns
    -------
    DataFrame
        ``geoid``, ``unit_id``, ``arm``, ``missing_households_count``, which adds up to the target's
        own count; ``geoid`` is empty where no tract with missing households lies behind a target.
    """
    table = members[members["unit_id"].isin(targets.index)].copy()
    table["part"] = table["weight"] * table["geoid"].map(missing).astype(float).fillna(0.0)
    table = table[table["part"] > 0]
    whole = table.groupby("unit_id")["part"].transform("sum")
    table["share"] = table["part"] / whole
    bare = targets.index.difference(pd.Index(table["unit_id"]))
    table = pd.concat(
        [table, pd.DataFrame({"geoid": "", "unit_id": bare, "share": 1.0})], ignore_index=True
    )
    own = targets.loc[table["unit_id"]]
    table["arm"] = own["arm"].to_numpy()
    table["missing_households_count"] = (
        table["share"] * own["missing_households_count"].fillna(0.0).to_numpy()
    )
    return table[["geoid", "unit_id", "arm", "missing_households_count"]]


def add_unbought(
    shared: pd.DataFrame, chosen: pd.Index, members: pd.DataFrame, missing: "pd.Series[float]"
) -> pd.DataFrame:
    """Add the part of each chosen tract that no target holds, as of the arm :data:`NO_ADS`."""
    held = members.groupby("geoid")["weight"].sum().reindex(chosen).fillna(0.0)
    left = (missing.reindex(chosen).fillna(0.0) * (1 - held).clip(lower=0)).round(6)
    left = left[left > 0]
    rows = {
        "geoid": left.index,
        "unit_id": "",
        "arm": NO_ADS,
        "missing_households_count": left.to_numpy(),
    }
    return pd.concat([shared, pd.DataFrame(rows)], ignore_index=True)


def list_handoff(
    shared: pd.DataFrame, tracts: pd.DataFrame, audience: pd.DataFrame, campaign: Campaign
) -> pd.DataFrame:
    """Say by tract and arm how many missing households online ads do not reach, why, and what reaches them instead.

    Parameters
    ----------
    shared
        From :func:`share_targets` and :func:`add_unbought`.
    tracts
        :class:`outreach.tables.Tracts` with the columns of the internet.
    audience
        The same tracts, from :func:`models.audience.describe.describe_areas`.

    Returns
    -------
    DataFrame
        Index ``geoid``, the most handed off first: ``label``, ``arm``, ``places`` (the targets it
        lies in), ``missing_households_count``; its parts ``reachable_households_count``,
        ``offline_missing_count``, ``without_creative_missing_count``, ``unknown_households_count``;
        ``handoff_households_count``. Handed off and the two parts have their 90 % range as ``_low``
        and ``_high``, from the margins of error of the ACS, missing where it gave none.
        ``language`` is the commonest without creative, ``channel`` the one that fits best, ``why``
        the reason. Where there are no ads (:data:`NO_ADS`), the reachable are handed off too.
    """
    keys = ["geoid", "arm"]
    rows = shared.groupby(keys, as_index=False).agg(
        missing_households_count=("missing_households_count", "sum"),
        places=("unit_id", lambda units: " ".join(sorted(filter(None, units)))),
    )
    if strangers := sorted(set(rows["geoid"]) - set(tracts.index) - {""}):
        raise DataError(
            f"Tract {strangers[0]} of the targets is not among the tracts.", "Make the run again."
        )
    behind = tracts.index[tracts.index.isin(rows["geoid"])]
    known_of = _split_missing(tracts.loc[behind], audience.loc[behind])
    rows = rows.join(known_of, on="geoid").join(
        _read_places(tracts.loc[behind], audience.loc[behind], campaign), on="geoid"
    )
    rows = _count_parts(
        rows.fillna({"label": "not in any tract", "language": "", "language_code": ""})
    )
    rows["channel"] = _choose_channels(rows)
    rows["why"] = [_explain(row, campaign) for row in _list_rows(rows)]
    ordered = rows.sort_values(
        ["handoff_households_count", *keys], ascending=[False, True, True], kind="stable"
    )
    return ordered.set_index("geoid")[_COLUMNS]


_COLUMNS = [
    "label", "arm", "places", "channel", "missing_households_count", "reachable_households_count",
    *(f"handoff_households_count{end}" for end in ("", "_low", "_high")),
    *(f"{part}_count{end}" for part in _PARTS for end in ("", "_low", "_high")),
    "unknown_households_count", "language", "why",
]  # fmt: skip


def _count_parts(rows: pd.DataFrame) -> pd.DataFrame:
    """Turn the shares of each row into counts, with their ranges."""
    count, known = rows["missing_households_count"], rows["reachable_share"].notna()
    counts = {"reachable_households_count": (count * rows["reachable_share"]).fillna(0.0)}
    counts |= {
        f"{part}_count{end}": count * rows[f"{part}_share{end}"]
        for part in _PARTS
        for end in ("", "_low", "_high")
    }
    counts |= {f"{part}_count": counts[f"{part}_count"].fillna(0.0) for part in _PARTS}
    counts["unknown_households_count"] = count.where(~known, 0.0)
    everything = ~known | (rows["arm"] == NO_ADS)
    for end, other in (("", ""), ("_low", "_high"), ("_high", "_low")):
        part = count * (1 - rows[f"reachable_share{other}"])
        counts[f"handoff_households_count{end}"] = part.where(~everything, count)
    return rows.assign(**counts)


def say_handoff(handoff: pd.DataFrame, targets: pd.DataFrame) -> str:
    """Say in one sentence what is handed off, with the counts that add up to the target list."""
    inside = handoff[handoff["arm"] != NO_ADS]
    missing, reachable, off = (
        inside[f"{part}households_count"].sum() for part in ("missing_", "reachable_", "handoff_")
    )
    below, above = (
        inside[f"handoff_households_count{end}"] - inside["handoff_households_count"]
        for end in ("_low", "_high")
    )
    spread = f"{off - (below**2).sum() ** 0.5:,.0f} to {off + (above**2).sum() ** 0.5:,.0f}"
    spread = "no range, for the ACS gave no margins" if below.isna().any() else spread
    held = inside.loc[inside["arm"] != Arm.TREAT, "reachable_households_count"].sum()
    unbought = handoff.loc[handoff["arm"] == NO_ADS, "handoff_households_count"].sum()
    said = (
        f"Of {missing:,.0f} missing households in {len(targets):,} targets online ads can reach {reachable:,.0f}; handoff.csv lists the"
        f" other {off:,.0f} ({spread}) by tract, for phone, paper and door-to-door."
    )
    said += (
        f" {held:,.0f} of the reachable live where no ads are shown, held out or in buffers."
        if held >= _SOME
        else ""
    )
    return said + (
        f" {unbought:,.0f} more live in chosen tracts where no place was bought."
        if unbought >= _SOME
        else ""
    )


def _split_missing(tracts: pd.DataFrame, audience: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of the missing households of each tract: reachable and the two parts that are not, with ranges where margins are known."""
    online, answered = reach_missing_share(tracts), read_internet_share(tracts)
    offline_error = audience["offline_share_moe"] / (1 - answered)
    households = audience["households_count"].where(audience["households_count"] > 0)
    unread = (audience["without_creative_households_count"] / households).clip(0, 1).fillna(0.0)
    unread_error = (audience["without_creative_households_count_moe"] / households).mask(
        unread == 0, 0.0
    )
    middle = {
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
    for name, (share, error) in middle.items():
        table[name] = share
        table[f"{name}_low"], table[f"{name}_high"] = (
            (share - error).clip(0, 1),
            (share + error).clip(0, 1),
        )
    return pd.DataFrame(table)


def _read_places(tracts: pd.DataFrame, audience: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return label, households and commonest language without creative of each tract."""
    counts = audience[[name_count(code) for code in list_unread(campaign)]].fillna(0.0).to_numpy()
    codes = np.array(list_unread(campaign), dtype=object)
    main = codes[counts.argmax(axis=1)] if len(codes) else np.full(len(audience), "", dtype=object)
    some = counts.max(axis=1, initial=0.0) >= _SOME
    return pd.DataFrame(
        {
            "label": "Tract " + tracts["name"].astype(str),
            "tract_households_count": tracts["households_count"],
            "language_code": np.where(some, main, ""),
            "language": [
                LANGUAGES.get(code, "other languages") if any_ else ""
                for code, any_ in zip(main, some, strict=True)
            ],
        },
        index=tracts.index,
    )


def _choose_channels(rows: pd.DataFrame) -> list[str]:
    """Choose what fits most of those handed off: the telephone speaks the census languages, doors pay where many are near, paper goes anywhere."""
    near = rows["handoff_households_count"] * DOORS_PER_HOUSEHOLD >= rows["tract_households_count"]
    unread = rows["without_creative_missing_count"] > rows["offline_missing_count"]
    on_phone = unread & ~rows["language_code"].isin(["", OTHER])
    return list(np.select([on_phone, near | unread], [PHONE, DOOR], default=PAPER))


def _list_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _explain(row: dict[str, Any], campaign: Campaign) -> str:
    """Say why a tract is handed off, and why by this channel."""
    if not row["geoid"]:
        return "No tract with missing households lies behind these places, so nothing is known of them."
    parts = []
    if row["arm"] == NO_ADS:
        parts.append(
            f"no place that was bought holds these {row['missing_households_count']:,.0f} missing households"
        )
    if row["unknown_households_count"] >= _SOME:
        parts.append("nothing is known of the internet here")
    if row["offline_missing_count"] >= _SOME:
        parts.append(f"{_say_range(row, 'offline_missing')} are not online")
    if row["without_creative_missing_count"] >= _SOME:
        spoken = "/".join(campaign.creative_languages)
        most = f", above all {row['language']}" if row["language"] else ""
        parts.append(
            f"{_say_range(row, 'without_creative_missing')} are online but read no creative in {spoken}{most}"
        )
    doors = row["tract_households_count"] / max(row["handoff_households_count"], _SOME)
    why = {
        PHONE: f"the census answered by telephone in {row['language']}",
        DOOR: f"one door in {doors:,.0f} is one of them"
        if round(doors) > 1
        else "most doors are one of them",
        PAPER: f"only one door in {max(doors, 1):,.0f} is one of them",
    }[row["channel"]]
    told = "; ".join([*parts, why]) + "."
    if row["arm"] not in (Arm.TREAT, NO_ADS):
        told += " No ads here for the test's sake: do no more and no less than in tracts with ads."
    return told[:1].upper() + told[1:]


def _say_range(row: dict[str, Any], part: str) -> str:
    middle, low, high = (row[f"{part}_count{end}"] for end in ("", "_low", "_high"))
    return f"{middle:,.0f} ({low:,.0f} to {high:,.0f})" if high > low else f"{middle:,.0f}"
