"""Draw what partners did in a district by week, below its season."""

from dataclasses import dataclass, replace

import pandas as pd

from outreach.catalog import Words
from outreach.charts import Chart, choose_step
from outreach.reports.charts.lines import MARGINS
from outreach.reports.data.activity import LEAST_PUBLIC, DistrictActivity, sum_activity
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.units import ActivityKind

_SIZE = (560, 130)
#: The sides of the chart of the season, so that the weeks lie below its dates.
_MARGINS = replace(MARGINS, top=8)
_ROWS = 2
#: Colors that people who cannot tell red from green can tell apart (Okabe and Ito 2008).
_COLORS = {
    ActivityKind.CALLS: "#0072b2",
    ActivityKind.DOORS: "#d55e00",
    ActivityKind.EVENTS: "#009e73",
    ActivityKind.TEXTS: "#cc79a7",
}
#: Organizations that the note names; further ones are counted.
_NAMED = 4


@dataclass(frozen=True, slots=True)
class ActivityChart:
    """The chart of a district's activity, its legend, and its source in words.

    Parameters
    ----------
    chart
        The picture; ``None`` where nobody logged anything.
    keys
        Color and text of each kind, with its contacts in all.
    note
        Who logged it, until when, and how it was divided.
    """

    chart: Chart | None
    keys: tuple[tuple[str, str], ...]
    note: str


def draw_activity(
    figures: Figures, view: ReportView, words: Words, district: str
) -> ActivityChart | None:
    """Draw the contacts of each week in one district; ``None`` where the campaign has no log.

    Parameters
    ----------
    figures, view, words, district
        As in :func:`outreach.reports.charts.lines.draw_trend`.
    """
    if view.activity is None:
        return None
    activity = sum_activity(view, district)
    if activity is None:
        key = "activity.none_public" if view.is_public else "activity.none"
        note = words.say(key, date=words.date(view.data_date), least=LEAST_PUBLIC)
        return ActivityChart(None, (), note)
    kinds = [kind for kind in ActivityKind if kind in activity.weeks]
    keys = tuple((_COLORS[kind], _count_contacts(activity, kind, words)) for kind in kinds)
    chart = _draw_weeks(activity, figures, view, words, kinds)
    return ActivityChart(chart, keys, _describe_source(activity, view, words))


def _draw_weeks(
    activity: DistrictActivity,
    figures: Figures,
    view: ReportView,
    words: Words,
    kinds: list[ActivityKind],
) -> Chart:
    """Draw a bar for each week, one part for each kind, on the dates of the season's chart."""
    weeks = activity.weeks
    dates = [*pd.DatetimeIndex(figures.trend.index)[:1], weeks.index[0]]
    first = min(dates).date()
    last = max(view.data_date, view.deadline)
    step = choose_step(max(float(weeks.sum(axis=1).max()), 1.0), _ROWS)
    parts = [_count_contacts(activity, kind, words) for kind in kinds]
    chart = Chart(
        _SIZE,
        _MARGINS,
        (0, max((last - first).days, 7)),
        (0, _ROWS * step),
        label=words.say(
            "activity.alt",
            first=words.date(activity.first),
            last=words.date(activity.last),
            parts=words.join(parts),
        ),
    )
    chart.add_rows({row * step: words.count(row * step) for row in range(_ROWS + 1)})
    chart.add_months(first, last, lambda month: words.date(month, "MMM"))

    for week, row in weeks.iterrows():
        monday = pd.Timestamp(str(week)).date()
        start = (monday - first).days
        sides = (chart.x(max(start, 0)) + 0.6, min(chart.x(start + 7) - 0.6, chart.right))
        base = 0.0
        for kind in kinds:
            height = chart.bottom - chart.y(float(row[kind]))
            if height > 0:
                title = words.say(
                    "activity.bar",
                    kind=words.say(f"activity.{kind}"),
                    week=words.date(monday),
                    count=words.count(row[kind]),
                )
                chart.add_bar(sides, height, fill=_COLORS[kind], title=title, base=base)
            base += height
    return chart


def _count_contacts(activity: DistrictActivity, kind: ActivityKind, words: Words) -> str:
    """Say how many contacts of a kind there were in all."""
    count = float(activity.weeks[kind].sum())
    return words.say("activity.part", kind=words.say(f"activity.{kind}"), count=count)


def _describe_source(activity: DistrictActivity, view: ReportView, words: Words) -> str:
    """Say whose logs these are, until when, and how contacts of a ZIP are divided.

    Public pages name no organization, because a person may stand behind its name.
    """
    if view.is_public:
        return words.say(
            "activity.note_public",
            count=len(activity.organizations),
            least=LEAST_PUBLIC,
            date=words.date(view.data_date),
        )
    named = [words.name(name) for name in activity.organizations[:_NAMED]]
    more = len(activity.organizations) - len(named)
    if more:
        named.append(words.say("activity.more", count=more))
    return words.say(
        "activity.note",
        organizations=words.join(named),
        date=words.date(view.data_date),
        last=words.date(activity.last),
    )
