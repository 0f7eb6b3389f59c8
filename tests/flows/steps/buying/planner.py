"""Plan the campaign of an invented town as the flow does."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from pydantic import SecretStr

from flows.steps.buying.list_rules import read_list_rules
from flows.steps.buying.plan import TargetPlan, plan_targets
from flows.steps.buying.previous_run import PreviousList, RunningTest
from flows.steps.notes import Notes
from flows.steps.results.outputs import write_plan
from flows.steps.sources.districts import DividedKinds
from models.targeting.priority import score_tracts
from outreach.campaign import Campaign, parse_campaign
from outreach.settings import read_settings
from outreach.store import Run, Store
from outreach.tables import DataFrame, Scores
from outreach.transport import Transport
from tests.twins import list_untold

#: Tracts along a side of the town, and degrees along a side of a tract.
SIDE, STEP = 12, 0.012
DATE = pd.Timestamp("2020-05-28")


def score_planned(tracts: gpd.GeoDataFrame, campaign: Campaign) -> DataFrame[Scores]:
    """Score tracts as the campaign flow does, without a forecast."""
    return score_tracts(tracts, campaign.creative_languages, read_list_rules(campaign))


@dataclass(frozen=True)
class Plan(TargetPlan):
    """A plan with the notes that were collected on the way."""

    notes: tuple[str, ...] = ()


class Planner:
    """Plans the town's campaign as requested."""

    def __init__(
        self, tracts: gpd.GeoDataFrame, season: pd.DataFrame, files: dict[str, str]
    ) -> None:
        self.tracts, self.season, self.files = tracts, season, files

    def ask(self, **changes: Any) -> Campaign:
        asked = {
            "name": "Town",
            "census_year": 2020,
            "areas": [{"state": "99", "county": "001"}],
            "goal_percent": 70,
            "deadline": dt.date(2020, 10, 15),
            "budget_usd": 20_000,
            "cpm_usd": 14.75,
            "impressions_per_household": 24,
            "spend_all": True,
            "assumptions": {"spread": True},  # so that ranks have ranges without a forecast
            "creative_languages": ["en", "es"],
            "flight": {"start": dt.date(2020, 6, 1), "end": dt.date(2020, 6, 28)},
        }
        return parse_campaign(asked | changes, "test")

    def __call__(
        self,
        previous: PreviousList | None = None,
        history: Any = ...,
        test: RunningTest | None = None,
        **changes: Any,
    ) -> Plan:
        settings, campaign = read_settings(), self.ask(**changes)
        scores = score_planned(self.tracts, campaign)
        past = self.season if history is ... else history
        notes = Notes()
        transport = Transport(settings, SecretStr(""))
        targets = plan_targets(
            self.tracts,
            scores,
            campaign,
            DividedKinds(self.tracts, 2020, transport, settings),
            notes,
            history=past,
            previous=previous,
            test=test,
        )
        assert list_untold(notes.sentences) == []
        return Plan(**vars(targets), notes=notes.sentences)


def count_cents(money: Any) -> int:
    """Round dollars to cents."""
    return round(100 * float(money))


def keep_plan(store: Store, planner: Planner, made: Plan, **changes: Any) -> str:
    """Keep a plan as the campaign flow does."""
    campaign = planner.ask(**changes)
    with store.begin(campaign.slug) as run:
        run.write_table("tracts", planner.tracts)
        run.write_table("scores", score_planned(planner.tracts, campaign))
        write_plan(run, made)
        run.write_table("targets", made.targets)
        manifest = Run(
            id=run.id,
            created_at=dt.datetime.now(dt.UTC),
            campaign=campaign,
            data_date=DATE.date(),
            inputs=(),
            counts={},
            figures={"previous_list": made.previous_run_id} if made.previous_run_id else {},
            join_report={},
            timings_seconds={},
        )
        return run.finish(manifest).id
