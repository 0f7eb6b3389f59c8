"""Build Folium pages that open from a file without a network.

Leaflet and everything else is inside the page, and a security policy lets nothing else run.

Leaflet 1.9.4 comes from the installed package ``js_lib_leaflet`` (PyPI: django-js-lib-leaflet).
"""

import base64
import hashlib
import json
import re
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import folium
import js_lib_leaflet
from branca.element import Element, Figure
from folium.template import Template

import maps
from outreach.phrasing import strip_overrides

_LEAFLET = resources.files(js_lib_leaflet) / "static" / "js_lib_leaflet"
_ASSETS = resources.files(maps) / "assets"

#: The page's own scripts. They hold only functions, so their order does not matter.
_SCRIPTS = tuple(
    """
    words languages tables ground paper cased context labels areas streets locate districts dots
    pair compare sites units legend chart people reasons popup panel list turfs lasso turf_panel
    search season share snapshot sheet address main
    """.split()  # noqa: SIM905  a list of words
)

#: Indents, blank lines, and lines of comment.
_FOR_AUTHORS = re.compile(r"^[ ]*(?://.*)?\n|^[ ]+", re.MULTILINE)
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def read_asset(name: str) -> str:
    """Return one of our own scripts, styles or templates."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def read_leaflet_script() -> str:
    """Return Leaflet's script without the link to its source map."""
    return (
        (_LEAFLET / "leaflet.js").read_text(encoding="utf-8").partition("//# sourceMappingURL")[0]
    )


def read_leaflet_style() -> str:
    """Return Leaflet's style with its pictures inline."""
    return _inline_images((_LEAFLET / "leaflet.css").read_text(encoding="utf-8"))


def dump_json(data: Any) -> str:
    """Write JSON that is safe inside a page.

    It has no ``<``, no line separators of scripts, and no marks that turn the text around them.
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    text = strip_overrides(text)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _inline_images(css: str) -> str:
    """Replace the picture links of a stylesheet with data addresses."""

    def embed(match: re.Match[str]) -> str:
        picture = base64.b64encode((_LEAFLET / match[1]).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{picture})"

    return re.sub(r"url\((images/[\w.-]+)\)", embed, css)


def _shorten(script: str) -> str:
    """Leave out what only authors of a script read; no text of ours runs over several lines."""
    return _FOR_AUTHORS.sub("", script)


def find_origin(address: str) -> str:
    """Return scheme, host, and port of a web address, as a content security policy writes them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


class Page(Figure):
    """The HTML page around a map, with a content security policy.

    The policy allows the page's own scripts by their hash and no connection. A script hidden in a
    name could not run even if it were not shown as text.

    Parameters
    ----------
    title
        The document's title, any text.
    pictures
        The one web origin whose pictures the page may show; empty for none.
    """

    _template = Template(read_asset("page.html.j2"))

    def __init__(self, title: str, pictures: str = "") -> None:
        super().__init__(title=strip_overrides(title))
        self._pictures = pictures
        self.header._children.clear()  # noqa: SLF001  our template sets the character set

    def render(self, **kwargs: object) -> str:
        """Return the page as HTML."""
        page: str = super().render(**kwargs)
        hashes = " ".join(_hash_script(script) for script in _INLINE_SCRIPT.findall(page))
        pictures = f"data: {self._pictures}".strip()
        policy = (
            f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline';"
            f" img-src {pictures}; base-uri 'none'"
        )
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        return page.replace('<meta charset="utf-8">', f'<meta charset="utf-8">\n{meta}', 1)


def _hash_script(script: str) -> str:
    """Return a script's hash as a content security policy writes it."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


class Verbatim(Element):
    """Text that goes into the page unchanged.

    Branca renders the output of a macro once more as a template; a tract named ``{{ ... }}`` would
    then run in this process.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_: object) -> str:
        """Return the text."""
        return self._text


class OfflineMap(folium.Map):
    """A Folium map without content networks, with search, panel, legend, and popup.

    Parameters
    ----------
    heading
        The page's heading, any text.
    payload
        The page's data as JSON without any ``<``.
    """

    _template = Template(read_asset("map.html.j2"))
    default_js = []  # noqa: RUF012  as in Folium
    default_css = []  # noqa: RUF012

    def __init__(self, heading: str, payload: str) -> None:
        super().__init__(tiles=None, prefer_canvas=True, zoom_snap=0.1, attribution_control=False)
        self._id = "tracts"  # the same tables make the same page, byte by byte
        self.heading = strip_overrides(heading)
        self.payload = payload
        self.javascript = "\n".join(
            [read_leaflet_script(), *(_shorten(read_asset(f"{name}.js")) for name in _SCRIPTS)]
        )
        self.css = read_leaflet_style() + read_asset("map.css")

    def render(self, **kwargs: object) -> str:
        """Render header, layout, and script once into the page, then the map's own elements."""
        page = self.get_root()
        for part in ("header", "html", "script"):
            text = getattr(self._template.module, part)(self, kwargs)
            getattr(page, part).add_child(Verbatim(text), name=self.get_name())
        for child in self._children.values():
            child.render(**kwargs)
        return ""
