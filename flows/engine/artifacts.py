"""Leave a run's summary, top targets and links in Prefect."""

from pathlib import Path

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from outreach.store import Run
from outreach.tables import DataFrame, Targets

#: How many targets the artifact shows; the list has them all.
_TOP = 20


def publish_artifacts(manifest: Run, targets: DataFrame[Targets], folder: Path) -> None:
    """Leave the summary, top targets, and a link to the map in Prefect."""
    key = f"run-{manifest.campaign.slug}"
    create_markdown_artifact(
        "\n".join(f"- **{title}**: {text}" for title, text in manifest.summary.items()),
        key=f"{key}-summary",
        description=manifest.campaign.name,
    )
    top = targets.sort_values("rank").head(_TOP)[["rank", "place", "label", "budget_usd", "why"]]
    rows = [{str(name): value for name, value in row.items()} for row in top.to_dict("records")]
    create_table_artifact(rows, key=f"{key}-targets", description=f"Data of {manifest.data_date}")
    create_link_artifact(
        (folder / "map.html").absolute().as_uri(), key=f"{key}-map", link_text="Map"
    )
