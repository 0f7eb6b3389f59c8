"""Put what is expected of the next census in the place of a rate of today."""

from dataclasses import replace

from flows.steps.indicators.read import list_own_predictors
from flows.steps.kept.results import KeptResults, Kind
from flows.steps.notes import Notes
from flows.steps.planning.phase import name_years
from flows.steps.sources.gather import Gathered
from flows.steps.sources.join import Joined, place_profiles
from models.assess import Assessment
from models.planning.assess_plan import assess_plan
from outreach.campaign import Campaign
from outreach.tables import GeoDataFrame, TractProfiles, Tracts, as_geo_table, as_table

#: Sources of the last census that say how people responded in the one before.
_PAST = "selfresponserate"
_EXPECTED = Kind("expected response")


def plan_tracts(
    campaign: Campaign, gathered: Gathered, joined: Joined, kept: KeptResults, notes: Notes
) -> tuple[Joined, Assessment]:
    """Expect the next census in every joined tract, and put that in the place of its rate.

    Parameters
    ----------
    campaign
        Settled as a plan.
    gathered, joined
        What was pulled; the rates are the final ones of the last census.
    kept
        Results of earlier runs; a plan on the same figures is not computed again.
    notes
        Gets what the plan rests on.

    Returns
    -------
    joined : Joined
        With the planned tracts: ``cumulative_share`` is what is expected of the next census, and
        ``final_<last>_share`` the final rate of the last one.
    assessment : Assessment
        What it rests on, with ranges.

    Raises
    ------
    ModelError, NothingThere
        There are too few tracts, or no predictors, to expect anything from.
    """
    years = name_years(campaign)
    past = tuple(pull for pull in gathered.profiles if pull.source.name == _PAST)
    earlier = (*gathered.then, *past, *gathered.list_indicators(then=True))
    then = place_profiles(earlier, gathered, joined.tracts.index)
    own = list_own_predictors(campaign.indicators)
    tracts, past_profiles = joined.tracts, as_table(then, TractProfiles)
    assessment = kept.recall(
        _EXPECTED,
        [tracts, past_profiles, years, own],
        lambda: assess_plan(tracts, past_profiles, years, own),
    )
    notes.extend(_name_unlearned(campaign, years.last))
    notes.extend(assessment.notes)
    planned = put_expected(tracts, assessment, years.last)
    return replace(joined, tracts=planned), assessment


def _name_unlearned(campaign: Campaign, last: int) -> list[str]:
    """Say which predictors of the campaign a plan cannot learn from, and what it would take."""
    return [
        f"The plan does not learn from the indicator '{indicator.title}', because its figures"
        f" before the census of {last} are not known; name them with last_column. It still tells"
        " which tracts are alike."
        for indicator in campaign.indicators
        if indicator.predictor and indicator.last_column is None
    ]


def put_expected(
    tracts: GeoDataFrame[Tracts], assessment: Assessment, last: int
) -> GeoDataFrame[Tracts]:
    """Return tracts whose rate is what is expected; that of the last census gets its own column.

    What is expected online keeps the part of the responses that came online the last time.
    """
    assert assessment.forecast is not None
    final = tracts["cumulative_share"].astype(float)
    expected = assessment.forecast["final_share"].reindex(tracts.index)
    online = (tracts["internet_share"] / final.where(final > 0)).clip(0, 1)
    planned = tracts.assign(
        cumulative_share=expected,
        internet_share=expected * online,
        **{f"final_{last}_share": final},
    )
    return as_geo_table(planned, Tracts)
