"""One HTML page that holds its scripts, styles and data, and that a browser lets do nothing else.

The content-security policy names the hash of every script and style, and allows no request. Texts
of an instance come as JSON that cannot end its element; the scripts show them as text alone.
"""

import json
from collections.abc import Mapping
from html import escape
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from optimizer.content_policy import content_policy
from optimizer.countries import FILE as COUNTRIES

OWN = files("optimizer.maps")
SCRIPTS = ("read.js", "places.js", "colours.js", "drawing.js", "cards.js", "page.js")
LEAFLET = distribution("XStatic-Leaflet")


def page(content: Mapping[str, Any]) -> str:
    """HTML of a map.

    Parameters
    ----------
    content : what `map_content` gives.
    """
    scripts = [leaflet("leaflet.js"), *(own(name) for name in SCRIPTS)]
    styles = [without_images(leaflet("leaflet.css")), own("map.css")]
    return Template(own("map.html")).substitute(
        policy=content_policy(scripts, styles),
        title=escape(content["title"]),
        styles="\n".join(f"<style>{style}</style>" for style in styles),
        content=as_json(content),
        countries=as_json(json.loads(COUNTRIES.read_text(encoding="utf-8"))),
        scripts="\n".join(f"<script>{script}</script>" for script in scripts),
    )


def own(name: str) -> str:
    """A file of this package."""
    return (OWN / name).read_text(encoding="utf-8")


def leaflet(name: str) -> str:
    """A file of Leaflet; its package on PyPI is nothing but a place for these."""
    path = Path(str(LEAFLET.locate_file(f"xstatic/pkg/leaflet/data/{name}")))
    # The map of its source would be asked for where somebody opens a browser's tools.
    return path.read_text(encoding="utf-8").partition("//# sourceMappingURL")[0]


def without_images(style: str) -> str:
    """Leaflet's style without pictures of markers and buttons, which the map does not use."""
    return "\n".join(line for line in style.splitlines() if "url(" not in line)


def as_json(content: object) -> str:
    """JSON for a script element, which no text in it can end."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})
