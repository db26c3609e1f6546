"""Templates become text: the one Jinja2 environment, shared by the exhibits, the page and the PDF.

Every value is escaped unless a record vouches for it as HTML, and a name that does not exist is an error. A
fault in a template is told with its file and line, since authors edit templates too.
"""

from __future__ import annotations

import base64
import traceback
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from generator.core.errors import Place, ReportError
from generator.core.formatting import (
    as_text,
    counted,
    dimensions,
    listed,
    written_date,
    written_number,
    written_p,
    written_probability,
)
from generator.core.paths import TEMPLATES


def render(name: str, **context: object) -> str:
    """The template `name` of templates/ with `context`; raises ReportError when the template is at fault."""
    try:
        return environment().get_template(name).render(context)
    except ReportError:
        raise
    except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        what = f"The template failed: {type(error).__name__}: {error}"
        raise ReportError(what, _place(error, name), "Mend the template and build again.") from error


@cache
def environment() -> Environment:
    """The environment of templates/: everything escaped, nothing undefined."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        day=written_date,
        counted=counted,
        listed=listed,
        number=written_number,
        p=written_p,
        probability=written_probability,
        dimensions=dimensions,
        bound=bound,
        as_text=as_text,
        data_uri=data_uri,
    )
    return made


def bound(text: str, value: object, name: str) -> Markup:
    """A number of an exhibit, marked with the name of the result that it is, so that it leads to its origin."""
    return Markup('<data value="{}" data-name="{}">{}</data>').format(value, name, text)


def data_uri(png: bytes) -> str:
    """The data: address of a PNG file, for a page that stands alone."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _place(error: Exception, name: str) -> Place:
    """The innermost template line on the way to the error; Jinja2 puts these into the traceback."""
    lineno, filename = getattr(error, "lineno", None), getattr(error, "filename", None)
    if lineno and filename:
        return Place(Path(filename), lineno)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(TEMPLATES):
            return Place(Path(frame.filename), frame.lineno)
    return Place(TEMPLATES / name)
