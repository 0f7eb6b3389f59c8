"""Word the answers and HTML pages of the Census Data API's web server."""

from dataclasses import dataclass

JSON, TEXT, HTML = (
    "application/json;charset=utf-8",
    "text/plain;charset=utf-8",
    "text/html;charset=utf-8",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a media type, and a body."""

    status: int
    media: str
    body: str


def make_page(title: str, text: str, status: int = 200) -> Answer:
    """Return an HTML page as the service's web server writes it."""
    return Answer(
        status,
        HTML,
        f"<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1>\n<p>{text}</p></body>\n"
        "</html>\n",
    )


MISSING_KEY = make_page(
    "Missing Key",
    "A valid <em>key</em> must be included with each data API request. You included none with this"
    " request.",
)
INVALID_KEY = make_page(
    "Invalid Key",
    "You included a key with this request, however, it is not valid. Please check your key and try"
    " again.",
)
NOT_FOUND = make_page(
    "HTTP Status 404 - Not Found",
    "The origin server did not find a current representation for the target resource.",
    404,
)
