"""Write and read the names that campaigns have on ad platforms."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from outreach.spreadsheet import defuse_text
from outreach.units import Arm

#: How many characters of the plan's hash, or of the run's name, go into a campaign's name on a
#: platform. The command line finds a run by these first characters.
TAG_LENGTH = 19

_BETWEEN = " | "
_ENDING = re.compile(
    rf"^(?P<campaign>.*?)\s*\|\s*(?P<arm>{'|'.join(Arm)})\s*\|\s*(?P<tag>[0-9a-fT-]{{6,{TAG_LENGTH}}})"
    r"(?:\s*\|\s*(?P<languages>[a-z]{2,3}(?:-\w+)*(?:\+[a-z]{2,3}(?:-\w+)*)*))?"
    r"(?:\s*\|\s*part (?P<part>\d+))?\s*$"
)


@dataclass(frozen=True, slots=True)
class AdName:
    """What the name of a campaign, an ad set, or a line item says.

    Parameters
    ----------
    campaign
        The planner's name, perhaps shortened.
    arm
        The arm of the test that the ads belong to.
    tag
        The start of the hash of the test plan, or of the run's name.
    languages
        Codes of the languages of the ads; empty where the name has none.
    part
        Which part of a list that did not fit into one campaign.
    """

    campaign: str
    arm: Arm
    tag: str
    languages: tuple[str, ...] = ()
    part: int = 1


def write_part(languages: Sequence[str], number: int) -> str:
    """Return languages and part of a name: ``es``, or ``es | part 2`` from the second part on."""
    words = ["+".join(languages)] if languages else []
    return _BETWEEN.join(words + ([f"part {number}"] if number > 1 else []))


def write_ad_name(campaign: str, tag: str, part: str, max_length: int) -> str:
    """Return a name on a platform: the planner's name, arm, tag, languages, and part.

    Only the planner's name is shortened. The rest is how platform reports join back to the plan.

    Parameters
    ----------
    campaign
        The planner's name.
    tag
        Its first :data:`TAG_LENGTH` characters are used.
    part
        From :func:`write_part`.
    max_length
        The most that the platform takes. The name has no more bytes of UTF-8, so that it fits
        whether the platform counts characters or bytes.
    """
    tail = _BETWEEN.join(["", Arm.TREAT, tag[:TAG_LENGTH], *([part] if part else [])])
    room = max(max_length - len(tail.encode("utf-8")), 1)
    head = defuse_text(campaign).encode("utf-8")[:room].decode("utf-8", errors="ignore").strip()
    return f"{head or 'Campaign'}{tail}"


def read_ad_name(text: str) -> AdName | None:
    """Return what a name on a platform says; ``None`` if :func:`write_ad_name` did not write it.

    Blanks around the bars make no difference, because platforms trim them.
    """
    found = _ENDING.match(text.strip())
    if found is None:
        return None
    return AdName(
        campaign=found["campaign"],
        arm=Arm(found["arm"]),
        tag=found["tag"],
        languages=tuple(found["languages"].split("+")) if found["languages"] else (),
        part=int(found["part"] or 1),
    )
