"""Converts entries written for biblatex, or by Zotero, to the kinds and fields of BibTeX that the style knows.

This module checks nothing, and leaves a field that BibTeX does not have as it is.

Source: the biblatex package, "Database guide", sections "Entry types" and "Entry fields".
"""

from __future__ import annotations

import re

from pybtex.database import Entry

_KINDS = {
    "conference": "inproceedings", "electronic": "online", "www": "online", "report": "techreport",
    "mvbook": "book", "reference": "book", "mvreference": "book", "inreference": "incollection",
    "collection": "proceedings", "mvcollection": "proceedings", "mvproceedings": "proceedings",
    "bookinbook": "inbook", "suppbook": "inbook", "suppcollection": "incollection", "suppperiodical": "article",
}  # fmt: skip
_FIELDS = {"journaltitle": "journal", "location": "address", "archiveprefix": "eprinttype"}
_SUBTITLES = {"title": "subtitle", "booktitle": "booksubtitle", "journal": "journalsubtitle"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_THESES = {"phdthesis": "PhD thesis", "mathesis": "Master's thesis", "bathesis": "Bachelor's thesis"}
_REPORTS = {"techreport": "Technical Report", "resreport": "Research Report"}
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d?))?(?:-\d\d?)?(?:T[\d:Z+-]*)?(?:/.*)?")


def normalize(entry: Entry) -> None:
    """Converts the kind and the fields of an entry to BibTeX's; a field given in both forms keeps BibTeX's value."""
    fields = entry.fields
    for name in [name for name, value in fields.items() if not value.strip()]:
        del fields[name]
    for name, plain in _FIELDS.items():
        if name in fields:
            fields.setdefault(plain, fields[name])
    for name, more in _SUBTITLES.items():
        if name in fields and more in fields:
            fields[name] = f"{fields[name]}: {fields.pop(more)}"
    _set_date(entry)
    entry.type = _KINDS.get(entry.type, entry.type)
    if entry.type == "thesis":
        _set_thesis(entry)
    elif entry.type == "techreport" and fields.get("type", "") in _REPORTS:
        fields["type"] = _REPORTS[fields["type"]]
    if fields.get("eprinttype", "").lower() == "pubmed" and "eprint" in fields:
        fields.setdefault("pubmed", fields["eprint"])


def _set_date(entry: Entry) -> None:
    date = _DATE.fullmatch(entry.fields.get("date", "").strip())
    if date:
        entry.fields.setdefault("year", date["year"])
        if date["month"]:
            entry.fields.setdefault("month", date["month"])
    elif "date" in entry.fields:
        entry.fields.setdefault("year", entry.fields["date"])
    month = entry.fields.get("month", "")
    if re.fullmatch(r"0?[1-9]|1[0-2]", month):
        entry.fields["month"] = _MONTHS[int(month) - 1]


def _set_thesis(entry: Entry) -> None:
    kind = entry.fields.get("type", "phdthesis")
    entry.type = "phdthesis"
    entry.fields["type"] = _THESES.get(kind, kind)
    if "institution" in entry.fields:
        entry.fields.setdefault("school", entry.fields["institution"])
