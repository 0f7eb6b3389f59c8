"""Say what to do in a district this week, from the district's own figures."""

import pandas as pd

from outreach.catalog import Words
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.tables import DataFrame, TractParts

#: How many tracts to start in are named.
_FIRST_TRACTS = 3
#: A language is named from this share of households with limited English.
_LANGUAGE_SHARE = 0.03
#: Missing internet is named from this share of households.
_OFFLINE_SHARE = 0.15
#: A goal that needs this many times the current pace is out of reach for now.
_FAR = 3.0
#: A tract is named as behind from this distance to its peer expectation, as a share.
_BEHIND = 0.02
#: Smaller paces are written with a decimal.
_SMALL = 10
_LANGUAGES = ("spanish", "indo_european", "asian_pacific", "other_language")


def list_advice(figures: Figures, view: ReportView, words: Words, district: str) -> list[str]:
    """Return what to do in a district, the most useful first.

    The arms of a test are never named: a team that knows which tracts are held out could spoil it.
    A public page says how the district does and who lives there, and names no tract and no money.
    """
    row = figures.row(district)
    if not view.days_left:
        return _describe_end(row, view, words)
    if view.is_public:
        facts = [_state_pace(row, figures, words), *_describe_people(row, words)]
        return [sentence for sentence in facts if sentence]
    parts = figures.parts[figures.parts["district"] == district]
    ads = row["planned_usd"]
    sentences = [
        _compare_pace(row, figures, words),
        _name_first_tracts(row, parts, words),
        _name_tracts_behind(parts, words),
        *_describe_people(row, words),
        words.say("week.ads", money=words.money(ads)) if ads >= 1 else "",
    ]
    return [sentence for sentence in sentences if sentence]


def _describe_end(row: "pd.Series[float]", view: ReportView, words: Words) -> list[str]:
    """Say after the deadline how a district did against the goal and its expectation."""
    rate, gap = row["cumulative_share"], row["gap_points"]
    sentences = [words.say("week.over", date=words.date(view.deadline))]
    if pd.notna(rate):
        values = {"rate": words.share(rate), "goal": words.share(view.goal_share)}
        key = "week.end_reached" if gap <= 0 else "week.end_short"
        sentences.append(words.say(key, points=words.points(abs(gap)).lstrip("+"), **values))
    if pd.notna(rate) and pd.notna(row["peer_share"]):
        distance = rate - row["peer_share"]
        key = "above" if distance >= 0 else "below"
        values = {"expected": words.share(row["peer_share"])}
        points = words.points(abs(distance)).lstrip("+")
        sentences.append(words.say(f"week.end_{key}", points=points, **values))
    return sentences


def name_tract(name: str, words: Words) -> str:
    """Return a tract's name for a sentence or a table; a bare number gets the word for tract."""
    return words.say("tracts.name", code=name) if name.replace(".", "").isdigit() else name


def _compare_pace(row: "pd.Series[float]", figures: Figures, words: Words) -> str:
    """Compare the households that respond each day with those that the goal needs."""
    needed, current = row["needed_daily_count"], row["current_daily_count"]
    if row["gap_points"] <= 0:
        missing = words.say("unit.households", count=figures.table["missing_count"].sum())
        return words.say("week.reached", households=missing, count=len(figures.table))
    if pd.isna(needed) or pd.isna(current):
        return ""
    values = _write_pace(current, needed, words)
    if current >= needed:
        return words.say("week.pace_good", **values)
    if current <= 0 or needed / current >= _FAR:
        times = words.count(needed / current) if current > 0 else "\N{INFINITY}"
        return words.say("week.pace_far", times=times, **values)
    return words.say("week.pace_behind", **values)


def _state_pace(row: "pd.Series[float]", figures: Figures, words: Words) -> str:
    """State the pace and what the goal needs, as a public page does, without advice."""
    if row["gap_points"] <= 0:
        return _compare_pace(row, figures, words)
    needed, current = row["needed_daily_count"], row["current_daily_count"]
    if pd.isna(needed) or pd.isna(current):
        return ""
    return words.say("week.pace", **_write_pace(current, needed, words))


def _write_pace(current: float, needed: float, words: Words) -> dict[str, str]:
    """Write the households that respond each day, and those that the goal needs."""
    pace = words.decimal(current) if current < _SMALL else words.count(current)
    return {"current": pace, "needed": words.count(needed)}


def _name_first_tracts(row: "pd.Series[float]", parts: DataFrame[TractParts], words: Words) -> str:
    """Name the tracts with the most missing households."""
    missing = (parts["households_count"] * (1 - parts["cumulative_share"])).dropna()
    first = missing.sort_values(ascending=False, kind="stable").head(_FIRST_TRACTS)
    if first.empty or row["missing_count"] <= 0:
        return ""
    return words.say(
        "week.focus",
        tracts=_join_names(parts.loc[first.index], words),
        missing=words.say("unit.households", count=first.sum()),
        share=words.share(first.sum() / row["missing_count"], 0),
    )


def _name_tracts_behind(parts: DataFrame[TractParts], words: Words) -> str:
    """Name the tracts furthest below their peer expectation."""
    gaps = (parts["peer_share"] - parts["cumulative_share"]).where(parts["households_count"] > 0)
    behind = gaps[gaps >= _BEHIND].sort_values(ascending=False, kind="stable").head(_FIRST_TRACTS)
    if behind.empty:
        return ""
    return words.say("week.behind", tracts=_join_names(parts.loc[behind.index], words))


def _join_names(parts: DataFrame[TractParts], words: Words) -> str:
    return words.join([words.name(name_tract(str(name), words)) for name in parts["name"]])


def _describe_people(row: "pd.Series[float]", words: Words) -> list[str]:
    """Say which languages are needed, and how many households no online ad can reach."""
    shares = {group: row[f"{group}_share"] for group in _LANGUAGES}
    common = sorted(
        (group for group, share in shares.items() if share >= _LANGUAGE_SHARE),
        key=lambda group: -shares[group],
    )
    sentences = []
    if common:
        names = [words.say(f"week.{name}", share=words.share(shares[name], 0)) for name in common]
        sentences.append(words.say("week.languages", languages=words.join(names)))
    if row["offline_share"] >= _OFFLINE_SHARE:
        sentences.append(words.say("week.offline", share=words.share(row["offline_share"], 0)))
    return sentences
