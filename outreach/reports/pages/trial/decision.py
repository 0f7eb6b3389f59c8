"""Write the memo of a decision after a test."""

from collections.abc import Mapping, Sequence

from outreach.catalog import Words
from outreach.catalog.retell import tell_plainly
from outreach.reports.data.decision import DecisionMemo, WeighedOption
from outreach.reports.pages.frame import Origin, localize_name, make_frame
from outreach.reports.pages.render import render_page

_NAME = "decision.html"
_DECIMALS = 2


def write_decision_pages(memo: DecisionMemo, catalogs: Sequence[Words]) -> Mapping[str, str]:
    """Return the memo in every language, by file name; each needs no other file."""
    return {
        localize_name(_NAME, words, catalogs): _write_page(memo, words, catalogs)
        for words in catalogs
    }


def describe_weighing(memo: DecisionMemo, words: Words) -> list[str]:
    """Say what the test found, what is known now, and what each option is expected to bring."""
    low, middle, high = (
        words.points(share, _DECIMALS)
        for share in (memo.result.low_share, memo.result.estimate_share, memo.result.high_share)
    )
    after_low, after, after_high = (
        words.points(share, _DECIMALS)
        for share in (memo.low_share, memo.mean_share, memo.high_share)
    )
    return [
        words.say(
            "decision.found",
            effect=middle,
            low=low,
            high=high,
            confidence=words.share(memo.confidence, 0),
        ),
        words.say("decision.known", effect=after, low=after_low, high=after_high),
        words.say(
            "decision.worth",
            worth=words.price(memo.worth_usd),
            even=words.points(memo.break_even_share, _DECIMALS),
            chance=words.share(memo.chance_worth_share, 0),
        ),
        *(_describe_option(option, memo, words) for option in memo.options),
    ]


def _describe_option(option: WeighedOption, memo: DecisionMemo, words: Words) -> str:
    """Return an option in a sentence."""
    return words.say(
        f"decision.option_{option.option}",
        money=words.money(memo.money_usd),
        count=words.count(option.responses_count),
        low=words.count(option.low_count),
        high=words.count(option.high_count),
        gain=_write_gain(option.gain_usd, words),
        regret=words.money(option.regret_usd),
    )


def _write_page(memo: DecisionMemo, words: Words, catalogs: Sequence[Words]) -> str:
    """Return the memo in one language."""
    return render_page(
        "decision",
        words,
        title=words.say("decision.title", campaign=memo.campaign),
        frame=make_frame(_NAME, words, catalogs, Origin(), index=""),
        memo=memo,
        choice=words.say(f"decision.choice_{memo.choice}", money=words.money(memo.money_usd)),
        signed=words.say("decision.signed", name=memo.by, date=words.date(memo.decided_at.date())),
        lines=describe_weighing(memo, words)[:3],
        rows=[_write_row(option, memo, words) for option in memo.options],
        method=tell_plainly(
            words.say("decision.method_prior", source=memo.prior),
            words.say("decision.method_linear"),
            words.say("decision.method_regret"),
            words.say(
                "decision.method_spend_reported"
                if memo.spend_reported
                else "decision.method_spend_planned"
            ),
            words.say("decision.method_run", run=memo.run_id, plan=memo.plan_digest[:16]),
        ),
    )


def _write_row(option: WeighedOption, memo: DecisionMemo, words: Words) -> dict[str, str | bool]:
    """Return an option's row of the table as text."""
    low, high = words.count(option.low_count), words.count(option.high_count)
    span = words.say("pooled.range", low=low, high=high)
    if option.low_count == option.high_count:
        span = words.say("decision.exact" if option.responses_count else "decision.nothing")
    return {
        "name": words.say(f"decision.name_{option.option}"),
        "responses": words.count(option.responses_count),
        "range": span,
        "gain": _write_gain(option.gain_usd, words),
        "regret": words.money(option.regret_usd),
        "chosen": option.option == memo.choice,
    }


def _write_gain(gain_usd: float, words: Words) -> str:
    """Write US dollars with their sign."""
    sign = "+" if gain_usd > 0 else ""
    return sign + words.money(gain_usd).replace("-", "\N{MINUS SIGN}")
