"""What to do this week, from a district's own figures; each rule is one sentence, and its threshold stands here."""

import pandas as pd

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.text.catalog import Words

#: Tracts named to start in.
_FIRST_TRACTS = 3
#: A language is named from this share of households with little English on, missing internet from
#: that share.
_LANGUAGE_SHARE, _OFFLINE_SHARE = 0.03, 0.15
#: A goal that needs so many times the present pace is not in sight.
_FAR = 3.0
#: A tract is named as behind from this distance to its expectation on, as a share.
_BEHIND = 0.02
#: Smaller paces are written with a decimal.
_SMALL = 10


def advise(figures: Figures, view: ReportView, words: Words, district: str) -> list[str]:
    """Return what to do in a district, the most useful first.

    Arms of a test are never named: who is told which tracts are left out can spoil it.
    """
    row = figures.row(district)
    if not view.days_left:
        return [words.say("week.over", date=words.date(view.deadline))]
    said = [
        _tell_pace(row, figures, words),
        *_tell_tracts(row, figures, words, district),
        *_tell_people(row, words),
    ]
    if row["planned_usd"] >= 1:
        said.append(words.say("week.ads", money=words.money(row["planned_usd"])))
    return [sentence for sentence in said if sentence]


def name_tract(name: str, words: Words) -> str:
    """Return a tract's name for a sentence or a table; a bare number gets the word for tract."""
    return words.say("tracts.name", code=name) if name.replace(".", "").isdigit() else name


def _tell_pace(row: "pd.Series[float]", figures: Figures, words: Words) -> str:
    """Compare the households that come each day with those that would have to."""
    needed, current = row["needed_daily_count"], row["current_daily_count"]
    if row["gap_points"] <= 0:
        missing = words.say("unit.households", count=figures.table["missing_count"].sum())
        return words.say("week.reached", households=missing, count=len(figures.table))
    if pd.isna(needed) or pd.isna(current):
        return ""
    values = {
        "current": words.decimal(current) if current < _SMALL else words.count(current),
        "needed": words.count(needed),
    }
    if current >= needed:
        return words.say("week.pace_good", **values)
    if current <= 0 or needed / current >= _FAR:
        times = words.count(needed / current) if current > 0 else "\N{INFINITY}"
        return words.say("week.pace_far", times=times, **values)
    return words.say("week.pace_behind", **values)


def _tell_tracts(
    row: "pd.Series[float]", figures: Figures, words: Words, district: str
) -> list[str]:
    """Name the tracts with the most missing households, and those furthest below their expectation."""
    parts = figures.parts[figures.parts["district"] == district]
    missing = parts["households_count"] * (1 - parts["cumulative_share"])
    first = missing.dropna().sort_values(ascending=False, kind="stable").head(_FIRST_TRACTS)
    said = []
    if len(first) and row["missing_count"] > 0:
        households = words.say("unit.households", count=first.sum())
        share = words.share(first.sum() / row["missing_count"], 0)
        said.append(
            words.say(
                "week.focus",
                tracts=_list_tracts(parts.loc[first.index], words),
                missing=households,
                share=share,
            )
        )
    behind = (parts["expected_share"] - parts["cumulative_share"]).where(
        parts["households_count"] > 0
    )
    worst = (
        behind[behind >= _BEHIND].sort_values(ascending=False, kind="stable").head(_FIRST_TRACTS)
    )
    if len(worst):
        said.append(words.say("week.behind", tracts=_list_tracts(parts.loc[worst.index], words)))
    return said


def _list_tracts(parts: pd.DataFrame, words: Words) -> str:
    return words.join([words.name(name_tract(str(name), words)) for name in parts["name"]])


def _tell_people(row: "pd.Series[float]", words: Words) -> list[str]:
    """Say which languages are needed, and how many households no online ad reaches."""
    languages = ("spanish", "indo_european", "asian_pacific", "other_language")
    spoken = sorted(
        (group for group in languages if row[f"{group}_share"] >= _LANGUAGE_SHARE),
        key=lambda group: -row[f"{group}_share"],
    )
    said = []
    if spoken:
        named = [
            words.say(f"week.{group}", share=words.share(row[f"{group}_share"], 0))
            for group in spoken
        ]
        said.append(words.say("week.languages", languages=words.join(named)))
    if row["offline_share"] >= _OFFLINE_SHARE:
        said.append(words.say("week.offline", share=words.share(row["offline_share"], 0)))
    return said
