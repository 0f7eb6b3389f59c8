"""Hold what was planned for a flight, as deliveries are compared with it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from outreach.tables import DataFrame, Targets


@dataclass(frozen=True, slots=True, eq=False)
class FlightPlan:
    """What an approved list planned.

    Parameters
    ----------
    targets
        The units of the list, and those of earlier approved lists of the same flight.
    cells
        A row is money: ``unit_id``, ``arm``, ``channel``, ``language``, ``media_usd`` in whole
        cents, ``impressions_count``, and ``reached_count`` (households). ``channel`` is empty where
        the plan does not say which platform spends it.
    bought
        Ids of the units that any approved list of the flight bought.
    first, last
        The days of the flight.
    """

    targets: DataFrame[Targets]
    cells: pd.DataFrame
    bought: Collection[str]
    first: dt.date
    last: dt.date
