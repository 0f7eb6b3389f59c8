"""Write the headers that keep a page from doing what it should not."""

import base64
import hashlib
import re

_INLINE_SCRIPT = re.compile(r"<script(?:\s[^>]*)?>(.*?)</script>", re.DOTALL)
#: The portal's own pages: only its own files, no frames, no plugins, forms only to itself.
OWN_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: What every answer carries.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=()",
}


def make_page_policy(page: bytes) -> str:
    """Return the policy of a stored page, such as a map: its own scripts by hash, no connection.

    Parameters
    ----------
    page
        The HTML as it is sent. It has its styles, pictures, and data inside.
    """
    scripts = _INLINE_SCRIPT.findall(page.decode("utf-8", errors="replace"))
    hashes = " ".join(sorted({_hash_script(script) for script in scripts})) or "'none'"
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:;"
        " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def _hash_script(script: str) -> str:
    """Return a script's hash as a content security policy writes it."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
