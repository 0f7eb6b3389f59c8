"""Hold what the page of a flight's delivery shows."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Invoice:
    """A platform's invoice beside what its reports say, in US dollars.

    Parameters
    ----------
    amount_usd
        The invoice.
    reported_usd
        The money in the reports.
    fee_usd
        Fees that the platform bills on top of it.
    """

    amount_usd: float
    reported_usd: float
    fee_usd: float = 0.0

    @property
    def difference_usd(self) -> float:
        """How much the invoice is above the reports with their fees; negative if below."""
        return self.amount_usd - self.reported_usd - self.fee_usd


@dataclass(frozen=True, slots=True, eq=False)
class DeliveryView:
    """Planned against delivered.

    Parameters
    ----------
    campaign, run_id, made
        The campaign's name, the approved run, and the day of the page.
    first, last, through
        The days of the flight, and the last day with a report.
    lines, pacing, leaks, unserved, warnings
        Tables of the reconciliation (:mod:`outreach.delivery.reconcile`,
        :mod:`outreach.delivery.warnings`).
    spend
        Money by day, delivered and due from the start (``delivered_usd``, ``due_usd``).
    labels
        The name of each unit, by its id.
    imports_count
        How many reports were imported.
    groups
        Who was shown ads, as areas: a row is a group of the equity sheet; ``None`` without places.
    invoice
        An invoice, if one is compared.
    """

    campaign: str
    run_id: str
    made: dt.date
    first: dt.date
    last: dt.date
    through: dt.date
    lines: pd.DataFrame
    pacing: pd.DataFrame
    leaks: pd.DataFrame
    unserved: pd.DataFrame
    warnings: pd.DataFrame
    spend: pd.DataFrame
    labels: Mapping[str, str]
    imports_count: int
    groups: pd.DataFrame | None = None
    invoice: Invoice | None = None

    @property
    def is_over(self) -> bool:
        """Whether the reports reach the end of the flight."""
        return self.through >= self.last

    @property
    def total(self) -> "pd.Series[float]":
        """The line of the whole flight."""
        return self.lines[self.lines["dimension"] == "total"].iloc[0]
