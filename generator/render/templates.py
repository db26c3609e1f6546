"""Templates become text: the one Jinja2 environment, shared by the exhibits, the page and the PDF.

Every value is escaped unless a record vouches for it as HTML, and a name that does not exist is an error. A
fault in a template is told with its file and line, since authors edit templates too.
"""

from __future__ import annotations

import base64
import datetime
import math
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from generator.core.errors import Place, ReportError
from generator.core.paths import TEMPLATES
from generator.core.wording import NO_BREAK_SPACE, written


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
        listed=listed,
        number=written_number,
        probability=written_probability,
        dimensions=dimensions,
        bound=bound,
        as_text=as_text,
        data_uri=data_uri,
    )
    return made


def written_date(date: datetime.date) -> str:
    """28 August 2025."""
    return f"{date.day} {date:%B %Y}"


def listed(names: Sequence[str]) -> str:
    """A; A and B; A, B and C."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def written_number(value: float) -> str:
    """Three significant digits, as a reader writes them: 0, 0.0431, 3.71, 1,250, −2.5."""
    if value == 0 or not math.isfinite(value):
        return f"{value:.0f}"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}" if places <= 6 else f"{value:.2e}"
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "\N{MINUS SIGN}")


def written_probability(value: float) -> str:
    """Three decimals; one that rounding would make certain is "over 0.999"."""
    return "over 0.999" if value >= 0.9995 else f"{value:.3f}"


def dimensions(shape: Sequence[int | None]) -> str:
    """26 × 26 × 32, in one piece."""
    return f"{NO_BREAK_SPACE}×{NO_BREAK_SPACE}".join(str(size) for size in shape)


def bound(text: str, value: object, name: str) -> Markup:
    """A number of an exhibit, marked with the name of the result that it is, so that it leads to its origin."""
    return Markup('<data value="{}" data-name="{}">{}</data>').format(value, name, text)


def as_text(value: object) -> str:
    """Any result as a reader expects it: yes or no, numbers in a list."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(as_text, value))
    return written(value)


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
