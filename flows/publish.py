"""Publishing: what a run shows to people - lists, map, and Prefect artifacts."""

from pathlib import Path

import pandas as pd
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from maps.page import build_map
from maps.view import MapView
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.exporters.exporter import find_exporters
from outreach.store import Run, RunFolder

#: So many targets stand in the artifact; the list has them all.
_TOP = 20


def write_lists(run: RunFolder, targets: pd.DataFrame, campaign: Campaign) -> None:
    """Write the files of every platform that the campaign names."""
    for exporter in find_exporters(campaign.platforms).values():
        for file in exporter.write(targets, campaign):
            run.write_file(f"exports/{file.name}", file.content)


def draw_map(
    tracts: pd.DataFrame, scores: pd.DataFrame, targets: pd.DataFrame, campaign: Campaign, archive: Archive
) -> str:
    """Draw the map of a run, with the season so far from the archive."""
    data_date = scores["data_date"].max()
    history = archive.read(list(campaign.areas), through=data_date.date())
    view = MapView(
        title=campaign.name,
        data_date=data_date.date(),
        source=f"U.S. Census Bureau, {campaign.census_year} self-response rates",
        goal_share=campaign.goal_share,
        tracts=tracts,
        scores=scores,
        targets=targets,
        history=history[history.index.isin(tracts.index)],
        deadline=campaign.deadline,
    )
    return build_map(view)


def publish_artifacts(done: Run, targets: pd.DataFrame, folder: Path) -> None:
    """Leave summary, top targets and links in Prefect, for those who look there."""
    key = f"run-{done.campaign.slug}"
    create_markdown_artifact(
        "\n".join(f"- **{title}**: {text}" for title, text in done.summary.items()),
        key=f"{key}-summary",
        description=done.campaign.name,
    )
    top = targets.sort_values("rank").head(_TOP)[["rank", "place", "label", "budget_usd", "why"]]
    rows = [{str(name): value for name, value in row.items()} for row in top.to_dict("records")]
    create_table_artifact(rows, key=f"{key}-targets", description=f"Data of {done.data_date}")
    create_link_artifact((folder / "map.html").absolute().as_uri(), key=f"{key}-map", link_text="Map")
