"""An Excel workbook of a list, a sheet for each view: summary, targets, arms, units held out, audience, hand-off, assumptions, platform rules."""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format

from outreach.exporters.base.cells import clean_text
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.places import refuse_protected_traits
from outreach.exporters.base.rules import list_platforms, load_rules
from outreach.exporters.base.views import list_cells as list_view_cells
from outreach.exporters.csv import COLUMNS, list_cells

#: Most characters of one cell (Excel's own limit).
_CELL_LENGTH = 32_767

_WIDTHS = {
    "why": 60,
    "label": 28,
    "unit_id": 22,
    "value": 60,
    "source": 80,
    "what": 28,
    "languages": 60,
    "with_creative": 40,
    "without_creative": 60,
    "places": 28,
    "where_most": 60,
    "missing": 60,
}

Row = Sequence[str | float | Decimal]


def write_excel(targets: pd.DataFrame, context: ExportContext) -> list[ExportFile]:
    """Write the workbook; every code is a text cell, and no cell is a formula or a link."""
    refuse_protected_traits(targets)
    ordered = targets.sort_values(["rank", "place"], kind="stable")
    advertised = ordered[ordered["arm"] == "treat"]
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties(
        {"title": clean_text(context.campaign.name), "created": _stamp(targets, context)}
    )
    head = book.add_format({"bold": True, "bottom": 1})
    code = book.add_format({"num_format": "@"})

    def add(name: str, header: Sequence[str], rows: Iterable[Row]) -> None:
        _fill_sheet(book.add_worksheet(name), header, rows, head, code)

    add("Summary", ("what", "value"), _summarise(ordered, context))
    add("Targets", COLUMNS, list_cells(advertised))
    add("By arm", _ARM_COLUMNS, _count_arms(ordered))
    add("Held out", COLUMNS, list_cells(ordered[ordered["arm"] != "treat"]))
    for view in context.views:
        add(view.title, *list_view_cells(view))
    add("Assumptions", ("what", "value", "meaning"), _list_assumptions(context))
    add("Platform rules", ("platform", "fact", "value", "status", "source"), _list_rules(context))
    book.close()
    return [ExportFile("targets.xlsx", buffer.getvalue())]


_ARM_COLUMNS = (
    "arm",
    "kind",
    "units_count",
    "households_count",
    "missing_households_count",
    "budget_usd",
    "impressions_count",
)


def _fill_sheet(
    sheet: xlsxwriter.worksheet.Worksheet,
    header: Sequence[str],
    rows: Iterable[Row],
    head: Format,
    code: Format,
) -> None:
    """Write a header and rows: text as text cells, figures as numbers."""
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, head)
        sheet.set_column(column, column, _WIDTHS.get(name, 16))
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, clean_text(value)[:_CELL_LENGTH], code)
            else:
                sheet.write_number(line, column, value)


def _stamp(targets: pd.DataFrame, context: ExportContext) -> dt.datetime:
    """Return a fixed time for the workbook, so that the same list gives the same bytes."""
    day = targets["data_date"].max() if len(targets) else pd.Timestamp(context.campaign.deadline)
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def _summarise(targets: pd.DataFrame, context: ExportContext) -> list[Row]:
    """Say what the list is, for whom, from which data, and whether it may be used."""
    advertised = targets[targets["arm"] == "treat"]
    planned = float(advertised["budget_usd"].sum())
    return [
        ("Status", context.approval),
        ("Campaign", context.campaign.name),
        ("For", context.campaign.kind.value),
        ("Run", context.run_id),
        ("Version", context.full_version),
        ("Data of", targets["data_date"].max().date().isoformat() if len(targets) else ""),
        ("Deadline", context.campaign.deadline.isoformat()),
        ("Units to advertise in", len(advertised)),
        ("Units held out or kept as buffer", len(targets) - len(advertised)),
        ("Households in them", round(float(advertised["households_count"].sum()))),
        ("Missing households in them", round(float(advertised["missing_households_count"].sum()))),
        ("Budget, USD", context.campaign.budget_usd),
        ("Planned, USD", round(planned, 2)),
        ("Unspent, USD", round(context.campaign.budget_usd - planned, 2)),
    ]


def _count_arms(targets: pd.DataFrame) -> list[Row]:
    """Sum up each arm and kind of unit."""
    rows: list[Row] = []
    for (arm, kind), units in targets.groupby(["arm", "kind"], sort=True):
        sums = (round(float(units[name].sum()), 2) for name in _ARM_COLUMNS[3:])
        rows.append((str(arm), str(kind), len(units), *sums))
    return rows


def _list_assumptions(context: ExportContext) -> list[Row]:
    """List what the planner set: every figure behind the list."""
    fields = type(context.campaign).model_fields
    rows: list[Row] = []
    for name, value in context.campaign.model_dump(mode="json").items():
        shown = value if isinstance(value, int | float) else str(value)
        rows.append((name, shown, fields[name].description or ""))
    return rows


def _list_rules(context: ExportContext) -> list[Row]:
    """List what each platform demands, with how sure that is and who says so."""
    return [
        (platform, address, str(fact.value), fact.status.value, fact.source)
        for platform in list_platforms()
        for address, fact in load_rules(platform, context.rules_folder).facts()
    ]


EXPORTER = Exporter(
    title="Excel workbook",
    write=write_excel,
    notes=("Units on the sheet 'Held out' get no ads: they show what happens without.",),
)
