"""Audience: who lives in the places that ads go to - languages, telephones, no internet - with counts, margins of error, and what creative there is.

Households that speak little English come from ACS C16002, in four groups, with margins of error (90
%). Each group is split over the languages of the census by the people of C16001 who speak English
less than very well; where C16001 is missing, or holds several languages in one group, the shares of
:mod:`models.scores.languages` split it, which are ASSUMED. The languages are those of the 2020
questionnaire by internet and telephone (Census Bureau, CB20-CN.25); those of 2030 are not final.
Race and ethnicity are never read.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from models.scores.languages import HOUSEHOLDS, PEOPLE, read_codes
from outreach.arrays import Floats
from outreach.campaign import Campaign

#: The languages of the census of 2020, by ISO code.
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "es": "Spanish",
    "zh": "Chinese",
    "vi": "Vietnamese",
    "ko": "Korean",
    "ru": "Russian",
    "ar": "Arabic",
    "tl": "Tagalog",
    "pl": "Polish",
    "fr": "French",
    "ht": "Haitian Creole",
    "pt": "Portuguese",
    "ja": "Japanese",
}
#: What is left of the groups beside these languages.
OTHER = "other"
#: Fewer households than this round to nobody.
_SOME = 0.5
#: Groups of C16002 and those of C16001 within them, as far as they are asked for.
_WITHIN: Mapping[str, Sequence[str]] = {
    "spanish": ("spanish",),
    "indo_european": ("french_haitian", "slavic", "other_indo_european"),
    "asian_pacific": ("korean", "chinese", "vietnamese", "tagalog", "other_asian"),
    "other": ("arabic",),
}
#: Shares and their bases: column of the count, column of the base.
SHARES: Mapping[str, tuple[str, str]] = {
    "smartphone_only_share": ("smartphone_only_households_count", "device_universe_count"),
    "offline_share": ("offline_households_count", "internet_universe_count"),
}


def name_count(code: str) -> str:
    """Return the column of the households that speak a language; of all but English those that speak little English."""
    return (
        "english_households_count" if code == "en" else f"limited_english_{code}_households_count"
    )


def list_counts(tracts: pd.DataFrame) -> list[str]:
    """Name the columns of tracts that an audience is made of, with their margins of error: counts, so that they add up over tracts."""
    wanted = ["households_count", *(name for pair in SHARES.values() for name in pair)]
    wanted += [f"limited_english_households_{group}_count" for group in _WITHIN]
    wanted += [f"limited_english_{group}_count" for group in PEOPLE]
    known = [name for name in wanted if name in tracts]
    return [*known, *(f"{name}_moe" for name in known if f"{name}_moe" in tracts)]


def describe_areas(counts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Describe who lives in areas: tracts, or places that tracts were added up to.

    Parameters
    ----------
    counts
        The columns of :func:`list_counts` by area.
    campaign
        For the languages that there is creative in.

    Returns
    -------
    DataFrame
        By area: ``households_count``; each of :data:`SHARES` (0-1);
        ``limited_english_households_count``; for each of :data:`LANGUAGES` and :data:`OTHER` the
        households of :func:`name_count`; ``without_creative_households_count``, those that no
        creative of the campaign speaks to; ``languages``, ``with_creative`` and
        ``without_creative`` in words. Each figure but English has its margin of error (90 %) as
        ``_moe``, missing where the ACS gave none. All of a source that is missing is missing.
    """
    table = pd.DataFrame({"households_count": counts["households_count"]})
    for name, (part, whole) in SHARES.items():
        table[[name, f"{name}_moe"]] = _divide(counts, part, whole)
    spoken = count_languages(counts)
    names = [name_count(code) for code in LANGUAGES] + [name_count(OTHER)]
    limited = [f"limited_english_households_{group}_count" for group in _WITHIN]
    table["limited_english_households_count"] = spoken[names[1:]].sum(axis=1, min_count=1)
    table["limited_english_households_count_moe"] = _add_margins(counts, limited)
    table = table.join(spoken)
    unread = list_unread(campaign)
    lacking = [name_count(code) for code in unread]
    table["without_creative_households_count"] = (
        spoken[lacking].sum(axis=1).where(spoken[names].notna().any(axis=1))
    )
    table["without_creative_households_count_moe"] = _add_margins(spoken, lacking)
    table["languages"] = name_languages(
        table, [code for code in (*LANGUAGES, OTHER) if code != "en"]
    )
    table["with_creative"] = name_languages(
        table, [code for code in LANGUAGES if code not in unread]
    )
    table["without_creative"] = name_languages(table, unread)
    return table


def list_unread(campaign: Campaign) -> list[str]:
    """Return the languages that the campaign has no creative in, :data:`OTHER` the last."""
    spoken = read_codes(campaign.creative_languages)
    return [code for code in (*LANGUAGES, OTHER) if code not in spoken]


def count_languages(counts: pd.DataFrame) -> pd.DataFrame:
    """Count the households of each language; see :func:`describe_areas`, and :func:`find_basis` for how each was counted."""
    zero = pd.Series(0.0, index=counts.index)
    found: dict[str, pd.Series[float]] = {}
    rest, limited, rest_variance = zero, zero, zero
    for group in _WITHIN:
        name = f"limited_english_households_{group}_count"
        whole, margin = _read(counts, name), _read(counts, f"{name}_moe")
        left, left_variance = zero + 1, zero
        for code, (share, error) in _split_group(counts, group).items():
            found[name_count(code)] = whole * share
            found[f"{name_count(code)}_moe"] = ((share * margin) ** 2 + (whole * error) ** 2) ** 0.5
            left, left_variance = (left - share).clip(lower=0), left_variance + error**2
        rest, limited = rest + whole * left, limited + whole
        rest_variance = rest_variance + (left * margin) ** 2 + whole**2 * left_variance
    found[name_count("en")] = (_read(counts, "households_count") - limited).clip(lower=0)
    found[name_count(OTHER)], found[f"{name_count(OTHER)}_moe"] = rest, rest_variance**0.5
    ordered = [
        f"{name_count(code)}{ending}" for code in (*LANGUAGES, OTHER) for ending in ("", "_moe")
    ]
    return pd.DataFrame({name: found[name] for name in ordered if name in found})


def find_basis(counts: pd.DataFrame) -> dict[str, str]:
    """Say by language what its households were counted from."""
    told = {
        OTHER: "ACS C16002, what the languages of the census leave",
        "en": "ACS households less those with little English",
    }
    detailed = _has_people(counts)
    for group, parts in _WITHIN.items():
        for code in HOUSEHOLDS[f"households_{group}"]:
            shared = detailed and any(PEOPLE[part].get(code, 1.0) < 1 for part in parts)
            alone = "ACS C16002, split by the speakers in C16001"
            if group == "other":
                alone = "ACS C16002 by the speakers in C16001, as many to a household as in the other groups"
            told[code] = (
                f"{alone}, and by shares of the nation (ASSUMED) within their group"
                if shared
                else alone
            )
            if not detailed:
                told[code] = "ACS C16002, split by shares of the nation (ASSUMED)"
            if group == "spanish":
                told[code] = "ACS C16002"
    return told


def name_languages(table: pd.DataFrame, codes: Sequence[str]) -> "pd.Series[str]":
    """Name the languages of each area with households and margin, the commonest first; what rounds to nobody is left out."""
    counts = [name_count(code) for code in codes]
    margins = [f"{name}_moe" for name in counts]
    rows = zip(
        table[counts].to_numpy(float), table.reindex(columns=margins).to_numpy(float), strict=True
    )
    told = [", ".join(_tell_languages(codes, *row)) for row in rows]
    return pd.Series(told, index=table.index, dtype=object)


def _tell_languages(codes: Sequence[str], counts: Floats, margins: Floats) -> Iterator[str]:
    for at in np.argsort(-counts, kind="stable"):
        if counts[at] >= _SOME:
            margin = "" if np.isnan(margins[at]) else f" ±{margins[at]:,.0f}"
            yield f"{LANGUAGES.get(codes[at], 'other languages')} {counts[at]:,.0f}{margin}"


def _has_people(counts: pd.DataFrame) -> bool:
    """Whether C16001 gave anything."""
    names = [f"limited_english_{part}_count" for parts in _WITHIN.values() for part in parts]
    return set(names) <= set(counts) and bool(counts[names].sum(axis=None, min_count=1) > 0)


def _split_group(
    counts: pd.DataFrame, group: str
) -> "dict[str, tuple[pd.Series[float], pd.Series[float]]]":
    """Return the share of each language in a group of C16002 and its margin of error.

    An area whose people speak none of them by the sample takes the shares of all areas together.
    """
    assumed = HOUSEHOLDS[f"households_{group}"]
    zero = pd.Series(0.0, index=counts.index)
    if group == "spanish" or not _has_people(counts):
        return {code: (zero + share, zero) for code, share in assumed.items()}
    names = {part: f"limited_english_{part}_count" for part in _WITHIN[group]}
    base = (
        counts[list(names.values())].sum(axis=1)
        if group != "other"
        else _count_other_people(counts)
    )
    base_margin = _add_margins(counts, list(names.values())) if group != "other" else zero
    shares = {}
    for code in assumed:
        share, error = zero, zero
        for part, name in names.items():
            within = PEOPLE[part].get(code, 0.0)
            if not within:
                continue
            everywhere = counts[name].sum() / max(float(base.sum()), 1e-9)
            own = (counts[name] / base.where(base > 0)).fillna(everywhere).clip(upper=1)
            margin = _margin_of_share(own, _read(counts, f"{name}_moe"), base_margin, base).where(
                base > 0, 0.0
            )
            share, error = share + within * own, (error**2 + (within * margin) ** 2) ** 0.5
        shares[code] = (share, error)
    return shares


def _count_other_people(counts: pd.DataFrame) -> "pd.Series[float]":
    """Return the people of the last group, which C16001 tells only in part: its households, as many people in each as in the other groups."""
    told = [group for group in _WITHIN if group != "other"]
    households = sum(
        _read(counts, f"limited_english_households_{group}_count").sum() for group in told
    )
    people = sum(
        counts[f"limited_english_{part}_count"].sum() for group in told for part in _WITHIN[group]
    )
    return _read(counts, "limited_english_households_other_count") * (
        people / max(households, 1e-9)
    )


def _divide(counts: pd.DataFrame, part: str, whole: str) -> pd.DataFrame:
    """Return a share and its margin of error; missing where either count is."""
    base = _read(counts, whole)
    share = (_read(counts, part) / base.where(base > 0)).clip(0, 1)
    margin = _margin_of_share(
        share, _read(counts, f"{part}_moe"), _read(counts, f"{whole}_moe"), base
    )
    return pd.DataFrame({"share": share, "margin": margin})


def _margin_of_share(
    share: "pd.Series[float]",
    part: "pd.Series[float]",
    whole: "pd.Series[float]",
    base: "pd.Series[float]",
) -> "pd.Series[float]":
    """Return the margin of a proportion from those of its parts; of a ratio where that has no root (ACS handbook, chapter 8)."""
    inner = part**2 - (share * whole) ** 2
    root: pd.Series[float] = inner.where(inner >= 0, part**2 + (share * whole) ** 2) ** 0.5
    return root / base.where(base > 0)


def _add_margins(table: pd.DataFrame, names: Sequence[str]) -> "pd.Series[float]":
    """Return the margin of a sum, the root of the sum of squares; missing where no part has one."""
    known = [f"{name}_moe" for name in names if f"{name}_moe" in table]
    return (table[known] ** 2).sum(axis=1, min_count=1) ** 0.5


def _read(table: pd.DataFrame, name: str) -> "pd.Series[float]":
    """Return a column as numbers, missing where the table has none."""
    column: pd.Series[float] = (
        table[name] if name in table else pd.Series(np.nan, index=table.index)
    )
    return column.astype(float)
