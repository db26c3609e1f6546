"""The page's Content-Security-Policy: what a browser may do with it, written into the page itself.

The page loads nothing and sends nothing: pictures and fonts are part of it, and its scripts ask for no address. They
could reach its own site alone, which is allowed so that tools that judge the page from inside, as Lighthouse does,
can read robots.txt beside it; a page opened from a file has no site. A script runs if its SHA-256 digest is in the
policy, so that one which found its way into the text stays text. Styles are not told apart, since none of them can
reach out.

Source: Content Security Policy Level 3, W3C Working Draft (https://www.w3.org/TR/CSP3/).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence


def policy(scripts: Sequence[str]) -> str:
    """The policy of a page whose inline scripts are `scripts`, each as it is between its tags."""
    allowed = " ".join(_source(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


def _source(script: str) -> str:
    """The source expression that allows one script, by its digest."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
