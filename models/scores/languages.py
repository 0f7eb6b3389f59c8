"""Languages: which share of people or households the campaign's creative speaks to.

Groups are those of ACS tables C16001 (people aged 5 and over) and C16002 (households) who speak
English less than very well; the others are reached in English. Which questionnaire language lies in
which group: Census reference 3.1. Where a group holds several languages, the shares of each are
ASSUMED, rounded from the nation; county tables (B16001) would tell them better. German and "other"
languages are not asked for in C16001 and count as reached.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.scores.missing_households import TO_90

PEOPLE: Mapping[str, Mapping[str, float]] = {
    "spanish": {"es": 1.0},
    "french_haitian": {"fr": 0.5, "ht": 0.5},
    "slavic": {"ru": 0.5, "pl": 0.5},
    "korean": {"ko": 1.0},
    "chinese": {"zh": 1.0},
    "vietnamese": {"vi": 1.0},
    "tagalog": {"tl": 1.0},
    "arabic": {"ar": 1.0},
    "other_indo_european": {"pt": 0.15},
    "other_asian": {"ja": 0.1},
}
HOUSEHOLDS: Mapping[str, Mapping[str, float]] = {
    "households_spanish": {"es": 1.0},
    "households_indo_european": {"ru": 0.2, "pl": 0.2, "pt": 0.15, "fr": 0.1, "ht": 0.1},
    "households_asian_pacific": {"zh": 0.45, "vi": 0.2, "ko": 0.15, "tl": 0.1, "ja": 0.05},
    "households_other": {"ar": 0.4},
}
#: Other codes of the same languages.
_ALIASES = {"fil": "tl", "cmn": "zh", "yue": "zh"}


def read_codes(codes: tuple[str, ...]) -> frozenset[str]:
    """Return languages without region or script: ``zh-Hant`` and ``yue`` are ``zh``."""
    plain = (code.lower().replace("_", "-").split("-")[0] for code in codes)
    return frozenset(_ALIASES.get(code, code) for code in plain)


def find_unplaced(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages that no group of the tables holds: creative in them counts as reaching nobody more."""
    placed = {"en"}.union(*(group for groups in (PEOPLE, HOUSEHOLDS) for group in groups.values()))
    return tuple(sorted(read_codes(codes) - placed))


def cover_languages(tracts: pd.DataFrame, codes: tuple[str, ...]) -> pd.DataFrame:
    """Return how much of each tract creative in ``codes`` speaks to.

    Parameters
    ----------
    tracts
        ``limited_english_<group>_count`` with ``population_5plus_count``, or, where these are
        missing, ``limited_english_households_<group>_count`` with ``households_count``; margins of
        error where they are there.
    codes
        ISO 639-1 codes, regions allowed.

    Returns
    -------
    DataFrame
        ``covered_share`` (0-1; 1 where the tables say nothing) and ``error_share``, its standard
        deviation from the margins.
    """
    spoken = read_codes(codes)
    people = _cover(tracts, "population_5plus_count", PEOPLE, spoken)
    households = _cover(tracts, "households_count", HOUSEHOLDS, spoken)
    return people.fillna(households).fillna({"covered_share": 1.0, "error_share": 0.0})


def _cover(
    tracts: pd.DataFrame,
    universe: str,
    groups: Mapping[str, Mapping[str, float]],
    spoken: frozenset[str],
) -> pd.DataFrame:
    """Do it with one table; missing where a column of it is."""
    counts = {f"limited_english_{group}_count": shares for group, shares in groups.items()}
    if not {universe, *counts} <= set(tracts):
        return pd.DataFrame(np.nan, index=tracts.index, columns=["covered_share", "error_share"])
    whole = tracts[universe].where(tracts[universe] > 0)
    english = "en" in spoken
    covered = pd.Series(1.0 if english else 0.0, index=tracts.index)
    variance = pd.Series(0.0, index=tracts.index)
    for name, shares in counts.items():
        gain = sum(share for code, share in shares.items() if code in spoken) - (
            1.0 if english else 0.0
        )
        covered += gain * tracts[name] / whole
        if f"{name}_moe" in tracts:
            variance += (gain * tracts[f"{name}_moe"].fillna(0.0) / TO_90 / whole) ** 2
    found = pd.DataFrame({"covered_share": covered.clip(0, 1), "error_share": variance**0.5})
    return found.where(covered.notna())
