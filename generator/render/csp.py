"""The page's Content-Security-Policy, written into the page itself: what a browser lets the page do.

The page loads and sends nothing: pictures and fonts are part of it, and its scripts make no requests. The policy allows
requests to the page's own site only, so that tools that inspect the page from inside, such as Lighthouse, can read
robots.txt; a page opened from a file has no site. A script runs only if its SHA-256 digest is in the policy, so that a
script that found its way into the text does not run. All styles are allowed, since they cannot send anything.

Source: Content Security Policy Level 3, W3C Working Draft (https://www.w3.org/TR/CSP3/).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence


def policy(scripts: Sequence[str]) -> str:
    """The policy of a page whose inline scripts are `scripts`, each exactly as between its tags."""
    allowed = " ".join(_source(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


def _source(script: str) -> str:
    """The source expression that allows one script, by its digest."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
