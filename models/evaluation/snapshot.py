"""Gather what could be known of an area on a day of its season."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from models.curves.blend import blend_rates
from models.curves.forecast import Forecast, estimate_weights, forecast_final
from models.curves.gompertz import extrapolate_gompertz
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories
from models.evaluation.bought import read_order, score_day
from models.features.build import Features
from models.features.predictors import Predictor
from models.peers.expect import expect_rates
from models.targeting.selection import ListRules
from outreach.arrays import Floats
from outreach.errors import ModelError, NothingThere
from outreach.objectives import Objective
from outreach.tables import DataFrame, ResponseRates, Scores, TractProfiles


@dataclass(frozen=True)
class Request:
    """What a run needs beside rates and a season model to buy a list.

    Attributes
    ----------
    tracts
        Profiles of the tracts.
    creative_languages
        ISO 639-1 codes of the ads.
    rules
        Price, goal, and assumptions; every objective is bought.
    own
        Predictors that the area brings itself.
    """

    tracts: DataFrame[TractProfiles]
    creative_languages: tuple[str, ...]
    rules: ListRules
    own: tuple[Predictor, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """What could be known on a day, and nothing else.

    Attributes
    ----------
    day
        Elapsed day.
    curves
        Publications up to that day; ``None`` before the first.
    geoid
        The tracts that are judged. Every rule answers in this order.
    features
        Profiles from before the season, if there are any.
    households
        By tract, if known.
    model
        A season model, if the rules may use one.
    request
        What a run needs beside these to buy a list, if there are profiles.
    rates
        Rates up to that day, as a run reads them; ``None`` before the first publication.
    """

    day: int
    curves: Trajectories | None
    geoid: pd.Index
    features: Features | None = None
    households: "pd.Series[float] | None" = None
    model: SeasonModel | None = None
    request: Request | None = None
    rates: DataFrame[ResponseRates] | None = None

    @property
    def unknown(self) -> Floats:
        """Missing figures for every tract."""
        return np.full(len(self.geoid), np.nan)

    @cached_property
    def level(self) -> Floats:
        """The current rate, missing before the first publication."""
        rate = self._read_rate()
        return self.unknown if rate is None else self.align(rate)

    @cached_property
    def blend(self) -> Floats:
        """Where tracts end according to :mod:`models.curves.blend`."""
        if self.curves is None and self.features is None:
            return self.unknown
        try:
            ending = blend_rates(self.curves, day=self.day, features=self.features)["ending_share"]
        except ModelError:
            return self.unknown
        return self.align(ending)

    @cached_property
    def gompertz(self) -> Floats:
        """Where each tract's own curve leads, by :mod:`models.curves.gompertz`."""
        if self.curves is None:
            return self.level
        return self.align(pd.Series(extrapolate_gompertz(self.curves), index=self.curves.geoid))

    @cached_property
    def peers(self) -> "pd.Series[float] | None":
        """The peer expectation of today's rate, by :mod:`models.peers.expect`."""
        rate = self._read_rate()
        if self.features is None or rate is None:
            return None
        try:
            return expect_rates(self.features, rate).table["peer_share"]
        except ModelError:
            return None

    @cached_property
    def season_forecast(self) -> Forecast | None:
        """The forecast of the season model, with the peer expectation if there is one."""
        if self.model is None or self.curves is None or self.day < self.model.days[0]:
            return None
        weights = estimate_weights(self.model, self.curves.last_day, with_peers=True)
        peers = self.peers if weights.peers > 0 else None
        try:
            return forecast_final(self.curves, self.model, peers=peers)
        except (ModelError, NothingThere):
            return None

    @cached_property
    def scored(self) -> dict[Objective, DataFrame[Scores]]:
        """The scores of a run of that day, by objective; empty where no run could be."""
        if self.request is None or self.model is None or self.rates is None:
            return {}
        request = self.request
        return score_day(
            request.tracts,
            self.rates,
            self.model,
            request.creative_languages,
            request.rules,
            request.own,
        )

    def bought(self, objective: Objective) -> Floats:
        """Return the order in which a run of that day buys tracts for an objective."""
        return self.align(read_order(self.scored.get(objective), self.geoid))

    def profile(self, name: str) -> Floats:
        """Return a predictor in the order of the tracts, missing where it is not available."""
        if self.features is None or name not in self.features.frame:
            return self.unknown
        return self.align(self.features.frame[name])

    def align(self, values: "pd.Series[float]") -> Floats:
        """Put a column into the order of the tracts."""
        return np.asarray(values.reindex(self.geoid), dtype=np.float64)

    def _read_rate(self) -> "pd.Series[float] | None":
        """Return the last published rate of every tract with a curve."""
        if self.curves is None:
            return None
        return pd.Series(self.curves.cumulative_at(self.curves.last_day), index=self.curves.geoid)
