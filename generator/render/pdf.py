"""Typesets the PDF with WeasyPrint, isolated from the machine and the clock.

WeasyPrint may use only the bytes that it is given: no files, no network, and no fonts of the machine. Anything that it
would only warn about fails the build. The same HTML gives the same bytes in any process on any day. The file claims
conformance to both PDF/UA-1 (tagged, for screen readers) and PDF/A-3a (archival); WeasyPrint and the style sheet meet
their requirements. `pagination` decides where figures go.

WeasyPrint needs Pango, so it is imported only for typesetting.
"""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import re
import tempfile
import warnings
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.core.errors import ReportError
from generator.core.formatting import first_few
from generator.records.attachment import Attachment
from generator.render import doctor
from generator.render.fonts import require_glyphs
from generator.render.pdf_hyphenation import hyphens_limited
from generator.render.pdf_layout import figures_moved

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

MAX_COMPLAINTS = 3
_ADDRESS = re.compile(r'src="(data:[^"]*)"')
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)

# WeasyPrint identifies only one variant, PDF/A. PDF/UA's identification is added here, with the schema by which PDF/A
# allows a property that it does not define itself (ISO 19005-3, 6.6.2.3).
UA_METADATA = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about=""
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def typeset(html: str, files: Mapping[str, bytes], date: datetime, attachments: Sequence[Attachment] = ()) -> bytes:
    """The PDF of `html`, a whole document; `files` contains what it may refer to, mainly fonts, by address.

    `date`, in UTC, is that of the document and of its attachments.

    Raises ReportError when WeasyPrint cannot be loaded or reports anything, when the document refers to something that
    is not in `files`, and when no font in `files` has a character of the text.
    """
    require_glyphs(_ADDRESS.sub("", html), _fonts(files))
    weasyprint = _weasyprint()
    # WeasyPrint does not close its color profile, which does not matter to someone who builds a paper.
    quiet = warnings.catch_warnings(action="ignore", category=ResourceWarning)
    with _complaints() as complaints, quiet, figures_moved(), hyphens_limited(), _without_collection():
        document, pictures = _with_short_addresses(html)
        fetcher = _closed_fetcher(files, pictures, attachments)
        fonts = _closed_font_configuration(files, fetcher)
        parsed = weasyprint.HTML(string=document, url_fetcher=fetcher)
        rendered = parsed.render(font_config=fonts, pdf_variant="pdf/a-3a")
        rendered.metadata.created = rendered.metadata.modified = f"{date:%Y-%m-%dT%H:%M:%SZ}"
        pdf: bytes = rendered.write_pdf(
            finisher=_declare_accessible,
            pdf_identifier=_identifier(html, files, date, attachments),
            attachments=[_attached(each, date, fetcher) for each in sorted(attachments, key=lambda each: each.name)],
            pdf_variant="pdf/a-3a",
        )
    if complaints:
        step = "Fix the prose, the template, or the style sheet that it names."
        raise ReportError(_complaints_line(complaints), "PDF", step)
    return pdf


def _fonts(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {url: content for url, content in files.items() if url.startswith("font:")}


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:
        doctor.examine()  # names what is missing and how to install it, if it can
        raise ReportError(f"WeasyPrint cannot load the libraries it sets type with: {error}", "PDF") from None
    return weasyprint


def _with_short_addresses(html: str) -> tuple[str, dict[str, str]]:
    """The document with short addresses for the pictures inside it, and their data: addresses by the short ones.

    WeasyPrint processes every character of an address, and computes the style of every element of a drawing.
    """
    pictures: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        short = f"{match[1].partition(',')[0]},picture-{len(pictures)}"
        pictures[short] = match[1]
        return f'src="{short}"'

    return _ADDRESS.sub(name, _DRAWING.sub(_as_picture, html)), pictures


def _as_picture(drawing: re.Match[str]) -> str:
    """A drawing in the document, converted to a picture; its title becomes the alternative text."""
    title = re.search(r"<title>(.*?)</title>", drawing[0], re.DOTALL)
    alternative = title[1].replace('"', "&quot;") if title else ""
    content = b64encode(drawing[0].encode()).decode()
    return f'<img alt="{alternative}" src="data:image/svg+xml;base64,{content}">'


@contextmanager
def _without_collection() -> Iterator[None]:
    """Turns off garbage collection, which would search the many objects that WeasyPrint keeps to the end repeatedly."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _closed_fetcher(
    files: Mapping[str, bytes], pictures: Mapping[str, str], attachments: Sequence[Attachment]
) -> URLFetcher:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    attached = {_address(attachment): attachment for attachment in attachments}

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        """Serves only the given files, and pictures that are part of the document as data: addresses."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
            if url in files:
                return URLFetcherResponse(url, files[url])
            if url in pictures:
                return super().fetch(pictures[url], headers)
            if url in attached:
                return URLFetcherResponse(url, attached[url].content, {"Content-Type": attached[url].kind})
            return super().fetch(url, headers)

    return ClosedFetcher(allowed_protocols=("data",), allow_redirects=False)


def _address(attachment: Attachment) -> str:
    return f"attachment:{attachment.name}"


def _attached(attachment: Attachment, date: datetime, fetcher: URLFetcher) -> Any:
    """The attachment in WeasyPrint's form, loaded through the fetcher, which knows its media type."""
    import weasyprint

    return weasyprint.Attachment(
        url=_address(attachment),
        url_fetcher=fetcher,
        name=attachment.name,
        description=attachment.description,
        relationship=attachment.relationship,
        created=date,
        modified=date,
    )


def _closed_font_configuration(files: Mapping[str, bytes], fetcher: URLFetcher) -> FontConfiguration:
    """A font configuration without the machine's fonts and rules, and initially with one font of `files`.

    Pango crashes if it has no face at all, as when a style sheet declares none. Fontconfig takes its configuration from
    a file, which only an environment variable can select.
    """
    from weasyprint.text.fonts import FontConfiguration

    before = os.environ.get("FONTCONFIG_FILE")
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "fonts.conf"
        empty.write_text("<?xml version='1.0'?><fontconfig/>")
        os.environ["FONTCONFIG_FILE"] = str(empty)
        try:
            configuration = FontConfiguration()
        finally:
            del os.environ["FONTCONFIG_FILE"]
            if before is not None:
                os.environ["FONTCONFIG_FILE"] = before
    for url in sorted(_fonts(files))[:1]:
        configuration.add_font_face({"font_family": "any", "src": [("external", url)]}, fetcher)
    return configuration


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collects WeasyPrint's warnings and errors, however logging is configured."""
    told: list[str] = []
    logger = logging.getLogger("weasyprint")
    level, propagate = logger.level, logger.propagate
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield told
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


def _complaints_line(complaints: list[str]) -> str:
    """The first distinct complaints, shortened, since an address can contain a whole picture."""
    distinct = [text if len(text) < 300 else f"{text[:300]}…" for text in dict.fromkeys(complaints)]
    return f"WeasyPrint reports: {first_few(distinct, MAX_COMPLAINTS, '; ')}"


def _identifier(html: str, files: Mapping[str, bytes], date: datetime, attachments: Sequence[Attachment]) -> bytes:
    """The file's identifier (ISO 32000-1, 14.4), derived from its content instead of the clock."""
    digest = hashlib.sha256(f"{date:%Y%m%d%H%M%S} {html}".encode())
    parts = dict(files) | {_address(attachment): attachment.content for attachment in attachments}
    for url in sorted(parts):
        digest.update(url.encode() + b"\0" + hashlib.sha256(parts[url]).digest())
    return digest.hexdigest()[:32].encode()


def _declare_accessible(document: Any, pdf: Any) -> None:
    """Adds PDF/UA's identification to the metadata, and leaves the metadata uncompressed for archives to read.

    It also removes duplicates from the list of associated files, in which WeasyPrint writes the document's files twice.
    """
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    metadata.stream = [part.replace(b"</rdf:RDF>", UA_METADATA + b"</rdf:RDF>") for part in metadata.stream]
    metadata.compress = False
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
