"""Measure which share of people or households the campaign's creative speaks to.

Groups are those of ACS tables C16001 (people aged 5 and over) and C16002 (households) who speak
English less than very well; everyone else is reached in English. Which questionnaire language lies
in which group: Census reference 3.1. Where a group holds several languages, the share of each is
ASSUMED, rounded from national figures; county tables (B16001) would be more accurate. German and
"other" languages are not requested from C16001 and count as reached.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.scores.missing_households import TO_90
from outreach.tables import DataFrame, RatedTracts

#: Groups of C16001, and the share of each language in them.
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
#: Groups of C16002, and the share of each language in them.
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


def cover_languages(tracts: DataFrame[RatedTracts], codes: tuple[str, ...]) -> pd.DataFrame:
    """Measure how much of each tract creative in ``codes`` speaks to.

    Parameters
    ----------
    tracts
        ``limited_english_<group>_count`` with ``population_5plus_count``, or, where these are
        missing, ``limited_english_households_<group>_count`` with ``households_count``; margins of
        error (``_moe``) if available.
    codes
        ISO 639-1 codes, regions allowed.

    Returns
    -------
    DataFrame
        ``covered_share`` (0-1; 1 where the tables say nothing) and ``error_share``, its standard
        deviation from the margins of error.
    """
    languages = read_codes(codes)
    people = _cover_groups(tracts, "population_5plus_count", PEOPLE, languages)
    households = _cover_groups(tracts, "households_count", HOUSEHOLDS, languages)
    return people.fillna(households).fillna({"covered_share": 1.0, "error_share": 0.0})


def _cover_groups(
    tracts: DataFrame[RatedTracts],
    universe: str,
    groups: Mapping[str, Mapping[str, float]],
    languages: frozenset[str],
) -> pd.DataFrame:
    """Measure it by one table; missing if a column of the table is absent."""
    counts = {f"limited_english_{group}_count": shares for group, shares in groups.items()}
    if not {universe, *counts} <= set(tracts):
        return pd.DataFrame(np.nan, index=tracts.index, columns=["covered_share", "error_share"])

    # Start from everyone (or no one, without English), then add what each group gains or loses.
    whole = tracts[universe].where(tracts[universe] > 0)
    by_english = 1.0 if "en" in languages else 0.0
    covered = pd.Series(by_english, index=tracts.index)
    variance = pd.Series(0.0, index=tracts.index)
    for name, shares in counts.items():
        gain = sum(share for code, share in shares.items() if code in languages) - by_english
        covered += gain * tracts[name] / whole
        if f"{name}_moe" in tracts:
            variance += (gain * tracts[f"{name}_moe"].fillna(0.0) / TO_90 / whole) ** 2

    coverage = pd.DataFrame({"covered_share": covered.clip(0, 1), "error_share": variance**0.5})
    return coverage.where(covered.notna())
