"""Decide what to do with the next weeks' money after a test."""

import click

from outreach.cli.lines import print_lines

_AMOUNT = click.FloatRange(min=0, min_open=True)


@click.command()
@click.argument("run", default="")
@click.option("--money", required=True, type=_AMOUNT, metavar="USD", help="The next weeks' money.")
@click.option(
    "--worth", required=True, type=_AMOUNT, metavar="USD", help="What one more response is worth."
)
@click.option(
    "--other-cost", type=_AMOUNT, metavar="USD", help="What one response costs by other means."
)
@click.option(
    "--choose",
    type=click.Choice(["go-on", "move", "stop"]),
    help="Decide, and write the memo; without it the options are only weighed.",
)
@click.option("--by", default="", metavar="NAME", help="Who decides.")
@click.option("--reason", default="", metavar="TEXT", help="Why.")
def decide(
    run: str,
    *,
    money: float,
    worth: float,
    other_cost: float | None,
    choose: str | None,
    by: str,
    reason: str,
) -> None:
    """Weigh going on, moving the money, and stopping after RUN's test, and keep the decision.

    RUN is by default the one approved last. With --choose, --by, and --reason a memo is written.
    """
    from flows.trial.decide import keep_decision, weigh_decision
    from outreach.catalog import read_words
    from outreach.reports.pages.trial.decision import describe_weighing
    from outreach.settings import read_settings

    settings = read_settings()
    memo = weigh_decision(
        settings, run, money_usd=money, worth_usd=worth, other_cost_usd=other_cost
    )
    folder = None
    if choose is not None:
        memo, folder = keep_decision(settings, memo, choose.replace("-", "_"), by, reason)
    print_lines(describe_weighing(memo, read_words("en")))
    if folder is None:
        click.echo("Nothing is decided yet: add --choose, --by, and --reason.")
    else:
        click.echo(f"Decided by {memo.by}: {folder / 'decision.html'}")
