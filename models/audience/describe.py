"""Describe who lives in the places that ads go to: languages, phones and internet.

Every figure has its margin of error, and the languages say which creative exists for them. Race and
ethnicity are never read.
"""

from collections.abc import Mapping

import pandas as pd

from models.audience.languages import (
    GROUPS,
    LANGUAGES,
    OTHER,
    count_languages,
    list_unread,
    name_count,
    name_group,
    name_languages,
)
from models.scores.languages import PEOPLE
from outreach.margins import add_margins, divide_counts
from outreach.tables import DataFrame, Tracts

#: Shares and their parts: column of the count, column of the base.
SHARES: Mapping[str, tuple[str, str]] = {
    "smartphone_only_share": ("smartphone_only_households_count", "device_universe_count"),
    "offline_share": ("offline_households_count", "internet_universe_count"),
}


def list_counts(tracts: DataFrame[Tracts]) -> list[str]:
    """List the columns of tracts that describe an audience, with their margins of error.

    They are counts, so they add up over tracts.
    """
    names = ["households_count", *(name for pair in SHARES.values() for name in pair)]
    names += [name_group(group) for group in GROUPS]
    names += [f"limited_english_{group}_count" for group in PEOPLE]
    available = [name for name in names if name in tracts]
    return [*available, *(f"{name}_moe" for name in available if f"{name}_moe" in tracts)]


def describe_areas(counts: pd.DataFrame, creative_languages: tuple[str, ...]) -> pd.DataFrame:
    """Describe who lives in areas: tracts, or places that tracts were added up to.

    Parameters
    ----------
    counts
        The columns of :func:`list_counts` by area.
    creative_languages
        ISO 639-1 codes of the languages that there are ads in.

    Returns
    -------
    DataFrame
        By area: ``households_count``; each of :data:`SHARES` (0-1);
        ``limited_english_households_count``; for each of
        :data:`models.audience.languages.LANGUAGES` and for the others the households of
        :func:`models.audience.languages.name_count`; ``without_creative_households_count``, which
        no ad of the campaign speaks to; ``languages``, ``with_creative`` and ``without_creative``
        in words. Each figure but English has its margin of error (90%) as ``_moe``, missing where
        the ACS gave none. Figures from a missing source are missing.
    """
    table = pd.DataFrame({"households_count": counts["households_count"]})
    for name, (part, whole) in SHARES.items():
        table[[name, f"{name}_moe"]] = divide_counts(counts, part, whole)

    # Households by language.
    speakers = count_languages(counts)
    names = [name_count(code) for code in LANGUAGES] + [name_count(OTHER)]
    limited = [name_group(group) for group in GROUPS]
    table["limited_english_households_count"] = speakers[names[1:]].sum(axis=1, min_count=1)
    table["limited_english_households_count_moe"] = add_margins(counts, limited)
    table = table.join(speakers)

    # Households that no ad speaks to.
    unread = list_unread(creative_languages)
    lacking = [name_count(code) for code in unread]
    has_languages = speakers[names].notna().any(axis=1)
    table["without_creative_households_count"] = speakers[lacking].sum(axis=1).where(has_languages)
    table["without_creative_households_count_moe"] = add_margins(speakers, lacking)

    lists = {
        "languages": [code for code in (*LANGUAGES, OTHER) if code != "en"],
        "with_creative": [code for code in LANGUAGES if code not in unread],
        "without_creative": unread,
    }
    return table.assign(**{name: name_languages(table, codes) for name, codes in lists.items()})
