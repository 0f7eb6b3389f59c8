"""Write an Excel workbook of a list, with a sheet for each view."""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.rules import list_platforms, load_rules
from outreach.exporters.base.traits import refuse_protected_traits
from outreach.exporters.base.views import list_view_cells
from outreach.exporters.csv import COLUMNS, list_target_cells
from outreach.spreadsheet import clean_text
from outreach.tables import DataFrame, Targets
from outreach.units import Arm

#: The longest cell that Excel keeps.
_CELL_LENGTH = 32_767

_DEFAULT_WIDTH = 16
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
_ARM_COLUMNS = (
    "arm",
    "kind",
    "units_count",
    "households_count",
    "missing_households_count",
    "budget_usd",
    "impressions_count",
)

Row = Sequence[str | float | Decimal]


def write_excel(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write the workbook. Every code is a text cell, and no cell is a formula or a link."""
    refuse_protected_traits(targets)
    rows = targets.sort_values(["rank", "place"], kind="stable")
    advertised = rows[rows["arm"] == Arm.TREAT]

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    created = _find_date(targets, context)
    book.set_properties({"title": clean_text(context.brief.name), "created": created})
    bold = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@"})

    def add(name: str, header: Sequence[str], rows: Iterable[Row]) -> None:
        _fill_sheet(book.add_worksheet(name), header, rows, bold, text)

    add("Summary", ("what", "value"), _summarize_list(rows, context))
    add("Targets", COLUMNS, list_target_cells(advertised))
    add("By arm", _ARM_COLUMNS, _count_arms(rows))
    add("Held out", COLUMNS, list_target_cells(rows[rows["arm"] != Arm.TREAT]))
    for view in context.views:
        add(view.title, *list_view_cells(view))
    settings = [
        (setting.name, setting.value, setting.meaning) for setting in context.brief.settings
    ]
    add("Assumptions", ("what", "value", "meaning"), settings)
    add("Platform rules", ("platform", "fact", "value", "status", "source"), _list_rules(context))
    book.close()
    return [ExportFile("targets.xlsx", buffer.getvalue())]


def _fill_sheet(
    sheet: xlsxwriter.worksheet.Worksheet,
    header: Sequence[str],
    rows: Iterable[Row],
    bold: Format,
    text: Format,
) -> None:
    """Write a header and rows: text as text cells, figures as numbers."""
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(column, column, _WIDTHS.get(name, _DEFAULT_WIDTH))
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, clean_text(value)[:_CELL_LENGTH], text)
            else:
                sheet.write_number(line, column, value)


def _find_date(targets: DataFrame[Targets], context: ExportContext) -> dt.datetime:
    """Return a fixed time for the workbook, so that the same list gives the same bytes."""
    day = targets["data_date"].max() if len(targets) else pd.Timestamp(context.brief.deadline)
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def _summarize_list(targets: DataFrame[Targets], context: ExportContext) -> list[Row]:
    """Say what the list is, what data it uses, and whether it is approved."""
    brief = context.brief
    advertised = targets[targets["arm"] == Arm.TREAT]
    planned_usd = float(advertised["budget_usd"].sum())
    missing = round(float(advertised["missing_households_count"].sum()))
    return [
        ("Status", context.approval),
        ("Campaign", brief.name),
        ("For", brief.kind.value),
        ("Run", context.run_id),
        ("Version", context.full_version),
        (brief.date_title, targets["data_date"].max().date().isoformat() if len(targets) else ""),
        ("Deadline", brief.deadline.isoformat()),
        ("Units to advertise in", len(advertised)),
        ("Units held out or kept as buffer", len(targets) - len(advertised)),
        ("Households in them", round(float(advertised["households_count"].sum()))),
        ("Missing households in them", missing),
        ("Budget, USD", brief.budget_usd),
        ("Planned, USD", round(planned_usd, 2)),
        ("Unspent, USD", round(brief.budget_usd - planned_usd, 2)),
    ]


def _count_arms(targets: DataFrame[Targets]) -> list[Row]:
    """Add up each arm and kind of unit."""
    rows: list[Row] = []
    for (arm, kind), units in targets.groupby(["arm", "kind"], sort=True):
        sums = (round(float(units[name].sum()), 2) for name in _ARM_COLUMNS[3:])
        rows.append((str(arm), str(kind), len(units), *sums))
    return rows


def _list_rules(context: ExportContext) -> list[Row]:
    """List what each platform requires, with its status and source."""
    return [
        (platform, address, str(fact.value), fact.status.value, fact.source)
        for platform in list_platforms()
        for address, fact in load_rules(platform, context.rules_folder).facts()
    ]


EXPORTER = Exporter(
    title="Excel workbook",
    write=write_excel,
    notes=("Units on the sheet 'Held out' get no ads. They show what happens without ads.",),
)
