"""The page's Content-Security-Policy: what a browser may do with it, written into the page itself.

Nothing is loaded and nothing is sent: pictures and fonts are part of the page, and no address is asked for. A script
runs if its SHA-256 digest is in the policy, so that one which found its way into the text stays text. Styles are not
told apart, since none of them can reach out.

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
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _source(script: str) -> str:
    """The source expression that allows one script, by its digest."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
