"""Count the households of each language in an area.

Households that speak little English come from ACS C16002, in four groups, with margins of error
(90%). Each group is split over the census languages by the people of C16001 who speak English less
than very well. Where C16001 is missing, or holds several languages in one group, the shares of
:mod:`models.scores.languages` split it, which are ASSUMED. The languages are those of the 2020
questionnaire by internet and phone (Census Bureau, CB20-CN.25); those of 2030 are not final.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from models.scores.languages import HOUSEHOLDS, PEOPLE, read_codes
from outreach.arrays import Floats
from outreach.margins import add_margins, measure_share_margin, read_column

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
#: What is left of the groups beside these languages, and its name.
OTHER, OTHER_NAME = "other", "other languages"
#: Groups of C16002, and the groups of C16001 within them that are available.
GROUPS: Mapping[str, Sequence[str]] = {
    "spanish": ("spanish",),
    "indo_european": ("french_haitian", "slavic", "other_indo_european"),
    "asian_pacific": ("korean", "chinese", "vietnamese", "tagalog", "other_asian"),
    "other": ("arabic",),
}
#: Fewer households than this round to none.
LEAST_HOUSEHOLDS = 0.5


def name_count(code: str) -> str:
    """Return the column of the households that speak a language; little English, unless English."""
    return (
        "english_households_count" if code == "en" else f"limited_english_{code}_households_count"
    )


def name_group(group: str) -> str:
    """Return the column of a group of C16002."""
    return f"limited_english_households_{group}_count"


def list_unread(creative_languages: tuple[str, ...]) -> list[str]:
    """Return the languages without creative, :data:`OTHER` last."""
    creative = read_codes(creative_languages)
    return [code for code in (*LANGUAGES, OTHER) if code not in creative]


def count_languages(counts: pd.DataFrame) -> pd.DataFrame:
    """Count the households of each language.

    :func:`describe_basis` says how each was counted.

    Parameters
    ----------
    counts
        The columns of :func:`models.audience.describe.list_counts` by area.

    Returns
    -------
    DataFrame
        By area: the columns of :func:`name_count` with margins as ``_moe``; missing where the ACS
        gave none.
    """
    zero = pd.Series(0.0, index=counts.index)
    columns: dict[str, pd.Series[float]] = {}
    rest, limited, rest_variance = zero, zero, zero
    for group in GROUPS:
        whole = read_column(counts, name_group(group))
        margin = read_column(counts, f"{name_group(group)}_moe")

        # The languages of the group, then what they leave of it.
        left, left_variance = zero + 1, zero
        for code, (share, error) in _split_group(counts, group).items():
            columns[name_count(code)] = whole * share
            columns[f"{name_count(code)}_moe"] = (
                (share * margin) ** 2 + (whole * error) ** 2
            ) ** 0.5
            left, left_variance = (left - share).clip(lower=0), left_variance + error**2
        rest, limited = rest + whole * left, limited + whole
        rest_variance = rest_variance + (left * margin) ** 2 + whole**2 * left_variance

    english = read_column(counts, "households_count") - limited
    columns[name_count("en")] = english.clip(lower=0)
    columns[name_count(OTHER)], columns[f"{name_count(OTHER)}_moe"] = rest, rest_variance**0.5
    ordered = [
        f"{name_count(code)}{ending}" for code in (*LANGUAGES, OTHER) for ending in ("", "_moe")
    ]
    return pd.DataFrame({name: columns[name] for name in ordered if name in columns})


def describe_basis(counts: pd.DataFrame) -> dict[str, str]:
    """Say by language what its households were counted from."""
    basis = {
        OTHER: "ACS C16002, minus the languages of the census",
        "en": "ACS households minus those with little English",
    }
    detailed = _has_people(counts)
    for group, parts in GROUPS.items():
        for code in HOUSEHOLDS[f"households_{group}"]:
            shares_group = any(PEOPLE[part].get(code, 1.0) < 1 for part in parts)
            basis[code] = _describe_split(group, detailed=detailed, shares_group=shares_group)
    return basis


def name_languages(table: pd.DataFrame, codes: Sequence[str]) -> "pd.Series[str]":
    """List the languages of each area with households and margin, the most common first.

    Languages that round to no household are left out.
    """
    counts = [name_count(code) for code in codes]
    margins = [f"{name}_moe" for name in counts]
    rows = zip(
        table[counts].to_numpy(float), table.reindex(columns=margins).to_numpy(float), strict=True
    )
    texts = [", ".join(_list_languages(codes, *row)) for row in rows]
    return pd.Series(texts, index=table.index, dtype=object)


def _describe_split(group: str, *, detailed: bool, shares_group: bool) -> str:
    """Say how a language was counted out of its group."""
    if group == "spanish":
        return "ACS C16002"
    if not detailed:
        return "ACS C16002, split by national shares (ASSUMED)"
    text = "ACS C16002, split by the speakers in C16001"
    if group == "other":
        text = (
            "ACS C16002 by the speakers in C16001, with as many per household as in the other"
            " groups"
        )
    return f"{text}, and by national shares (ASSUMED) within their group" if shares_group else text


def _list_languages(codes: Sequence[str], counts: Floats, margins: Floats) -> Iterator[str]:
    """Yield the languages of one area, the most common first."""
    for at in np.argsort(-counts, kind="stable"):
        if counts[at] >= LEAST_HOUSEHOLDS:
            margin = "" if np.isnan(margins[at]) else f" ±{margins[at]:,.0f}"
            yield f"{LANGUAGES.get(codes[at], OTHER_NAME)} {counts[at]:,.0f}{margin}"


def _has_people(counts: pd.DataFrame) -> bool:
    """Return whether C16001 gave anything."""
    names = [f"limited_english_{part}_count" for parts in GROUPS.values() for part in parts]
    return set(names) <= set(counts) and bool(counts[names].sum(axis=None, min_count=1) > 0)


def _split_group(
    counts: pd.DataFrame, group: str
) -> "dict[str, tuple[pd.Series[float], pd.Series[float]]]":
    """Return the share of each language in a group of C16002, and its margin of error.

    An area whose sample has no speaker of the group takes the shares of all areas together.
    """
    assumed = HOUSEHOLDS[f"households_{group}"]
    zero = pd.Series(0.0, index=counts.index)
    if group == "spanish" or not _has_people(counts):
        return {code: (zero + share, zero) for code, share in assumed.items()}

    # The people of the group.
    names = {part: f"limited_english_{part}_count" for part in GROUPS[group]}
    if group == "other":
        base, base_margin = _count_other_people(counts), zero
    else:
        base = counts[list(names.values())].sum(axis=1)
        base_margin = add_margins(counts, list(names.values()))

    shares = {}
    for code in assumed:
        share, error = zero, zero
        for part, name in names.items():
            within = PEOPLE[part].get(code, 0.0)
            if not within:
                continue
            everywhere = counts[name].sum() / max(float(base.sum()), 1e-9)
            own = (counts[name] / base.where(base > 0)).fillna(everywhere).clip(upper=1)
            margin = measure_share_margin(
                own, read_column(counts, f"{name}_moe"), base_margin, base
            ).where(base > 0, 0.0)
            share, error = share + within * own, (error**2 + (within * margin) ** 2) ** 0.5
        shares[code] = (share, error)
    return shares


def _count_other_people(counts: pd.DataFrame) -> "pd.Series[float]":
    """Return the people of the last group, of which C16001 has only a part.

    They are its households, with as many people in each as in the other groups.
    """
    detailed = [group for group in GROUPS if group != "other"]
    households = sum(read_column(counts, name_group(group)).sum() for group in detailed)
    people = sum(
        counts[f"limited_english_{part}_count"].sum()
        for group in detailed
        for part in GROUPS[group]
    )
    return read_column(counts, name_group("other")) * (people / max(households, 1e-9))
