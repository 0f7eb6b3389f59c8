"""Read out the test of a run: what its ads did."""

import click

from outreach.cli.lines import print_lines


@click.command()
@click.argument("run", default="")
@click.option(
    "--so-far",
    is_flag=True,
    help="Look at a day that the plan states, while the flight runs: no p-value, no verdict.",
)
@click.option(
    "--spent",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="Cost of the test's ads on the platforms' invoices; the planned cost by default.",
)
def measure(run: str, spent: float | None, *, so_far: bool) -> None:
    """Measure what the ads of RUN's test did to response, and what each response cost.

    RUN is by default the one approved last. Estimate, range, and p-value follow the method that
    the test's plan.json set before the flight.
    """
    from flows.trial.measure import measure_test
    from outreach.phrasing import write_date
    from outreach.settings import read_settings

    readout, folder = measure_test(read_settings(), run, so_far=so_far, spent_usd=spent)
    click.echo(
        f"{readout.campaign}: test of {readout.run_id}, flight"
        f" {write_date(readout.flight_start)} to {write_date(readout.flight_end)}."
    )
    if so_far and not readout.provisional:
        click.echo("The flight is over in the archive, so this is the final result.")
    print_lines(readout.lines())
    for note in readout.notes:
        click.echo(f"Note: {note}")
    click.echo(f"Readout: {folder / 'effect.html'}")
