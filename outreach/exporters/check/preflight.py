"""Write a platform's files, read them back, and check them against the targets."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from outreach.campaign.ad_formats import list_formats
from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile, find_exporters
from outreach.exporters.base.job_ads import refuse_small_areas
from outreach.exporters.base.languages import split_amount
from outreach.exporters.base.rules import PlatformRules, Radius, list_platforms, load_rules
from outreach.exporters.check.checklist import Checklist
from outreach.exporters.check.daily import check_daily_budgets
from outreach.exporters.check.ground import check_ground, check_people
from outreach.exporters.check.money import check_money
from outreach.exporters.check.readback import (
    FileFinding,
    PlacedUnit,
    Readback,
    find_reader,
    point_code,
    read_back,
)
from outreach.phrasing import write_count, write_dollars
from outreach.tables import DataFrame, Targets, as_table, name_language_share
from outreach.units import Arm, UnitKind

_ZCTA = (
    "these codes are ZCTAs, the Census Bureau's map of ZIPs. Most are also ZIPs, but some ZIPs have"
    " no ZCTA and some addresses differ. To be exact, name ZIP polygons or HUD's file in [units]"
    " zips."
)

_CENT = 0.01
#: A number of steps may differ from a whole number by this rounding error.
_STEP_TOLERANCE = 1e-6
#: A circle may be wider than planned by this much (50 m) without a notice.
_GROWTH_KM = 0.05


@dataclass(frozen=True, slots=True)
class CheckedExport:
    """What one exporter wrote, checked, with its checklists as the last files."""

    exporter: Exporter
    files: tuple[ExportFile, ...]
    findings: tuple[FileFinding, ...]


def export_targets(
    platform: str, targets: DataFrame[Targets], context: ExportContext
) -> CheckedExport:
    """Write the targets for a platform, check the files, and add checklists.

    Parameters
    ----------
    platform
        Name of an exporter. Only one with platform rules gets a checklist.
    targets
        Their money for this platform is found by :func:`fund_targets`.

    Raises
    ------
    CampaignError
        The platform has no exporter.
    ExportError
        The platform would refuse the targets, or its files failed the check.
    """
    exporter = find_exporters([platform])[platform]
    targets = fund_targets(platform, targets)
    if context.brief.recruits:
        refuse_small_areas(exporter.title, targets)

    files = exporter.write(targets, context)
    rules = _find_rules(platform, context)
    readback = read_back(platform, files, rules, context)
    findings = _list_findings(platform, readback, targets)
    if faults := [finding for finding in findings if finding.fault]:
        raise ExportError(
            f"The files for {exporter.title} failed the check: {faults[0]}"
            f" ({write_count(len(faults), 'fault')}).",
            "Nothing was written for it. If you have rules of your own, look at them first.",
        )

    if rules is not None:
        unmatched = readback.unmatched_zips
        checklist = Checklist(files, findings, targets, rules, context, unmatched)
        files = [*files, *checklist.write()]
    return CheckedExport(exporter, tuple(files), tuple(findings))


def fund_targets(platform: str, targets: DataFrame[Targets]) -> DataFrame[Targets]:
    """Return the targets that have money on a platform, with that money.

    An ad platform gets the media budget, without fees. What is for people has the whole budget.
    Places to advertise in that have no money are left out, so that nobody pays for them; units
    that are held out stay.

    Parameters
    ----------
    platform
        Name of an exporter.
    targets
        ``media_<platform>_usd`` goes before ``media_usd``, and ``frequency_<platform>_cap``
        before ``frequency_cap``. Lists of an older version have neither media nor fees, and their
        ``budget_<platform>_usd`` or ``budget_usd`` is all money there is.

    Returns
    -------
    DataFrame
        ``budget_usd`` is what the files of the platform carry.

    Raises
    ------
    ExportError
        The money is by channel, and none of it is for this platform.
    """
    channels = [
        name.removeprefix("media_").removesuffix("_usd")
        for name in map(str, targets)
        if name.startswith("media_") and name != "media_usd"
    ]
    if channels and list_formats(platform) and platform not in channels:
        raise ExportError(
            f"The campaign gives no money to {platform}; its channels are {', '.join(channels)}.",
            f"Add {platform} to [[channels]] in the campaign and run it again.",
        )
    sold = platform in list_platforms()
    first = ["media_usd"] if sold else []
    own = [f"media_{platform}_usd", f"budget_{platform}_usd"] if sold else []
    names = [name for name in (*own, *first, "budget_usd") if name in targets]
    money = targets[names[0]]
    cap = targets.get(f"frequency_{platform}_cap", targets.get("frequency_cap"))
    funded = targets.assign(budget_usd=money, **({} if cap is None else {"frequency_cap": cap}))
    is_paid = (targets["arm"] != Arm.TREAT) | (money >= _CENT)
    return as_table(funded[is_paid] if "media_usd" in targets else funded, Targets)


def inspect_files(
    platform: str, files: list[ExportFile], targets: DataFrame[Targets], context: ExportContext
) -> list[FileFinding]:
    """Read files back and check them against the targets and the rules.

    Returns
    -------
    list of FileFinding
        Faults first; empty if all is well.
    """
    readback = read_back(platform, files, _find_rules(platform, context), context)
    return _list_findings(platform, readback, targets)


def _find_rules(platform: str, context: ExportContext) -> PlatformRules | None:
    """Return the rules of a platform; ``None`` for a file format without rules."""
    if platform not in list_platforms():
        return None
    return load_rules(platform, context.rules_folder)


def _list_findings(
    platform: str, readback: Readback, targets: DataFrame[Targets]
) -> list[FileFinding]:
    """Check what was read back; faults first."""
    rules = readback.platform_rules
    findings = list(readback.findings)
    if find_reader(platform).lists_places:
        findings += _compare_units(platform, readback, targets)
        findings += check_money(readback, targets)
        findings += _compare_exclusions(platform, readback, targets)
        findings += _report_unmatched(platform, readback, targets)
    zips = targets[targets["kind"] == UnitKind.ZIP]
    if zips["label"].str.startswith("ZCTA ").any():
        findings.append(FileFinding(platform, _ZCTA, fault=False))
    if rules is not None:
        findings += _check_caps(readback.places, rules)
        findings += _check_radii(readback.places, targets, rules)
        findings += check_daily_budgets(readback.files, targets, rules, readback.context)
        findings += check_ground(readback, targets)
        findings += check_people(readback, targets)
    return sorted(findings, key=lambda finding: not finding.fault)


def _compare_units(
    platform: str, readback: Readback, targets: DataFrame[Targets]
) -> Iterator[FileFinding]:
    """Check that each advertised unit is in the files once, or on the list of unmatched ZIPs.

    Files that are split by language have a unit once for each language that has money there.
    """
    reader = find_reader(platform)
    by_unit = reader.by_unit
    advertised = targets[targets["arm"] == Arm.TREAT]
    units = Counter(_list_codes(advertised, by_unit=by_unit))
    is_split = reader.by_language and not by_unit
    planned = _count_languages(advertised, readback) if is_split else units
    shown = [place for place in readback.places if not place.excluded]
    placed = Counter((place.kind, place.code) for place in shown)
    for code in readback.unmatched_zips:
        placed["zip", code] += planned["zip", code]

    for (kind, code), count in sorted((planned - placed).items()):
        times = f" {count} times" if count > 1 else ""
        yield FileFinding(platform, f"the {kind} {code} is missing{times}")
    for kind, code in sorted((placed - planned).keys()):
        yield FileFinding(platform, f"the {kind} {code or 'with an unknown ID'} should not be here")
    places = Counter((place.campaign, place.kind, place.code) for place in shown)
    for (campaign, kind, code), count in places.items():
        if count > units[kind, code] > 0:
            yield FileFinding(campaign, f"the {kind} {code} is here {count} times")


def _count_languages(
    advertised: DataFrame[Targets], readback: Readback
) -> Counter[tuple[str, str]]:
    """Count the languages in which each unit has money; 1 where the list is not split."""
    columns = [name_language_share(code) for code in readback.context.brief.languages]
    counts: Counter[tuple[str, str]] = Counter()
    split = len(columns) > 1 and set(columns) <= set(advertised.columns)
    for number, code in enumerate(_list_codes(advertised, by_unit=False)):
        if not split:
            counts[code] += 1
            continue
        row = advertised.iloc[number]
        amounts = split_amount(float(row["budget_usd"]), [float(row[name]) for name in columns])
        counts[code] += sum(amount > 0 for amount in amounts)
    return counts


def _compare_exclusions(
    platform: str, readback: Readback, targets: DataFrame[Targets]
) -> Iterator[FileFinding]:
    """Check that only holdout and buffer units are excluded, and report those that are not."""
    by_unit = find_reader(platform).by_unit
    held_out = set(_list_codes(targets[targets["arm"] != Arm.TREAT], by_unit=by_unit))
    excluded = {(place.kind, place.code) for place in readback.places if place.excluded}
    requested = readback.context.exclude_holdout

    if not excluded <= held_out or (excluded and not requested):
        yield FileFinding(platform, "a unit is excluded that is not held out")
    if requested and (rest := held_out - excluded):
        sentence = (
            f"{len(rest):,} of {len(held_out):,} held-out units are not excluded here. Make sure"
            " that no circle covers them."
        )
        yield FileFinding(platform, sentence, fault=False)


def _report_unmatched(
    platform: str, readback: Readback, targets: DataFrame[Targets]
) -> Iterator[FileFinding]:
    """Report the ZIPs that the platform has no ID for, and their money."""
    codes = readback.unmatched_zips
    if not codes:
        return
    rows = (targets["arm"] == Arm.TREAT) & targets["place"].isin(codes)
    unspent_usd = targets.loc[rows, "budget_usd"].sum()
    count = f"{write_count(len(codes), 'ZIP')} {'has' if len(codes) == 1 else 'have'}"
    sentence = (
        f"{count} no ID or name on this platform and will get no ads."
        f" {write_dollars(unspent_usd, cents=True)} stay unspent. The list of unmatched ZIPs names"
        " them."
    )
    yield FileFinding(platform, sentence, fault=False)


def _list_codes(targets: DataFrame[Targets], *, by_unit: bool) -> Iterator[tuple[str, str]]:
    """Return the kind and code of each unit, as in :class:`PlacedUnit`."""
    columns = ["kind", "place", "latitude", "longitude"]
    for unit_id, kind, code, latitude, longitude in targets[columns].itertuples():
        if by_unit:
            yield "unit", str(unit_id)
        elif kind == UnitKind.PIN:
            yield kind, point_code(f"{latitude:.6f}", f"{longitude:.6f}")
        else:
            yield kind, code


def _check_caps(places: list[PlacedUnit], rules: PlatformRules) -> Iterator[FileFinding]:
    """Check that no campaign holds more than the platform allows.

    Exclusions count toward its locations, not toward its ZIPs and pins.
    """
    advertised = [place for place in places if not place.excluded]
    for title, cap, counted in (
        ("locations", rules.caps.locations, places),
        ("ZIPs", rules.caps.zips, [place for place in advertised if place.kind == UnitKind.ZIP]),
        ("pins", rules.caps.pins, [place for place in advertised if place.kind == UnitKind.PIN]),
    ):
        for campaign, count in Counter(place.campaign for place in counted).items():
            if cap is not None and count > cap.value:
                sentence = f"{count:,} {title} are more than the {cap.value:,} allowed ({cap})"
                yield FileFinding(campaign, sentence)


def _check_radii(
    places: list[PlacedUnit], targets: DataFrame[Targets], rules: PlatformRules
) -> Iterator[FileFinding]:
    """Check that every radius is allowed, and report circles that are wider than planned."""
    bounds = rules.radius
    pins = [place for place in places if place.kind == UnitKind.PIN]
    if bounds is None or not pins:
        return
    unit = rules.unit.value
    for pin in pins:
        if not _is_allowed(pin.radius, bounds):
            sentence = f"the radius {pin.radius:g} {unit} is not allowed ({bounds.minimum})"
            yield FileFinding(pin.file, sentence)

    # Compare each circle with the planned one. A radius is rounded up, never down.
    planned = targets[targets["kind"] == UnitKind.PIN]
    radii = dict(zip(_list_codes(planned, by_unit=False), planned["radius_km"], strict=True))
    growth = [bounds.to_km(pin.radius) - radii.get((pin.kind, pin.code), math.inf) for pin in pins]
    if any(difference < -_STEP_TOLERANCE for difference in growth):
        yield FileFinding(pins[0].file, "a circle is smaller than planned")
    if wider := [difference for difference in growth if difference > _GROWTH_KM]:
        sentence = (
            f"{len(wider):,} of {len(pins):,} circles are wider than planned, by up to"
            f" {max(wider):.2f} km. The platform takes radii from {bounds.minimum.value:g} {unit}"
            f" in steps of {bounds.step.value:g}. More people outside the targets will see the ads."
        )
        yield FileFinding(pins[0].file, sentence, fault=False)


def _is_allowed(radius: float, bounds: Radius) -> bool:
    """Return whether a radius is within the bounds and on a step."""
    steps = radius / bounds.step.value
    on_step = abs(steps - round(steps)) <= _STEP_TOLERANCE
    return on_step and bounds.minimum.value <= radius <= bounds.maximum.value
