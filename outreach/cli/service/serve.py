"""Run the whole service: Prefect, the flows, and the portal."""

import os

import click


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address on which the portal answers."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8020, show_default=True, help="0: any free."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 16),
    help="Processes that take jobs; by default OUTREACH_WORKERS. Several want PostgreSQL.",
)
def serve(host: str, port: int, workers: int | None) -> None:
    """Run the service until it is stopped: the portal, the flows, and Prefect with its pages.

    Its campaigns are the files in "campaigns" of the service's folder. On this machine alone nobody
    has to sign in; on any other address, people sign in as the users of "outreach users".
    """
    from flows.engine.serving.processes import Child, Family
    from flows.engine.serving.service import (
        FOLDER,
        PREFECT_SECRET,
        answers,
        check_port,
        find_free_port,
        lock_service,
        make_environment,
    )
    from flows.engine.serving.workers import check_workers, list_engine_children
    from outreach.portal.access.door import check_door
    from outreach.settings import read_settings

    settings = read_settings(workers=workers)
    home = settings.home.absolute()
    check_door(settings, host)
    check_workers(settings.workers, os.environ, settings.find_database())
    with lock_service(home):
        port = port or find_free_port(host)
        check_port(host, port)
        prefect_port = find_free_port("127.0.0.1")
        env = make_environment(home, prefect_port, settings.find_database())

        # A portal on every address of the machine is looked for on the machine itself.
        every = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  no address to bind here
        shown = every.get(host, host)
        shown = f"[{shown}]" if ":" in shown else shown
        address = f"http://{shown}:{port}"
        portal = Child(
            "portal",
            ["-m", "outreach.portal", host, str(port)],
            lambda: answers(f"{address}/health"),
        )
        click.echo(f"Starting the service of {home}. This takes a minute on a small machine.")
        click.echo(f"Portal:  {settings.portal_url or address + '/'}")
        if env["PREFECT_API_URL"].endswith(f":{prefect_port}/api"):
            click.echo(
                f"Prefect: http://127.0.0.1:{prefect_port}/ (password: {home / PREFECT_SECRET})"
            )
        children = [*list_engine_children(home, env, prefect_port, settings.workers), portal]
        Family(children, env, home / FOLDER / "logs", click.echo).run()
