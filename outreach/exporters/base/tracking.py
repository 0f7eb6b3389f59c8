"""Write the parameters by which a website tells the campaigns of its visitors apart."""

from urllib.parse import urlencode

from outreach.exporters.base.exporter import ExportContext
from outreach.exporters.base.parts import Part
from outreach.files import make_slug

#: What all campaigns of the service have in common.
_MEDIUM = "paid"


def write_utm(platform: str, part: Part, context: ExportContext) -> str:
    """Return the UTM parameters of a part's ads, such as ``utm_source=google&utm_medium=paid``.

    ``utm_campaign`` is the planner's name and the tag of the campaign's name, ``utm_content`` the
    language and the part.
    """
    campaign = f"{make_slug(context.brief.name)}-{context.tag}".lower()
    content = make_slug(part.title) if part.title else "all"
    return urlencode(
        {
            "utm_source": platform,
            "utm_medium": _MEDIUM,
            "utm_campaign": campaign,
            "utm_content": content,
        }
    )
