"""Explain what a reader must know about a forecast."""

import datetime as dt

from models.curves.drift import Drift
from models.curves.forecast import Forecast, ForecastWeights
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories
from outreach.phrasing import list_names, write_date
from outreach.tables import DataFrame, ResponseRates

#: A season's shape is read from its first days. An archive that begins more days than this after
#: the start does not have them.
_LATE_DAYS = 7
#: Without the first days, the intervals of the forecast would cover less than they state (24% to
#: 85% instead of 80%). Inflated by this they cover enough: the largest factor needed on five days
#: (April 15 to September 1, 2020) in five states (08, 13, 17, 42, 53), with archives that begin on
#: March 30 or later.
LATE_INFLATION = 2.2
#: Inflation of ranges that is worth a note. The manifest has smaller ones.
_NOTABLE_INFLATION = 1.1
#: What :func:`judge_hindsight` calls a model that has seen nothing of the season.
EX_ANTE = "ex ante"
#: FIPS codes that a note lists.
_LISTED_CODES = 3


def begins_late(curves: Trajectories) -> bool:
    """Return whether the archive lacks the season's first days."""
    return curves.published_days[0] > _LATE_DAYS


def judge_hindsight(model: SeasonModel, rates: DataFrame[ResponseRates]) -> tuple[str, list[str]]:
    """Judge whether a season model has seen final rates of the very season that is forecast.

    Parameters
    ----------
    model
        The season model.
    rates
        :class:`outreach.tables.ResponseRates` of the area.

    Returns
    -------
    kind
        ``ex ante``, or ``hindsight`` with the places it was fitted on.
    own
        FIPS codes of the area's own states or counties among those.
    """
    if int(rates["data_date"].max().year) != model.start.year:
        return EX_ANTE, []
    fitted = model.provenance.get("counties") or model.provenance.get("states") or []
    geoid = rates.index.unique()
    own = sorted(set(fitted) & {*geoid.str[:2], *geoid.str[:5]})
    kind = "including the area's own final rates" if own else "from other places"
    return f"hindsight, {kind}", own


def explain_forecast(
    forecast: Forecast,
    curves: Trajectories,
    model: SeasonModel,
    season_kind: str,
    own_codes: list[str],
    requested: ForecastWeights | None,
) -> list[str]:
    """Explain a forecast's late start, shift, weights, and hindsight, as far as there are any.

    Parameters
    ----------
    forecast, curves, model
        The forecast, the rates that it was made from, and the season model.
    season_kind, own_codes
        From :func:`judge_hindsight`.
    requested
        Weights that the planner set.

    Returns
    -------
    list of str
        Sentences for people.
    """
    notes = []
    if begins_late(curves):
        begin = curves.start + dt.timedelta(days=curves.published_days[0])
        notes.append(
            f"The archive begins on {write_date(begin)}, after the season's first days, so the"
            f" forecast is less certain and its ranges are {LATE_INFLATION} times as wide. Bring in"
            " earlier days with 'outreach archive import'."
        )
    notes += _explain_drift(forecast.drift, model.name)
    if requested is not None and forecast.weights != requested:
        notes.append(
            f"The forecast's weights are {forecast.weights}: the weight that [forecast] gives to a"
            " source that is not available today goes to the trajectory."
        )
    if season_kind != EX_ANTE:
        places = "of other places"
        if own_codes:
            places = f"including those of FIPS {list_names(own_codes, _LISTED_CODES)}"
        notes.append(
            f"Hindsight: the season model {model.name} was fitted on final rates of this very"
            f" season, {places}. The forecast shows how the service works and is no promise."
        )
    return notes


def _explain_drift(drift: Drift, season: str) -> list[str]:
    """Explain that ranges are wider because the season so far differs from the archived one."""
    inflated = drift.counties[drift.counties["inflation_factor"] >= _NOTABLE_INFLATION]
    if inflated.empty:
        return []
    where, up_to = "", ""
    if len(drift.counties) > 1:
        where = (
            f" in {len(inflated)} of {len(drift.counties)} counties, most of all in"
            f" {inflated.index[0]}"
        )
        up_to = "up to "
    shift, factor = inflated.iloc[0]
    note = (
        f"This season differs from that of {season}{where}: forecasts that the model would have"
        f" made earlier, for days that have passed since, missed by {shift:.1f} times the usual."
        f" So the ranges of the forecast are {up_to}{factor:.1f} times as wide."
    )
    return [note]
