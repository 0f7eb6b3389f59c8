"""Check the money and the days of the campaigns in exported files."""

import math
from collections.abc import Iterator

from outreach.exporters.base.flight import find_flight_days
from outreach.exporters.check.readback import FileFinding, Readback
from outreach.phrasing import write_date, write_dollars
from outreach.tables import DataFrame, Targets
from outreach.units import Arm

_CENT = 0.01
_ROUNDING_USD = 0.005


def check_money(readback: Readback, targets: DataFrame[Targets]) -> Iterator[FileFinding]:
    """Check that the campaigns spend the list's money on the days of the flight, and no more.

    A daily budget is rounded down, so a campaign may fall short by a cent a day. Files without
    campaigns have nothing to check.
    """
    campaigns = readback.campaigns
    if not campaigns:
        return

    first, last = find_flight_days(readback.context.brief, targets)
    for campaign in campaigns:
        if (campaign.first, campaign.last) != (first, last):
            yield FileFinding(
                campaign.file,
                f"the campaign {campaign.name!r} runs from {write_date(campaign.first)} to"
                f" {write_date(campaign.last)}, and the plan from {write_date(first)} to"
                f" {write_date(last)}",
            )

    # Money of ZIPs that the platform does not know is not in the files.
    advertised = targets[targets["arm"] == Arm.TREAT]
    placed = advertised[~advertised["place"].isin(readback.unmatched_zips)]
    planned_usd = float(placed["budget_usd"].sum())
    written_usd = math.fsum(campaign.budget_usd for campaign in campaigns)
    days = (last - first).days + 1
    shortfall_usd = _CENT * days * sum(campaign.is_daily for campaign in campaigns)
    if (
        not planned_usd - shortfall_usd - _ROUNDING_USD
        <= written_usd
        <= planned_usd + _ROUNDING_USD
    ):
        yield FileFinding(
            campaigns[0].file,
            f"the campaigns spend {write_dollars(written_usd, cents=True)}, and the plan has"
            f" {write_dollars(planned_usd, cents=True)} for them",
        )
