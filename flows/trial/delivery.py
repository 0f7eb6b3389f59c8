"""Import reports of ad platforms, and reconcile them with the approved list."""

import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path

from flows.steps.delivering.plan import ApprovedFlight, find_flight, gather_plan
from flows.steps.delivering.view import compare_groups, make_view
from flows.steps.folders import build_folder
from outreach.ad_names import TAG_LENGTH
from outreach.catalog import list_languages, read_words
from outreach.delivery.receipt import Receipt
from outreach.delivery.report import Report, read_report
from outreach.errors import InputError, ModelError, NothingThere
from outreach.phrasing import list_names, strip_isolates, write_count, write_date, write_dollars
from outreach.reports.data.delivery import DeliveryView
from outreach.reports.pages.trial.delivery import write_delivery_pages
from outreach.reports.text.delivery import (
    describe_end,
    describe_invoice,
    describe_verdict,
    describe_warnings,
)
from outreach.settings import Settings
from outreach.spreadsheet import write_csv
from outreach.store import Store
from outreach.tables import DataFrame, Delivery, as_table

_FILES = ("delivery.csv", "delivered.csv", "leaks.csv", "unserved.csv", "groups.csv")
#: Corrections and names of other campaigns that are listed.
_LISTED = 8
_DECIMALS = 6
#: Marks that keep the direction of a name from the sentence around it.
_OTHER_ZONE = (
    "Earlier reports of this platform were in another time zone, so the ads of some hours may count"
    " twice or not at all."
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed, in sentences.

    Parameters
    ----------
    receipt
        The receipt that the ledger keeps, or would keep if something had changed.
    lines, warnings
        What it changed, and what is wrong with the flight.
    """

    receipt: Receipt
    lines: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A written reconciliation: its folder, its page's figures, and its sentences."""

    folder: Path
    view: DeliveryView
    lines: tuple[str, ...]
    warnings: tuple[str, ...]


def import_delivery(
    settings: Settings, path: Path, run_name: str = "latest", platform: str = ""
) -> Imported:
    """Import a report into the ledger of an approved list.

    The same report twice changes nothing. A day that was reported otherwise before is superseded,
    and that is told.

    Parameters
    ----------
    path
        The report.
    run_name
        The run whose list was uploaded, as :func:`flows.steps.delivering.plan.find_flight` takes
        it.
    platform
        Whose report it is; by default the platform whose columns it has.

    Raises
    ------
    InputError
        The report cannot be used, or none of its campaigns belong to the list.
    StoreError
        The list is a draft, or the ledger cannot be read or written.
    """
    store = Store(settings.runs_folder)
    flight = find_flight(store, run_name)
    report = read_report(path, platform, settings.platform_rules)
    own, foreign = _part_campaigns(report, flight)
    ledger = flight.open_ledger(settings.home)

    # What is wrong is said with the import and kept with its receipt.
    plan = gather_plan(store, flight)
    view, _ = make_view(flight, plan, ledger.preview(own), len(ledger.receipts()) + 1)
    warnings = _list_warnings(view)
    notes = report.notes
    if report.time_zone:
        notes = (*notes, f"Its days are those of {report.time_zone}.")
        zones = {each.time_zone for each in ledger.receipts() if each.platform == report.platform}
        if zones - {"", report.time_zone}:
            notes = (*notes, _OTHER_ZONE)
    draft = Receipt(
        platform=report.platform,
        file=report.name,
        file_sha256=report.sha256,
        time_zone=report.time_zone,
        imported_at=dt.datetime.now(dt.UTC),
        first_day=own["day"].min().date(),
        last_day=own["day"].max().date(),
        rows_count=len(own),
        impressions_count=float(own["impressions_count"].sum()),
        spend_usd=round(math.fsum(own["spend_usd"]), _DECIMALS),
        foreign=foreign,
        notes=notes,
        warnings=warnings,
    )
    receipt = ledger.record(own, draft)
    return Imported(receipt, tuple(_describe_import(report, receipt)), warnings)


def reconcile_delivery(
    settings: Settings, run_name: str = "latest", invoice_usd: float | None = None
) -> Reconciled:
    """Reconcile what was delivered with an approved list; write a page and tables.

    They are in ``reconciliations/<run id>/`` of the service's folder: ``delivery.html`` in English,
    one in each other language such as ``delivery.es.html``, and CSV files.

    Parameters
    ----------
    run_name
        The run whose list was uploaded.
    invoice_usd
        An invoice, to compare with the reports.

    Raises
    ------
    NothingThere
        No report was imported for the list.
    ModelError
        The invoice is no amount.
    StoreError
        The list is a draft, or the ledger is damaged.
    """
    if invoice_usd is not None and not 0 <= invoice_usd < math.inf:
        raise ModelError(f"The invoice is {invoice_usd}.", "Use US dollars of 0 or more.")
    store = Store(settings.runs_folder)
    flight = find_flight(store, run_name)
    ledger = flight.open_ledger(settings.home)
    delivery = ledger.read()
    if delivery.empty:
        raise NothingThere(
            f"No report was imported for {flight.run.id}.",
            f"Import one with 'outreach delivery import FILE --run {flight.run.id}'.",
        )
    plan = gather_plan(store, flight)
    count = len(ledger.receipts())
    _, made = make_view(flight, plan, delivery, count)
    groups = compare_groups(store, flight, plan, made.rows)
    view, made = make_view(flight, plan, delivery, count, groups=groups, invoice_usd=invoice_usd)

    # Write the page in each language, and every table.
    folder = settings.home / "reconciliations" / flight.run.id
    with build_folder(folder) as building:
        for name, page in write_delivery_pages(view, list_languages()):
            (building / name).write_text(page, encoding="utf-8")
        lines = view.lines.assign(name=view.lines["key"].map(view.labels).fillna(""))
        tables = (lines, made.rows, view.leaks, view.unserved.reset_index(), view.groups)
        for name, table in zip(_FILES, tables, strict=True):
            if table is not None:
                decimals = dict.fromkeys(table.select_dtypes("float"), _DECIMALS)
                content = write_csv(table.round(decimals), index=False)
                (building / name).write_text(content, encoding="utf-8")
    english = read_words("en")
    sentences = [describe_verdict(view, english), describe_end(view, english)]
    if view.invoice is not None:
        sentences.append(describe_invoice(view.invoice, english))
    return Reconciled(folder, view, tuple(sentences), _list_warnings(view))


def _list_warnings(view: DeliveryView) -> tuple[str, ...]:
    """Return the warnings in English, for a terminal: without marks of writing direction."""
    return tuple(strip_isolates(each) for each in describe_warnings(view, read_words("en")))


def _part_campaigns(
    report: Report, flight: ApprovedFlight
) -> tuple[DataFrame[Delivery], dict[str, float]]:
    """Return the rows of the flight, and the money of other campaigns in the file by name.

    Rows without a campaign's name belong to the run that the person named.
    """
    delivery = report.delivery
    own = (delivery["version"] == flight.tag[:TAG_LENGTH]) | (delivery["campaign"] == "")
    others = delivery[~own]
    foreign = {
        str(name): round(math.fsum(spend), _DECIMALS)
        for name, spend in others.groupby("campaign")["spend_usd"]
    }
    if not own.any():
        raise InputError(
            f"No campaign in {report.name} carries the version {flight.tag} of"
            f" {flight.run.id}: its campaigns are {list_names(list(foreign), _LISTED)}.",
            "Name the run whose list was uploaded with --run; names of campaigns must stay as the"
            " files of 'outreach export' wrote them.",
        )
    return as_table(delivery[own].reset_index(drop=True), Delivery), foreign


def _describe_import(report: Report, receipt: Receipt) -> list[str]:
    """Say what an import brought, changed, and left out."""
    days = write_date(receipt.first_day)
    if receipt.last_day != receipt.first_day:
        days += f" to {write_date(receipt.last_day)}"
    rows, impressions = receipt.rows_count, receipt.impressions_count
    brought = (
        f"{report.title}, {report.name}: {write_count(rows, 'row')} of {days},"
        f" {write_count(impressions, 'impression')} for"
        f" {write_dollars(receipt.spend_usd, cents=True)}."
    )
    changed = (
        f"Days of campaigns: {receipt.new_count:,} new, {receipt.unchanged_count:,} as known"
        f" before, {len(receipt.corrections):,} corrected."
    )
    lines = [brought, changed]
    if not receipt.number:
        lines.append("Nothing changes.")
    for each in receipt.corrections[:_LISTED]:
        gone = (
            f"; {write_count(each.places_gone_count, 'place')} of it are gone"
            if each.places_gone_count
            else ""
        )
        lines.append(
            f"Corrected: {each.campaign or each.channel}, {write_date(each.day)}:"
            f" {write_dollars(each.spend_after_usd, cents=True)} (it was"
            f" {write_dollars(each.spend_before_usd, cents=True)}),"
            f" {write_count(each.impressions_after, 'impression')} (it was"
            f" {each.impressions_before:,.0f}){gone}."
        )
    if len(receipt.corrections) > _LISTED:
        lines.append(f"{len(receipt.corrections) - _LISTED:,} more corrections are in the receipt.")
    if receipt.foreign:
        names = [
            f"{name or 'without a name'} ({write_dollars(spend, cents=True)})"
            for name, spend in receipt.foreign.items()
        ]
        lines.append(
            "Left out, because their names carry another version or none:"
            f" {list_names(names, _LISTED)}."
        )
    return [*lines, *receipt.notes]
