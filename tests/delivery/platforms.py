"""Write rows as each platform's reports have them, from the headers that public readers read."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Row:
    """What a platform knows of a place on a day."""

    day: pd.Timestamp
    campaign: str
    zip_code: str
    impressions: int
    clicks: int
    spend_usd: float
    reach: int = 0


def join(rows: Sequence[Sequence[object]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def add_up(rows: Sequence[Row]) -> tuple[int, int, float]:
    return (
        sum(row.impressions for row in rows),
        sum(row.clicks for row in rows),
        round(sum(row.spend_usd for row in rows), 2),
    )


def write_google(rows: Sequence[Row]) -> bytes:
    """Preamble, thousands separators, ``--`` for none, totals; UTF-16 with tabs, named .csv."""
    shown, clicks, spend = add_up(rows)
    table: list[list[object]] = [["Location report"], ["June 1, 2020 - June 28, 2020"]]
    table.append(
        ["Day", "Campaign", "Matched location", "Currency code", "Cost", "Impr.", "Clicks", "CTR"]
    )
    for row in rows:
        place = f"{row.zip_code}, Illinois, United States"
        money = [f"{row.spend_usd:,.2f}", f"{row.impressions:,}", row.clicks or " --", " --"]
        table.append([row.day.date(), row.campaign, place, "USD", *money])
    table.append(
        ["Total: Campaigns", " --", " --", "USD", f"{spend:,.2f}", f"{shown:,}", clicks, ""]
    )
    table.append(["Total: Account", " --", " --", "USD", f"{spend + 9:,.2f}", shown + 900, 99, ""])
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\r\n").writerows(table)
    return text.getvalue().encode("utf-16")


def write_microsoft(rows: Sequence[Row]) -> bytes:
    """Report lines above the header, American days, a line of copyright below."""
    head = [
        ["Report Name: locations"],
        ["Report Time: 6/1/2020,6/28/2020"],
        ["Time Zone: (GMT-06:00) Central Time (US & Canada)"],
        ["Last Completed Available Day: 6/28/2020 11:59:00 PM (GMT)"],
        ["Report Aggregation: Daily"],
        ["Potential Incomplete Data: false"],
        [f"Rows: {len(rows)}"],
        [],
        [
            "TimePeriod",
            "CampaignName",
            "PostalCode",
            "CurrencyCode",
            "Impressions",
            "Clicks",
            "Spend",
        ],
    ]
    lines = [
        [
            f"{row.day:%-m/%-d/%Y}",
            row.campaign,
            row.zip_code,
            "USD",
            row.impressions,
            row.clicks,
            row.spend_usd,
        ]
        for row in rows
    ]
    foot = [[], ["\u00a92020 Microsoft Corporation. All rights reserved. "]]
    return ("\ufeff" + join([*head, *lines, *foot])).encode("utf-8")


def write_meta(rows: Sequence[Row]) -> bytes:
    """Campaign and ad set, the currency in a header, a totals row without a name on top."""
    shown, clicks, spend = add_up(rows)
    period = ["2020-06-01", "2020-06-28"]
    header = [
        "Campaign name",
        "Ad set name",
        "Day",
        "Zip",
        "Impressions",
        "Reach",
        "Frequency",
        "Currency",
        "Amount spent (USD)",
        "Link clicks",
        "Reporting starts",
        "Reporting ends",
    ]
    table: list[list[object]] = [
        header,
        ["", "", "", "", shown, "", "", "", spend, clicks, *period],
    ]
    for row in rows:
        often = round(row.impressions / row.reach, 6) if row.reach else ""
        campaign = row.campaign.rsplit(" | ", 1)[0]
        figures = [row.impressions, row.reach or "", often, "USD", row.spend_usd, row.clicks]
        table.append([campaign, row.campaign, row.day.date(), row.zip_code, *figures, *period])
    return join(table).encode("utf-8")


def write_dv360(rows: Sequence[Row]) -> bytes:
    """Days with slashes, a totals row without names, and lines about the report below."""
    shown, clicks, spend = add_up(rows)
    header = [
        "Date",
        "Insertion Order",
        "Line Item",
        "Zip Code",
        "Advertiser Currency",
        "Impressions",
        "Clicks",
        "Revenue (Adv Currency)",
        "Media Cost (Advertiser Currency)",
    ]
    lines: list[list[object]] = [
        [
            f"{row.day:%Y/%m/%d}",
            "Order 1",
            row.campaign,
            row.zip_code,
            "USD",
            row.impressions,
            row.clicks,
            f"{row.spend_usd:.6f}",
            f"{row.spend_usd * 0.8:.6f}",
        ]
        for row in rows
    ]
    total: list[object] = ["", "", "", "", "", shown, clicks, f"{spend:.6f}", f"{spend * 0.8:.6f}"]
    foot = [
        [],
        ["Report Time:", "2020/06/29 03:34 GMT"],
        ["Date Range:", "2020/06/01 to 2020/06/28"],
        ["Group By:", "Date"],
        ["MRC Accredited Metrics", "Active View metrics"],
        ["Reporting numbers from the previous month are finalized on the first of each month."],
        ["Filter by Advertiser ID:", "City (1)"],
    ]
    return join([header, *lines, total, *foot]).encode("utf-8")


def write_tiktok(rows: Sequence[Row]) -> bytes:
    """A totals row that counts the others, and ``-`` for none."""
    shown, clicks, spend = add_up(rows)
    header = [
        "Campaign name",
        "Ad group name",
        "By Day",
        "ZIP code",
        "Cost",
        "Impressions",
        "Reach",
        "Frequency",
        "Clicks (destination)",
        "Currency",
    ]
    table: list[list[object]] = [header]
    for row in rows:
        often = round(row.impressions / row.reach, 6) if row.reach else "-"
        figures = [f"{row.spend_usd:.2f}", row.impressions, row.reach or "-", often]
        money = [*figures, row.clicks or "-", "USD"]
        table.append(["Census", row.campaign, f"{row.day.date()}", row.zip_code, *money])
    table.append(
        [f"Total of {len(rows)} results", "-", "-", "-", spend, shown, "-", "-", clicks, "USD"]
    )
    return join(table).encode("utf-8")


def write_csv(rows: Sequence[Row]) -> bytes:
    """Our own form."""
    header = [
        "place",
        "day",
        "channel",
        "campaign",
        "impressions",
        "reach",
        "frequency",
        "clicks",
        "spend",
    ]
    lines = [
        [
            row.zip_code,
            row.day.date(),
            "csv",
            row.campaign,
            row.impressions,
            row.reach or "",
            "",
            row.clicks,
            f"${row.spend_usd:,.2f}",
        ]
        for row in rows
    ]
    return join([header, *lines]).encode("utf-8")


WRITERS: dict[str, Callable[[Sequence[Row]], bytes]] = {
    "google": write_google,
    "microsoft": write_microsoft,
    "meta": write_meta,
    "dv360": write_dv360,
    "tiktok": write_tiktok,
    "csv": write_csv,
}


def save(folder: Path, platform: str, rows: Sequence[Row], name: str = "") -> Path:
    """Write a platform's report into a folder."""
    path = folder / (name or f"{platform}.csv")
    path.write_bytes(WRITERS[platform](rows))
    return path
