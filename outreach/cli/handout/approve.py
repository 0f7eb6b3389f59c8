"""Approve the list of a run, or withdraw it again."""

from typing import TYPE_CHECKING

import click

from outreach.cli.consent import ask_person

if TYPE_CHECKING:
    from flows.steps.measuring.approval import ListSummary


@click.command()
@click.argument("run", default="latest")
@click.option("--by", required=True, metavar="NAME", help="Who allows the list to be uploaded.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it stays with the approval.")
@click.option(
    "--accept-unreadable-test",
    "accepts_unreadable",
    is_flag=True,
    help="Approve a test that cannot be read out: the ads will run without a result.",
)
@click.option("--yes", "is_agreed", is_flag=True, help="Do not ask, for scripts.")
def approve(run: str, by: str, reason: str, *, accepts_unreadable: bool, is_agreed: bool) -> None:
    """Freeze the list of RUN (latest): record who approved it and when.

    Campaign, date, places, and money are shown first, and you are asked. Exports then name the
    person in place of DRAFT. An empty list is refused, and so is a test that could never be read
    out, with the nearest design that could be. "outreach withdraw" takes an approval back.
    """
    from flows.steps.measuring.approval import approve_run, check_approvable, summarize_list
    from outreach.settings import read_settings
    from outreach.store import Store

    store = Store(read_settings().runs_folder)
    summary = summarize_list(store, run)
    _show_list(summary, "registered with the approval")
    run_id = summary.run.id
    check_approvable(store, run_id, accepts_unreadable=accepts_unreadable)
    if store.approval(run_id) is None:
        ask_person(f"Approve this list as {by}?", is_agreed=is_agreed)
    approval = approve_run(store, run_id, by, accepts_unreadable=accepts_unreadable, reason=reason)
    click.echo(
        f"{approval.run_id} is approved by {approval.by}, {approval.approved_at:%Y-%m-%d %H:%M}"
        " UTC."
    )
    if approval.reason:
        click.echo(f"Reason: {approval.reason}")
    if approval.accepted_obstacle:
        click.echo(f"Note: its test cannot be read out. {approval.accepted_obstacle}")


@click.command()
@click.argument("run")
@click.option("--by", required=True, metavar="NAME", help="Who withdraws it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, in a sentence.")
@click.option("--yes", "is_agreed", is_flag=True, help="Do not ask, for scripts.")
def withdraw(run: str, by: str, reason: str, *, is_agreed: bool) -> None:
    """Withdraw the approved list of RUN for good; a new list needs a new run.

    The approval and the withdrawal are both kept. Exports refuse the list from then on, and later
    runs do not follow it. Ads that run already must be stopped on the platforms.
    """
    from flows.steps.measuring.approval import summarize_list, withdraw_run
    from outreach.settings import read_settings
    from outreach.store import Store

    store = Store(read_settings().runs_folder)
    summary = summarize_list(store, run)
    _show_list(summary, "in the register" if summary.is_registered else "not in the register")
    ask_person(f"Withdraw this list as {by}?", is_agreed=is_agreed)
    withdrawal = withdraw_run(store, summary.run.id, by, reason)
    click.echo(
        f"{withdrawal.run_id} is withdrawn by {withdrawal.by},"
        f" {withdrawal.withdrawn_at:%Y-%m-%d %H:%M} UTC. Stop its ads on the platforms if they run."
    )


def _show_list(summary: "ListSummary", registration: str) -> None:
    """Show campaign, date, places, money, and test of a list."""
    from outreach.phrasing import write_count, write_date, write_dollars

    run, plan = summary.run, summary.plan
    places = write_count(summary.targets_count, "place")
    if summary.funded_count != summary.targets_count:
        places += f", {summary.funded_count:,} of them with money"
    planned, media, budget = (
        write_dollars(usd, cents=True)
        for usd in (summary.planned_usd, summary.media_usd, run.campaign.budget_usd)
    )
    click.echo(f"Campaign  {run.campaign.name}")
    click.echo(f"Run       {run.id}, data of {write_date(run.data_date)}")
    click.echo(f"List      {places}")
    click.echo(f"Money     {planned} of {budget}, of which {media} are media")
    if plan is not None:
        start, end = write_date(plan.flight_start), write_date(plan.flight_end)
        click.echo(f"Test      ads from {start} to {end}, {registration}")
