"""Turn the final rates of the last census into the rates that a plan stands on."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd

from flows.steps.sources.pulled import Pulled
from outreach.errors import NothingThere
from outreach.phrasing import write_date
from outreach.tables import ResponseRates, check

#: The last day of self-response of each census (2020: census.hawaii.gov, updated schedule). Rates
#: of an earlier day are not final.
_LAST_DAY = {2020: dt.date(2020, 10, 15)}


def read_finals(pulled: Pulled, census_year: int, plan_day: dt.date) -> Pulled:
    """Return the final rates of ``dec/selfresponserate`` as rates of the day of the plan.

    Raises
    ------
    NothingThere
        The dataset has no final rate for any tract of the area.
    """
    table = pulled.table
    columns = {f"final_{census_year}_share": "cumulative_share"}
    columns[f"final_{census_year}_internet_share"] = "internet_share"
    rates = table.rename(columns=columns).reindex(columns=list(columns.values()))
    return _date(pulled, rates, census_year, plan_day)


def read_last_rates(pulled: Pulled, census_year: int, plan_day: dt.date) -> Pulled:
    """Return the last rates that were published in a season as its final ones.

    Raises
    ------
    NothingThere
        The last rates are of a day before self-response ended.
    """
    newest = pulled.table["data_date"].max().date()
    if newest < _LAST_DAY[census_year]:
        raise NothingThere(
            f"The last rates of {census_year} are of {write_date(newest)}, before self-response"
            f" ended on {write_date(_LAST_DAY[census_year])}, so they are not final.",
            f"Pull the rates of {census_year} again, or import an archive that goes to its end.",
        )
    note = (
        f"The final self-response rates of {census_year} are taken from the last rates of its"
        f" season, of {write_date(newest)}."
    )
    source = pulled.source.model_copy(update={"note": f"{note} {pulled.source.note}".strip()})
    rates = pulled.table[["cumulative_share", "internet_share"]]
    return _date(replace(pulled, source=source), rates, census_year, plan_day)


def _date(pulled: Pulled, rates: pd.DataFrame, census_year: int, plan_day: dt.date) -> Pulled:
    """Give rates the day of the plan; tracts without a final rate are left out."""
    known = rates[rates["cumulative_share"].notna()]
    if known.empty:
        raise NothingThere(
            f"{pulled.source.name} has no final rate of {census_year} for this area.",
            "Check the areas of the campaign.",
        )
    dated = known.assign(
        data_date=pd.Timestamp(plan_day), daily_share=np.nan, daily_internet_share=np.nan
    )
    table = check(dated, ResponseRates, f"final rates of {census_year}")
    source = pulled.source.model_copy(update={"data_date": plan_day, "rows": len(table)})
    return replace(pulled, table=table, source=source)
