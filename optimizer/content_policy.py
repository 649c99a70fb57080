"""What a browser may do with a page of ours: run its own scripts and styles, ask for nothing."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256


def content_policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """Content-security policy: these inline scripts and styles, pictures within the page alone."""
    return "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            f"style-src {' '.join(map(hash_source, styles))}",
            f"script-src {' '.join(map(hash_source, scripts))}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def hash_source(text: str) -> str:
    """How a policy names an inline script or style."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"
