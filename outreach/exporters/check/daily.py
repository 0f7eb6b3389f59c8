"""Check that no daily budget is below what a platform takes."""

import csv
import io
import math
from collections.abc import Iterator, Sequence

from outreach.exporters.base.cells import floor_cents
from outreach.exporters.base.exporter import ExportContext, ExportFile
from outreach.exporters.base.flight import find_flight_days
from outreach.exporters.base.rules import PlatformRules
from outreach.exporters.check.readback import FileFinding
from outreach.phrasing import write_dollars
from outreach.tables import DataFrame, Targets
from outreach.units import Arm

#: Columns that hold a daily budget in any platform's table.
_DAILY = ("Budget", "Ad Set Daily Budget")
#: Columns that say whether ``Budget`` is for a day.
_KINDS = ("Budget type", "Budget Type")


def check_daily_budgets(
    files: Sequence[ExportFile],
    targets: DataFrame[Targets],
    rules: PlatformRules,
    context: ExportContext,
) -> Iterator[FileFinding]:
    """Check each daily budget in the files, and that of the whole list, against the least one.

    Parameters
    ----------
    files
        As written.
    targets
        From :func:`outreach.exporters.check.preflight.fund_targets`.
    rules, context
        The platform's least daily budget, and the days of the flight.
    """
    least = rules.caps.least_daily_usd
    if least is None:
        return
    hint = "Raise the budget, shorten the flight, or choose fewer channels or languages"
    for file in files:
        for name, daily_usd in _read_daily_budgets(file):
            if not daily_usd >= least.value:
                yield FileFinding(
                    file.name,
                    f"{name} has {write_dollars(daily_usd, cents=True)} a day, and {rules.title}"
                    f" takes no less than {write_dollars(least.value, cents=True)} ({least})."
                    f" {hint}",
                )

    # Files without daily budgets: the person who uploads sets them from the whole list.
    advertised = targets[targets["arm"] == Arm.TREAT]
    if "media_usd" not in targets or advertised.empty:
        return
    first, last = find_flight_days(context.brief, targets)
    daily_usd = float(floor_cents(advertised["budget_usd"].sum() / ((last - first).days + 1)))
    if daily_usd < least.value:
        yield FileFinding(
            rules.platform,
            f"the list has {write_dollars(daily_usd, cents=True)} a day, and {rules.title} takes no"
            f" less than {write_dollars(least.value, cents=True)} ({least}). {hint}",
        )


def _read_daily_budgets(file: ExportFile) -> Iterator[tuple[str, float]]:
    """Read the name and daily budget of each campaign or ad set in a table."""
    if not file.name.endswith(".csv"):
        return
    for row in csv.DictReader(
        io.StringIO(file.content.decode("utf-8-sig", errors="replace"), newline="")
    ):
        kind = next((row[name] for name in _KINDS if row.get(name)), "Daily")
        for column in _DAILY:
            if row.get(column) and kind.startswith("Daily"):
                name = row.get("Ad Set Name") or row.get("Campaign") or column
                try:
                    yield name, float(row[column])
                except ValueError:
                    yield name, math.nan  # no number is not a budget either
