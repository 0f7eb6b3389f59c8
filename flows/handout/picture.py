"""Draw one map layer of a finished run as a picture."""

from dataclasses import replace

from flows.steps.delivering.activity_tracts import read_run_activity
from flows.steps.results.map_view import make_map_view
from flows.steps.sources.join import read_history
from maps.run.picture import Form, draw_picture
from outreach.archive import Archive
from outreach.settings import Settings
from outreach.store import Store
from outreach.tables import Scores, Targets, Tracts, as_table


def draw_run(name: str, layer: str, form: Form, settings: Settings) -> bytes:
    """Draw one layer of a run.

    Parameters
    ----------
    name
        Of the run, as :meth:`outreach.store.Store.find` takes it.
    layer
        A file in ``maps/layers``.
    form
        ``png`` or ``svg``.
    settings
        Say where runs and archive are.

    Returns
    -------
    bytes
        The picture; the same run and the same logs of partners give the same bytes.

    Raises
    ------
    StoreError
        There is no such run.
    DataError
        There is no such layer, or the run has no figure for it.
    """
    store = Store(settings.runs_folder)
    run, _ = store.find(name)
    tracts, scores, targets = (
        store.read_table(run.id, table) for table in ("tracts", "scores", "targets")
    )
    tracts = as_table(tracts, Tracts)
    archive = Archive(settings.archive_folder, run.campaign.census_year)
    history = read_history(archive, run.campaign.codes, tracts)
    view = make_map_view(
        tracts,
        as_table(scores, Scores),
        as_table(targets, Targets),
        run.campaign,
        history if len(history) else None,
    )
    activity = read_run_activity(settings.home, store, run, tracts["households_count"])
    return draw_picture(replace(view, activity=activity), layer, form)
