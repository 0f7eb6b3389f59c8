"""Follow every link of a portal, as a search engine does."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from fastapi.testclient import TestClient

#: Enough pages for a small portal; an endless one fails the tests that count.
_MOST_PAGES = 300


def crawl(
    client: TestClient, start: str = "/", pattern: str = "/"
) -> Iterator[tuple[str, int, str]]:
    """Yield the address, status, and kind of every page that links lead to.

    Parameters
    ----------
    client
        A browser.
    start
        The first page.
    pattern
        How the links begin that are followed.
    """
    waiting, seen = [start], {start}
    while waiting:
        address = waiting.pop()
        answer = client.get(address, follow_redirects=True)
        kind = answer.headers.get("content-type", "")
        yield address, answer.status_code, kind
        if not kind.startswith("text/html") or address.endswith("/map"):
            continue
        for written in re.findall(r'(?:href|src)="([^"#:]+)[#"]', answer.text):
            link = urljoin(address, written.replace("&amp;", "&"))
            # Each list has many orders and languages; one of each is enough.
            plain = re.sub(r"/files/.*", "/files", link)
            if re.match(pattern, link) and plain not in seen and len(seen) < _MOST_PAGES:
                seen.add(plain)
                waiting.append(link)
