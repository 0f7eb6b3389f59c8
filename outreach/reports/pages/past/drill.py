"""Write the page of a drill: what was known, what was decided, and what came."""

from collections.abc import Mapping, Sequence

from outreach.catalog import Words, read_all
from outreach.catalog.retell import tell_plainly
from outreach.reports.data.drill import (
    Drill,
    DrillDay,
    DrillDecision,
    DrillResult,
    ListResult,
    OfferedList,
)
from outreach.reports.pages.frame import Frame, Origin, localize_name, make_frame
from outreach.reports.pages.render import render_page

_NAME = "drill.html"
_WAIT = "wait"
_METHOD = ("no_ads", "known", "lists", "same")
_THOUSAND_USD = 1000.0


def write_drill_pages(drill: Drill, languages: Sequence[str] = ("en",)) -> Mapping[str, str]:
    """Return the page in every language, by file name; each needs no other file.

    Until the drill is ended the page has only what was known on the days that were opened.
    """
    catalogs = read_all(languages)
    return {
        localize_name(_NAME, words, catalogs): write_drill_page(
            drill, words, make_frame(_NAME, words, catalogs, Origin(), index="")
        )
        for words in catalogs
    }


def write_drill_page(drill: Drill, words: Words, frame: Frame) -> str:
    """Return the page in one language, with the links that its reader needs around it."""
    came = {day.data_date: day for day in drill.result.days} if drill.result else {}
    days = []
    for day in drill.days:
        result = came.get(day.data_date)
        days.append(
            {
                "title": words.date(day.data_date),
                "known": _describe_known(day, words),
                "money": words.say("drill.known_money", left=words.money(day.left_usd)),
                "offers": [_write_offer(offer, words) for offer in day.offers],
                "decided": _describe_decision(day.decision, words),
                "came": _write_results(result.own, result.tool, drill, words) if result else [],
            }
        )
    return render_page(
        "drill",
        words,
        title=words.say("drill.title", name=drill.name),
        frame=frame,
        facts=_describe_request(drill, words),
        days=days,
        came=describe_result(drill.result, words) if drill.result else [],
        together=(
            _write_results(drill.result.own, drill.result.tool, drill, words)
            if drill.result
            else []
        ),
        method=tell_plainly(*(words.say(f"drill.method_{part}") for part in _METHOD)),
    )


def describe_result(result: DrillResult, words: Words) -> list[str]:
    """Say what the lists held of what was missing at the end, and what the tool's held."""
    own, tool, date = result.own, result.tool, words.date(result.final_date)
    sentences = [
        words.say(
            "drill.came_missing",
            own=own.came_missing_count,
            all=result.missing_count,
            tool=tool.came_missing_count,
            date=date,
        ),
        words.say(
            "drill.came_worst",
            own=own.worst_fifth_count,
            all=result.worst_fifth_count,
            tool=tool.worst_fifth_count,
        ),
        words.say("drill.came_goal", own=own.reached_goal_count, tool=tool.reached_goal_count),
        words.say("drill.came_range", inside=own.in_range_count, compared=own.compared_count),
    ]
    if result.final_share is not None:
        sentences.append(
            words.say("drill.came_rate", rate=words.share(result.final_share), date=date)
        )
    return sentences


def describe_open_day(drill: Drill, words: Words) -> list[str]:
    """Say what is known on the day that is open, and what each list would hold."""
    facts = _describe_request(drill, words)
    if not drill.days:
        return facts
    day = drill.days[-1]
    lines = [*facts, f"{words.date(day.data_date)}: {_describe_known(day, words)}"]
    if day.decision is None:
        lines.append(words.say("drill.known_money", left=words.money(day.left_usd)))
        lines += [
            f"  {offer.choice}: {words.count(offer.tracts_count)}"
            f" {words.say('drill.head_tracts').lower()}, {words.money(offer.cost_usd)},"
            f" {words.say('drill.head_expected').lower()}:"
            f" {words.count(offer.expected_missing_count)}"
            for offer in day.offers
        ]
    return [*lines, *_describe_decision(day.decision, words)]


def _describe_request(drill: Drill, words: Words) -> list[str]:
    """Say what is drilled, and how far it is."""
    campaign = drill.campaign
    return [
        words.say(
            "drill.area",
            area=drill.area,
            goal=words.share(campaign.goal_share, 0),
            deadline=words.date(campaign.deadline),
            budget=words.money(campaign.budget_usd),
        ),
        words.say(
            "drill.progress",
            opened=len(drill.days),
            planned=len(drill.planned),
            left=words.money(drill.left_usd),
        ),
    ]


def _describe_known(day: DrillDay, words: Words) -> str:
    """Say where the area was on a day, and where it was expected to end."""
    if day.rate_share is None:
        return words.say("drill.known_tracts", count=day.tracts_count)
    rate = words.share(day.rate_share)
    if day.forecast_share is None:
        return words.say("drill.known_rate_only", count=day.tracts_count, rate=rate)
    return words.say(
        "drill.known_rate",
        count=day.tracts_count,
        rate=rate,
        forecast=words.share(day.forecast_share),
    )


def _describe_decision(decision: DrillDecision | None, words: Words) -> list[str]:
    """Say what was decided, by whom and why."""
    if decision is None:
        return [words.say("drill.undecided")]
    what = (
        words.say("drill.decided_wait")
        if decision.choice == _WAIT
        else words.say(
            "drill.decided",
            choice=words.say(f"drill.choice_{decision.choice}"),
            spent=words.money(decision.spent_usd),
            money=words.money(decision.money_usd),
            count=len(decision.own),
        )
    )
    return [what, f"{decision.by}: {decision.reason}"]


def _write_offer(offer: OfferedList, words: Words) -> list[str]:
    """Return a row of the table of lists."""
    return [
        words.say(f"drill.choice_{offer.choice}"),
        words.count(offer.tracts_count),
        words.count(offer.households_count),
        words.money(offer.cost_usd),
        words.count(offer.expected_missing_count),
    ]


def _write_results(
    own: ListResult, tool: ListResult, drill: Drill, words: Words
) -> list[list[str]]:
    """Return the rows of what came: the list as decided, and the tool's."""
    assert drill.result is not None
    worst = words.count(drill.result.worst_fifth_count)
    rows = []
    for name, result in (("own", own), ("tool", tool)):
        money = result.cost_usd / _THOUSAND_USD
        rows.append(
            [
                words.say(f"drill.{name}"),
                words.count(result.tracts_count),
                words.money(result.cost_usd),
                words.count(result.expected_missing_count),
                words.count(result.came_missing_count),
                words.count(result.came_missing_count / money if money else float("nan")),
                words.say("drill.of", part=words.count(result.worst_fifth_count), whole=worst),
                words.count(result.reached_goal_count),
                words.say(
                    "drill.of",
                    part=words.count(result.in_range_count),
                    whole=words.count(result.compared_count),
                ),
            ]
        )
    return rows
