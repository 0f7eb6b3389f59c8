"""Write the checklist for the person who uploads, in the languages of the campaign."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from outreach.catalog import MOTHER, Words, list_languages, read_words
from outreach.catalog.retell import NOTES, retell
from outreach.evidence import Fact, Status
from outreach.exporters.base.cells import floor_cents
from outreach.exporters.base.exporter import CHECKLIST, ExportContext, ExportFile
from outreach.exporters.base.flight import find_flight_days
from outreach.exporters.base.parts import make_parts
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.rules import PlatformRules, list_old_facts
from outreach.exporters.base.tracking import write_utm
from outreach.exporters.check.readback import FileFinding
from outreach.files import make_slug
from outreach.spreadsheet import clean_text
from outreach.tables import DataFrame, Targets
from outreach.units import Arm

#: Where the sentences of rules and of the check stand, and those of a test that is too weak.
_SECTIONS = ("upload", *NOTES)
#: The width of what stands before each line at the top.
_MARGIN = 10


@dataclass(frozen=True, slots=True)
class Checklist:
    """What the person who uploads must check, and which facts are not verified or old.

    Parameters
    ----------
    files, findings
        What was written, and what the check found.
    targets, rules, context
        What the files are made from.
    unmatched_zips
        ZIPs that the platform does not know, which are in no campaign.
    """

    files: Sequence[ExportFile]
    findings: Sequence[FileFinding]
    targets: DataFrame[Targets]
    rules: PlatformRules
    context: ExportContext
    unmatched_zips: Sequence[str] = ()

    def write(self) -> list[ExportFile]:
        """Write it in each language of the campaign's ads that has a catalog, English last."""
        chosen = {*self.context.brief.languages, MOTHER}
        codes = [code for code in reversed(list_languages()) if code in chosen]
        return [self._write_in(read_words(code)) for code in codes]

    def _write_in(self, words: Words) -> ExportFile:
        """Write it in one language; settings and sources stay as their publishers write them."""
        lines = [
            _say(words, "title", platform=self.rules.title),
            "",
            *self._describe_list(words),
            "",
            _say(words, "campaigns"),
            *self._list_campaigns(words),
            "",
            _say(words, "files"),
            *(f"  {file.name}" for file in self.files),
            "",
        ]
        if self.findings:
            notices = [
                f"  - {finding.file}: {_retell(finding.sentence, words)}"
                for finding in self.findings
            ]
            lines += [_say(words, "notice"), *notices, ""]
        lines += [
            _say(words, "check"),
            *(
                f"  [ ] {_retell(item.value, words)} ({_name_status(item, words)})"
                for item in self.rules.checklist
            ),
            "",
            _say(words, "not_verified", date=words.date(self.rules.checked)),
            *(f"  - {line}" for line in self._list_doubts(words)),
            *self._list_old(words),
        ]
        content = ("\r\n".join(lines) + "\r\n").encode("utf-8")
        language = "" if words.code == MOTHER else f".{words.code}"
        return ExportFile(f"{self.rules.platform}{CHECKLIST}{language}.txt", content)

    def _describe_list(self, words: Words) -> Iterator[str]:
        """Say which list this is, and its money."""
        context, brief = self.context, self.context.brief
        arms = self.targets["arm"]
        advertised = self.targets[arms == Arm.TREAT]

        # Which list it is.
        kind = _say(words, f"kind_{brief.kind.value}")
        yield _start(words, "campaign", f"{clean_text(brief.name)} ({kind})")
        approved = _say(words, "approved", name=context.approved_by)
        status = approved if context.approved_by else _say(words, "draft")
        yield _start(words, "status", clean_text(status))
        yield _start(words, "run", context.run_id)
        yield _start(words, "version", context.full_version)
        day = words.date(advertised["data_date"].max().date())
        date_key = "data" if brief.coming_census is None else "plan"
        yield _start(words, date_key, day, year=str(brief.coming_census))
        counts = _say(
            words,
            "units_text",
            treat=len(advertised),
            holdout=int((arms == Arm.HOLDOUT).sum()),
            buffer=int((arms == Arm.BUFFER).sum()),
        )
        yield _start(words, "units", counts)
        if context.test_warning:
            yield _start(words, "test", _retell(context.test_warning, words))

        # Its money, its name, and the most ads for a household.
        yield from self._describe_money(advertised, words)
        yield _start(words, "call", context.name_campaign(self.rules.name_length))
        yield " " * _MARGIN + _say(words, "call_text")
        if "frequency_cap" in advertised:
            cap = _say(words, "cap_text", count=int(advertised["frequency_cap"].max()))
            yield _start(words, "cap", cap)

    def _describe_money(self, advertised: DataFrame[Targets], words: Words) -> Iterator[str]:
        """Say what the media cost, what comes on top, and whose money it is."""
        budget_usd = float(advertised["budget_usd"].sum())
        first, last = find_flight_days(self.context.brief, self.targets)
        days = (last - first).days + 1
        media = _say(
            words,
            "media_text",
            money=words.price(budget_usd),
            daily=words.price(float(floor_cents(budget_usd / days))),
            count=days,
            start=words.date(first),
            end=words.date(last),
        )
        yield _start(words, "media", media)
        yield from self._describe_fees(advertised, words)
        is_share = f"budget_{self.rules.platform}_usd" in self.targets
        yield " " * _MARGIN + _say(words, "share_of_plan" if is_share else "whole_plan")

    def _describe_fees(self, advertised: DataFrame[Targets], words: Words) -> Iterator[str]:
        """Say what comes on top of the media, who bills it, and what both come to."""
        own = f"fee_{self.rules.platform}_usd"
        name = own if own in advertised else "fee_usd"
        if name not in advertised:
            return
        brief, fee_usd = self.context.brief, float(advertised[name].sum())
        fees = _say(
            words,
            "fees_text",
            money=words.price(fee_usd),
            percent=f"{brief.fee_percent:g}%",
            biller=_say(words, f"billed_{brief.fee_billed_by}"),
        )
        yield _start(words, "fees", fees)
        together_usd = float(advertised["budget_usd"].sum()) + fee_usd
        yield _start(words, "together", words.price(together_usd))

    def _list_campaigns(self, words: Words) -> Iterator[str]:
        """Say what each campaign, ad set, or list is called, what it spends, and links to."""
        rules, context = self.rules, self.context
        places = [
            place
            for place in choose_places(self.targets, rules, context)
            if place.code not in self.unmatched_zips
        ]
        first, last = find_flight_days(context.brief, self.targets)
        days = (last - first).days + 1
        for part in make_parts(places, self.targets, rules, context.brief.languages):
            daily_usd = float(floor_cents(part.budget_usd / days))
            spent = _say(
                words,
                "campaign_text",
                count=len(part.places),
                money=words.price(part.budget_usd),
                daily=words.price(daily_usd),
            )
            yield f"  {context.name_campaign(rules.name_length, part.title)}"
            yield f"      {spent}"
            yield f"      {write_utm(rules.platform, part, context)}"

    def _list_doubts(self, words: Words) -> Iterator[str]:
        """List the facts behind the files that the platform itself does not confirm.

        Rules about job ads matter only to campaigns that recruit.
        """
        irrelevant = ("checklist", "tables", "recruitment")[: 2 + (not self.context.brief.recruits)]
        for address, fact in self.rules.facts():
            if fact.status is Status.VERIFIED or address.startswith(irrelevant):
                continue
            value = ", ".join(fact.value) if isinstance(fact.value, tuple) else f"{fact.value}"
            yield f"{address} = {value} ({_name_status(fact, words)}: {fact.source})"

    def _list_old(self, words: Words) -> list[str]:
        """Say which facts nobody compared with their source for six months."""
        today = self.context.today
        old = list_old_facts(self.rules, today) if today else []
        if not old:
            return []
        facts = [
            _say(words, "old_fact", address=address, date=words.date(checked))
            for address, checked in old
        ]
        return ["", _say(words, "old"), *(f"  - {fact}" for fact in facts)]


def _say(words: Words, key: str, **values: object) -> str:
    """Return a text of the checklist."""
    return words.say(f"checklist.{key}", **values)


def _start(words: Words, key: str, text: str, **values: object) -> str:
    """Return a line with its title in the margin."""
    return f"{_say(words, key, **values):<{_MARGIN - 1}} {text}"


def _retell(sentence: str, words: Words) -> str:
    """Say a sentence of the rules or the check in the language, if its catalog has it."""
    return retell(sentence, words, *_SECTIONS).text


def _name_status(fact: Fact[Any], words: Words) -> str:
    """Say how far a fact can be trusted."""
    return _say(words, f"status_{make_slug(fact.status.value).replace('-', '_')}")
