"""Split the money of targets over the languages of the ads."""

import pandas as pd

from flows.steps.buying.floors import LANGUAGE_SHARE
from geo.crosswalk.carry import carry_counts
from geo.footprint import weigh_members
from models.audience.describe import list_counts
from models.audience.languages import count_languages, name_count
from models.scores.languages import read_codes
from outreach.campaign import Campaign
from outreach.tables import (
    DataFrame,
    GeoDataFrame,
    Targets,
    Tracts,
    as_table,
    name_language_share,
)


def share_languages(
    targets: DataFrame[Targets],
    members: pd.DataFrame | None,
    tracts: GeoDataFrame[Tracts],
    campaign: Campaign,
) -> DataFrame[Targets]:
    """Give each target the share of its money for ads in each language of the campaign.

    A language other than English gets the share of the target's households that speak it and
    little English, if they are at least 5%; fewer do not make a campaign of their own. The rest is
    for ads in English, or, where there are none, for the first language of the campaign.

    Parameters
    ----------
    targets
        What is bought.
    members
        How much of each tract lies in each target (:func:`geo.footprint.weigh_members`); ``None``
        where the targets are tracts.
    tracts
        With the counts of languages, as far as available.
    campaign
        Its ``creative_languages``; a campaign in one language is left as it is.

    Returns
    -------
    DataFrame
        With a column for each language (:func:`outreach.tables.name_language_share`).
    """
    codes = campaign.creative_languages
    if len(codes) == 1:
        return targets

    # Count the households of each language in each target by its tracts.
    parts = members if members is not None else weigh_members(targets, tracts)
    pairs = parts.rename(columns={"geoid": "source", "unit_id": "target"})
    counts = pd.DataFrame(tracts[list_counts(tracts)])
    carried = carry_counts(counts, pairs).table.reindex(targets.index)
    speakers = count_languages(carried)
    households = carried["households_count"]

    # Languages with a script of their own, such as zh-Hans and zh-Hant, divide theirs evenly.
    plain = {code: next(iter(read_codes((code,)))) for code in codes}
    shares: dict[str, pd.Series[float]] = {}
    for code in codes:
        column = name_count(plain[code])
        alike = sum(other == plain[code] for other in plain.values())
        if plain[code] != "en" and column in speakers:
            share = (speakers[column] / households.where(households > 0)).fillna(0.0)
            shares[code] = share.where(share >= LANGUAGE_SHARE, 0.0) / alike
        else:
            shares[code] = pd.Series(0.0, index=targets.index)

    # The rest is English, or the first language.
    rest = next((code for code in codes if plain[code] == "en"), codes[0])
    others = pd.DataFrame({code: shares[code] for code in codes if code != rest}).sum(axis=1)
    shares[rest] = (1 - others).clip(lower=0.0)
    named = {name_language_share(code): share.astype(float) for code, share in shares.items()}
    return as_table(targets.assign(**named), Targets)
