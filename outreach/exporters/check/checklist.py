"""Write the checklist for the person who uploads."""

from collections.abc import Iterator, Sequence

from outreach.evidence import Status
from outreach.exporters.base.cells import floor_cents
from outreach.exporters.base.exporter import ExportContext, ExportFile
from outreach.exporters.base.flight import find_flight_days
from outreach.exporters.base.parts import make_parts
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.rules import PlatformRules, list_old_facts
from outreach.exporters.base.tracking import write_utm
from outreach.exporters.check.readback import FileFinding
from outreach.phrasing import write_count, write_date, write_dollars
from outreach.spreadsheet import clean_text
from outreach.tables import DataFrame, Targets
from outreach.units import Arm

_SHARE_OF_PLAN = "This is the platform's share of the plan."
_WHOLE_PLAN = (
    "This is all of the plan's money. Upload to one platform only, or split it with [[channels]]"
    " in the campaign."
)


def write_checklist(
    files: Sequence[ExportFile],
    findings: Sequence[FileFinding],
    targets: DataFrame[Targets],
    rules: PlatformRules,
    context: ExportContext,
    unmatched_zips: Sequence[str] = (),
) -> ExportFile:
    """Write what the person who uploads must check, and which facts are not verified or old.

    Parameters
    ----------
    files, findings
        What was written, and what the check found.
    targets, rules, context
        What the files are made from.
    unmatched_zips
        ZIPs that the platform does not know, which are in no campaign.
    """
    lines = [
        f"{rules.title}: before you upload",
        "",
        *_describe_list(targets, rules, context),
        "",
        "Campaigns",
        *_list_campaigns(targets, rules, context, unmatched_zips),
        "",
        "Files (each was read back and checked against the rules of this platform)",
        *(f"  {file.name}" for file in files),
        "",
    ]
    if findings:
        lines += ["Notice", *(f"  - {finding}" for finding in findings), ""]
    lines += [
        "Check",
        *(f"  [ ] {item.value} ({item.status.value})" for item in rules.checklist),
        "",
        (
            "Not verified in the platform's own documentation (rules of"
            f" {write_date(rules.checked)}); test with a small campaign:"
        ),
        *(f"  - {line}" for line in _list_doubts(rules, recruits=context.brief.recruits)),
        *_list_old(rules, context),
    ]
    content = ("\r\n".join(lines) + "\r\n").encode("utf-8")
    return ExportFile(f"{rules.platform}-checklist.txt", content)


def _describe_list(
    targets: DataFrame[Targets], rules: PlatformRules, context: ExportContext
) -> list[str]:
    """Return the head of the checklist: which list this is, and its money."""
    advertised = targets[targets["arm"] == Arm.TREAT]
    budget_usd = float(advertised["budget_usd"].sum())
    first, last = find_flight_days(context.brief, targets)
    days = (last - first).days + 1
    daily_usd = float(floor_cents(budget_usd / days))
    is_share = f"budget_{rules.platform}_usd" in targets

    return [
        f"Campaign  {clean_text(context.brief.name)} ({context.brief.kind.value})",
        f"Status    {clean_text(context.approval)}",
        f"Run       {context.run_id}",
        f"Version   {context.full_version}",
        f"{context.brief.date_title:<9} {write_date(advertised['data_date'].max().date())}",
        (
            f"Units     {len(advertised):,} to advertise in (arm treat),"
            f" {int((targets['arm'] == Arm.HOLDOUT).sum()):,} held out,"
            f" {int((targets['arm'] == Arm.BUFFER).sum()):,} in buffers"
        ),
        *([f"Test      {context.test_warning}"] if context.test_warning else []),
        (
            f"Media     {write_dollars(budget_usd, cents=True)}, at most"
            f" {write_dollars(daily_usd, cents=True)} a day for the {write_count(days, 'day')} from"
            f" {write_date(first)} to {write_date(last)}"
        ),
        *_describe_fees(advertised, rules.platform, context),
        f"          {_SHARE_OF_PLAN if is_share else _WHOLE_PLAN}",
        f"Call it   {context.name_campaign(rules.name_length)}",
        (
            "          and the language. The platform's reports join back to the plan by this name."
            " Keep it if you create the campaign by hand. It stays the same after approval."
        ),
        *_describe_frequency(advertised),
    ]


def _describe_frequency(advertised: DataFrame[Targets]) -> list[str]:
    """Say the most ads that a household is to see."""
    if "frequency_cap" not in advertised:
        return []
    cap = int(advertised["frequency_cap"].max())
    return [f"Cap       at most {write_count(cap, 'ad')} for each household over the flight"]


def _list_campaigns(
    targets: DataFrame[Targets],
    rules: PlatformRules,
    context: ExportContext,
    unmatched_zips: Sequence[str],
) -> Iterator[str]:
    """Say what each campaign, ad set, or list is called, what it spends, and what it links to."""
    places = [
        place
        for place in choose_places(targets, rules, context)
        if place.code not in unmatched_zips
    ]
    first, last = find_flight_days(context.brief, targets)
    days = (last - first).days + 1
    for part in make_parts(places, targets, rules, context.brief.languages):
        daily_usd = float(floor_cents(part.budget_usd / days))
        yield f"  {context.name_campaign(rules.name_length, part.title)}"
        yield (
            f"      {write_count(len(part.places), 'place')},"
            f" {write_dollars(part.budget_usd, cents=True)} of media, at most"
            f" {write_dollars(daily_usd, cents=True)} a day"
        )
        yield f"      {write_utm(rules.platform, part, context)}"


def _list_old(rules: PlatformRules, context: ExportContext) -> list[str]:
    """Say which facts nobody compared with their source for six months."""
    old = list_old_facts(rules, context.today) if context.today else []
    if not old:
        return []
    return [
        "",
        "Older than six months; compare with the platform's documentation before you rely on them:",
        *(f"  - {address} (checked on {write_date(checked)})" for address, checked in old),
    ]


def _describe_fees(
    advertised: DataFrame[Targets], platform: str, context: ExportContext
) -> list[str]:
    """Say what comes on top of the media, who bills it, and what both come to."""
    own = f"fee_{platform}_usd"
    name = own if own in advertised else "fee_usd"
    if name not in advertised:
        return []
    fee_usd = float(advertised[name].sum())
    together_usd = float(advertised["budget_usd"].sum()) + fee_usd
    biller = (
        "billed by the platform on top of the media: do not add it to the budget"
        if context.brief.fee_billed_by == "platform"
        else "billed by your agency: do not add it to the budget"
    )
    return [
        (
            f"Fees      {write_dollars(fee_usd, cents=True)} ({context.brief.fee_percent:g}% of"
            f" the media), {biller}"
        ),
        f"Together  {write_dollars(together_usd, cents=True)}",
    ]


def _list_doubts(rules: PlatformRules, *, recruits: bool) -> Iterator[str]:
    """List the facts behind the files that the platform itself does not confirm.

    Rules about job ads matter only to campaigns that recruit.
    """
    irrelevant = ("checklist", "tables") if recruits else ("checklist", "tables", "recruitment")
    for address, fact in rules.facts():
        if fact.status is not Status.VERIFIED and not address.startswith(irrelevant):
            value = ", ".join(fact.value) if isinstance(fact.value, tuple) else f"{fact.value}"
            yield f"{address} = {value} ({fact})"
