"""What the ads of a test did."""

import click


@click.command()
@click.argument("run", default="")
@click.option(
    "--so-far",
    is_flag=True,
    help="Look ahead of time while the flight runs: provisional, without p-value or verdict.",
)
@click.option(
    "--spent",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="What the ads of the test cost, by the platforms' invoices; without it, what the run planned.",
)
def measure(run: str, spent: float | None, *, so_far: bool) -> None:
    """Read out the test of RUN (by default the one approved last): what the ads did to response, how sure that is, and the cost of a response.

    Estimate, range and p-value are made as the test's plan.json said before the flight.
    """
    from flows.measure import measure_test
    from outreach.settings import read_settings

    readout, folder = measure_test(read_settings(), run, so_far=so_far, spent_usd=spent)
    click.echo(
        f"{readout.campaign}: test of {readout.run_id}, flight {readout.flight_start} to {readout.flight_end}."
    )
    for line in readout.lines():
        click.echo(line)
    for note in readout.notes:
        click.echo(f"Note: {note}")
    click.echo(f"Read-out: {folder / 'effect.html'}")
