"""Renders templates: the one Jinja2 environment, shared by the exhibits, the page, and the PDF.

Every value is escaped unless a record marks it as HTML, and an unknown name is an error. A fault in a template is
reported with its file and line, since authors also edit templates.
"""

from __future__ import annotations

import base64
import traceback
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from generator.core import formatting
from generator.core.errors import Place, ReportError
from generator.core.paths import TEMPLATES

DIGEST_GROUP = 8  # digits: the digests of Git and of SHA-256 are whole numbers of groups


def render(name: str, **context: object) -> str:
    """The template `name` of templates/ rendered with `context`. Raises ReportError when the template is at fault."""
    try:
        return environment().get_template(name).render(context)
    except ReportError:
        raise
    except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        what = f"The template failed: {type(error).__name__}: {error}"
        raise ReportError(what, _place(error, name), "Fix the template and build again.") from error


@cache
def environment() -> Environment:
    """The environment of templates/: everything is escaped, and undefined names are errors."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        day=formatting.written_date,
        counted=formatting.counted,
        listed=formatting.listed,
        integer=formatting.integer,
        significant=formatting.significant,
        p=formatting.written_p,
        probability=formatting.probability,
        dimensions=formatting.dimensions,
        interval=formatting.interval,
        as_text=formatting.as_text,
        bound=bound,
        data_uri=data_uri,
        digest=digest,
    )
    return made


@pass_context
def bound(context: Context, text: str, value: object, name: str) -> Markup:
    """A number with its value and a link to the origin of the result with this name (generator.render.links)."""
    linked: Markup = context["bind"](text, value, name)
    return linked


def data_uri(png: bytes) -> str:
    """The data: address of a PNG file, for a self-contained page."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def digest(text: str) -> Markup:
    """A hexadecimal digest, which may continue on the next line only after a group of digits."""
    return Markup("<wbr>").join(text[start : start + DIGEST_GROUP] for start in range(0, len(text), DIGEST_GROUP))


def _place(error: Exception, name: str) -> Place:
    """The innermost template line that led to the error; Jinja2 puts these into the traceback."""
    lineno, filename = getattr(error, "lineno", None), getattr(error, "filename", None)
    if lineno and filename:
        return Place(Path(filename), lineno)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(TEMPLATES):
            return Place(Path(frame.filename), frame.lineno)
    return Place(TEMPLATES / name)
