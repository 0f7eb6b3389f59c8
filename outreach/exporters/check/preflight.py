"""The pre-flight: files are read back and held against the targets and the platform's rules, and a checklist is laid beside them."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from outreach.campaign import CampaignKind
from outreach.errors import ExportError
from outreach.exporters.base.cells import clean_text, floor_cents
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile, find_exporters
from outreach.exporters.base.places import list_flight_days
from outreach.exporters.base.rules import PlatformRules, Status, list_platforms, load_rules
from outreach.exporters.check.readback import Finding, Placed, Reading, read_back

#: Forms of file that carry units by name, whatever their kind.
_BY_UNIT = frozenset(("csv", "geojson"))

_ZCTA = (
    "these codes are ZCTAs, the Bureau's map of ZIPs: most are ZIPs too, some ZIPs have none, some addresses differ."
    " Name ZIP polygons or HUD's file in [units] zips to be exact."
)
#: What a budget in a file stands for.
_SPLIT = "This is the platform's part of the plan."
_UNSPLIT = "This is all of the plan's money: upload to one platform only, or split it with [[channels]] in the campaign."


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one exporter wrote, checked, with its checklist as the last file."""

    exporter: Exporter
    files: tuple[ExportFile, ...]
    findings: tuple[Finding, ...]


def export_to(platform: str, targets: pd.DataFrame, context: ExportContext) -> Delivery:
    """Write the targets for a platform, read the files back, and add a checklist where the platform has rules.

    Parameters
    ----------
    platform
        Name of an exporter.
    targets
        Checked :class:`~outreach.tables.Targets`; where they have ``budget_<platform>_usd``, that
        is the money of this platform.

    Raises
    ------
    CampaignError
        The platform has no exporter.
    ExportError
        The platform would refuse the targets, or its files failed the pre-flight.
    """
    exporter = find_exporters([platform])[platform]
    targets = targets.assign(
        budget_usd=targets.get(f"budget_{platform}_usd", targets["budget_usd"])
    )
    files = exporter.write(targets, context)
    findings = inspect_files(platform, files, targets, context)
    if faults := [finding for finding in findings if finding.fault]:
        raise ExportError(
            f"The files for {exporter.title} failed the pre-flight: {faults[0]} ({len(faults)} in all).",
            "Nothing was written for it; look at your own rules first if you have some.",
        )
    if platform in list_platforms():
        rules = load_rules(platform, context.rules_folder)
        files = [*files, _write_checklist(files, findings, targets, rules, context)]
    return Delivery(exporter, tuple(files), tuple(findings))


def inspect_files(
    platform: str, files: list[ExportFile], targets: pd.DataFrame, context: ExportContext
) -> list[Finding]:
    """Read files back and hold them against the targets and the rules.

    Returns
    -------
    list of Finding
        Faults first; empty where all is well.
    """
    rules = load_rules(platform, context.rules_folder) if platform in list_platforms() else None
    reading = read_back(platform, files, rules, context)
    findings = list(reading.findings)
    if platform != "excel":
        findings += _compare(platform, reading, targets, context)
    zips = targets[targets["kind"] == "zip"]
    if zips["label"].str.startswith("ZCTA ").any():
        findings.append(Finding(platform, _ZCTA, fault=False))
    if rules is not None:
        findings += _hold_caps(reading.placed, rules)
        findings += _hold_radii(reading.placed, targets, rules)
    return sorted(findings, key=lambda finding: not finding.fault)


def _compare(
    platform: str, reading: Reading, targets: pd.DataFrame, context: ExportContext
) -> Iterator[Finding]:
    """Every advertised unit stands in the files once, or on the list of those that could not; no unit that is held out does."""
    treated = targets["arm"] == "treat"
    wanted = Counter(_codes(targets[treated], by_unit=platform in _BY_UNIT))
    found = Counter((place.kind, place.code) for place in reading.placed if not place.barred)
    found += Counter(("zip", code) for code in reading.listed if ("zip", code) in wanted)
    for (kind, code), count in sorted((wanted - found).items()):
        yield Finding(
            platform, f"the {kind} {code} is missing{f' {count} times' if count > 1 else ''}"
        )
    for kind, code in sorted((found - wanted).keys()):
        yield Finding(
            platform, f"the {kind} {code or 'of an unknown ID'} stands where it should not"
        )
    held_out = set(_codes(targets[~treated], by_unit=platform in _BY_UNIT))
    barred = {(place.kind, place.code) for place in reading.placed if place.barred}
    if not barred <= held_out or (barred and not context.exclude_holdout):
        yield Finding(platform, "a unit is excluded that is not held out")
    if context.exclude_holdout and (left := held_out - barred):
        what = f"{len(left):,} of {len(held_out):,} held out units are not excluded here; see that no circle reaches into them."
        yield Finding(platform, what, fault=False)
    if reading.listed:
        left_usd = targets.loc[treated & targets["place"].isin(reading.listed), "budget_usd"].sum()
        what = (
            f"{len(reading.listed):,} ZIPs have no ID or name on this platform, so they get no ads and their {left_usd:,.2f} USD stay unspent;"
            " its list of unmatched ZIPs names them."
        )
        yield Finding(platform, what, fault=False)


def _codes(targets: pd.DataFrame, *, by_unit: bool) -> Iterator[tuple[str, str]]:
    """Return kind and code of each unit, as :class:`~outreach.exporters.check.readback.Placed` has them."""
    for unit_id, kind, code, latitude, longitude in targets[
        ["kind", "place", "latitude", "longitude"]
    ].itertuples():
        if by_unit:
            yield "unit", str(unit_id)
        elif kind == "pin":
            yield (
                kind,
                f"{round(float(f'{latitude:.6f}') * 1e6)};{round(float(f'{longitude:.6f}') * 1e6)}",
            )
        else:
            yield kind, code


def _hold_caps(placed: list[Placed], rules: PlatformRules) -> Iterator[Finding]:
    """No campaign holds more than the platform takes; exclusions count among its locations, not among its ZIPs and pins."""
    for name, cap, held in (
        ("locations", rules.caps.locations, placed),
        (
            "ZIPs",
            rules.caps.zips,
            [place for place in placed if place.kind == "zip" and not place.barred],
        ),
        (
            "pins",
            rules.caps.pins,
            [place for place in placed if place.kind == "pin" and not place.barred],
        ),
    ):
        for campaign, count in Counter(place.campaign for place in held).items():
            if cap is not None and count > cap.value:
                yield Finding(
                    campaign, f"{count:,} {name} are more than the {cap.value:,} allowed ({cap})"
                )


def _hold_radii(
    placed: list[Placed], targets: pd.DataFrame, rules: PlatformRules
) -> Iterator[Finding]:
    """Every radius lies within the bounds and on a step; wider circles than planned are told."""
    bounds = rules.radius
    pins = [place for place in placed if place.kind == "pin"]
    if bounds is None or not pins:
        return
    for pin in pins:
        steps = pin.radius / bounds.step.value
        if (
            not (bounds.minimum.value <= pin.radius <= bounds.maximum.value)
            or abs(steps - round(steps)) > 1e-6  # noqa: PLR2004
        ):
            yield Finding(
                pin.file,
                f"the radius {pin.radius:g} {rules.unit.value} is not allowed ({bounds.minimum})",
            )
    planned = targets[targets["kind"] == "pin"]
    least = dict(zip(_codes(planned, by_unit=False), planned["radius_km"], strict=True))
    growth = [bounds.to_km(pin.radius) - least.get((pin.kind, pin.code), math.inf) for pin in pins]
    if any(more < -1e-6 for more in growth):  # noqa: PLR2004  a rounding error is no loss
        yield Finding(pins[0].file, "a circle is smaller than planned")
    if wider := [more for more in growth if more > 0.05]:  # noqa: PLR2004  50 m
        yield Finding(
            pins[0].file,
            f"{len(wider):,} of {len(pins):,} circles are wider than planned, by up to {max(wider):.2f} km: the platform takes"
            f" radii from {bounds.minimum.value:g} {rules.unit.value} in steps of {bounds.step.value:g}."
            " More people outside the targets see the ads.",
            fault=False,
        )


def _write_checklist(
    files: list[ExportFile],
    findings: list[Finding],
    targets: pd.DataFrame,
    rules: PlatformRules,
    context: ExportContext,
) -> ExportFile:
    """Write what the person who uploads must see to, and what of the file's form is not verified."""
    treated = targets[targets["arm"] == "treat"]
    spent_usd, (first, last) = (
        treated["budget_usd"].sum(),
        list_flight_days(context.campaign, targets),
    )
    days = (last - first).days + 1
    lines = [
        f"{rules.title}: before you upload",
        "",
        f"Campaign  {clean_text(context.campaign.name)} ({context.campaign.kind.value})",
        f"Status    {clean_text(context.approval)}",
        f"Run       {context.run_id}",
        f"Version   {context.full_version}",
        f"Data of   {treated['data_date'].max().date()}",
        f"Units     {len(treated):,} to advertise in (arm treat), {len(targets) - len(treated):,} held out",
        f"Budget    {spent_usd:,.2f} USD, at most {floor_cents(spent_usd / days):,.2f} a day for the {days:,} days from {first} to {last}",
        f"          {_SPLIT if f'budget_{rules.platform}_usd' in targets else _UNSPLIT}",
        f"Call it   {context.name_campaign(rules.name_length)}",
        "          Reports of the platform join back to the plan by this name; keep it where you make the campaign by hand.",
        "",
        "Files (each was read back and held against the rules of this platform)",
        *(f"  {file.name}" for file in files),
        "",
        *(["Notice", *(f"  - {finding}" for finding in findings), ""] if findings else []),
        "See to this",
        *(f"  [ ] {item.value} ({item.status.value})" for item in rules.checklist),
        "",
        f"Not verified in the platform's own documentation (rules of {rules.checked}); check on a small test:",
    ]
    lines += [f"  - {line}" for line in _list_doubts(rules, context.campaign.kind)]
    return ExportFile(
        f"{rules.platform}-checklist.txt", ("\r\n".join(lines) + "\r\n").encode("utf-8")
    )


def _list_doubts(rules: PlatformRules, kind: CampaignKind) -> Iterator[str]:
    """List the facts behind the files that the platform itself was not heard to say, as far as they matter to this campaign."""
    beside = (
        ("checklist", "tables")
        if kind is CampaignKind.RECRUITMENT
        else ("checklist", "tables", "recruitment")
    )
    for address, fact in rules.facts():
        if fact.status is not Status.VERIFIED and not address.startswith(beside):
            value = ", ".join(fact.value) if isinstance(fact.value, tuple) else f"{fact.value}"
            yield f"{address} = {value} ({fact})"
