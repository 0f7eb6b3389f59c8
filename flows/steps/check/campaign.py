"""Check a whole campaign, and count the requests that its run will send."""

import datetime as dt
from collections.abc import Iterator

from pydantic import SecretStr

from flows.steps.buying.list_rules import refuse_unknown_channels
from flows.steps.check.codes import check_codes
from flows.steps.check.dates import check_dates
from flows.steps.check.files import check_files
from flows.steps.check.finding import Finding
from flows.steps.sources.gather import list_predictors, list_then
from geo.zip_crosswalk import FETCH
from outreach.archive import Archive
from outreach.campaign import Campaign, merge_areas
from outreach.campaign.ad_formats import list_formats
from outreach.census.client import count_requests, discover_datasets
from outreach.errors import CampaignError, QueryRefused
from outreach.exporters.base.exporter import find_exporters
from outreach.phrasing import list_names, write_count
from outreach.settings import Settings
from outreach.transport import Transport

#: A check does not wait for a slow server; the run does.
_TIMEOUT_SECONDS = 10.0


def check_campaign(
    campaign: Campaign, settings: Settings, data_date: dt.date | None = None
) -> list[Finding]:
    """Check everything that can be checked before the work: codes, files, dates, and platforms.

    No key is needed. Files at a web address and the Bureau's file of places are downloaded to the
    cache, where the run finds them.

    Parameters
    ----------
    campaign
        The request, already validated.
    settings
        The machine's settings.
    data_date
        The archived day that the run is to use.

    Returns
    -------
    list of Finding
        Faults first; empty for a campaign that can run.
    """
    impatient = settings.model_copy(update={"retries": 0, "timeout_seconds": _TIMEOUT_SECONDS})
    transport = Transport(impatient, SecretStr(""))
    archive = Archive(settings.archive_folder, campaign.census_year)
    findings = [
        *_check_platforms(campaign),
        *_check_channels(campaign),
        *_check_vintages(campaign),
        *check_codes(campaign, settings, transport),
        *check_dates(campaign, archive, data_date),
        *check_files(campaign, settings, transport),
    ]
    return sorted(findings, key=lambda finding: not finding.is_fault)


def refuse_faults(findings: list[Finding]) -> None:
    """Refuse a campaign that has a fault.

    Raises
    ------
    CampaignError
        Has a sentence for each fault.
    """
    faults = [finding.sentence for finding in findings if finding.is_fault]
    if faults:
        raise CampaignError(" ".join(faults))


def describe_requests(campaign: Campaign, data_date: dt.date | None = None) -> str:
    """Say how many requests a run of this campaign will send.

    The count is of a machine with an empty cache; predictors and files that are kept cost none. A
    census that this version knows no rates of is counted as a plan.
    """
    # Each area is requested from every dataset, what areas share only once.
    datasets, vintages = discover_datasets(), campaign.vintages
    is_asked = campaign.phase == "auto" and _has_no_rates(campaign)
    if is_asked:
        campaign = campaign.model_copy(update={"phase": "planning"})
    race = [("race", vintages.acs)] if vintages.acs else []
    rates = [("responserate", campaign.census_year)] if data_date is None else []
    if campaign.is_plan:
        rates = [("selfresponserate", campaign.last_census)]
    pulls = dict.fromkeys([*list_predictors(campaign), *list_then(campaign), *race, *rates])
    requests = sum(count_requests(datasets[name], vintage) for name, vintage in pulls)

    # The labels of a year stand in one list for all datasets of one path.
    lists = {
        (datasets[name].path, vintage)
        for name, vintage in pulls
        if any(each.bureau_labels for each in datasets[name].list_variables(vintage))
    }

    # Each state has a file of tracts, some one of places or blocks.
    states = {area.state for area in campaign.areas}
    with_place = {area.state for area in campaign.areas if area.place}
    files = len(states) + len(with_place) + (campaign.units.blocks == FETCH)
    # Whether rates of the census are published is asked once, of the first area.
    requests = requests * len(merge_areas(campaign.areas)) + len(lists) + is_asked
    return (
        f"{write_count(requests, 'request')} to the API and at least"
        f" {write_count(files, 'file')} from the file server, less what the cache holds"
    )


def _has_no_rates(campaign: Campaign) -> bool:
    """Return whether this version knows of no rates of a census, so that it is probably planned."""
    return campaign.census_year not in discover_datasets()["responserate"].vintages


def _check_vintages(campaign: Campaign) -> Iterator[Finding]:
    """Check that every source can be used in its year; a year that nobody tried is a remark."""
    datasets = discover_datasets()
    for name, vintage in list_predictors(campaign):
        dataset = datasets[name]
        try:
            dataset.refuse_early(vintage)
        except QueryRefused as error:
            yield Finding(f"'vintages': {error}")
        if vintage > max(dataset.vintages):
            yield Finding(
                f"'vintages': {name} {vintage} is newer than what this version was checked with"
                f" ({max(dataset.vintages)}). What the Bureau's list of variables no longer has is"
                " left out, and a variable that changed its meaning stops the run.",
                is_fault=False,
            )


def _check_channels(campaign: Campaign) -> Iterator[Finding]:
    """Check that every channel is a platform, and that money and files belong together."""
    try:
        refuse_unknown_channels(campaign)
    except CampaignError as error:
        yield Finding(f"'channels': {error}")
        return
    selling = [platform for platform in campaign.platforms if list_formats(platform)]
    funded = [channel.name for channel in campaign.channels]
    for name in funded:
        if name not in campaign.platforms:
            yield Finding(
                f"'channels': {name} gets money, but 'platforms' does not name it, so the run"
                f" writes no file for it. Add {name} to platforms.",
                is_fault=False,
            )
    for name in selling if funded else ():
        if name not in funded:
            yield Finding(
                f"'platforms': {name} has no channel, so no money goes to it. Add it to"
                " [[channels]], or remove it from platforms.",
                is_fault=False,
            )
    if not funded and len(selling) > 1:
        yield Finding(
            f"'platforms': the file of each of {list_names(selling, len(selling))} carries all of"
            " the money. Upload one of them, or split the money with [[channels]].",
            is_fault=False,
        )


def _check_platforms(campaign: Campaign) -> Iterator[Finding]:
    """Check that every platform has an exporter."""
    for platform in dict.fromkeys(campaign.platforms):
        try:
            find_exporters([platform])
        except CampaignError as error:
            yield Finding(f"'platforms': {error}")
