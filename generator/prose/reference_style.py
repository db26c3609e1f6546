"""The style of the bibliography: pybtex's unsrt style, corrected.

unsrt omits the volume of an article without pages and the publisher of a data set, takes every eprint for one on arXiv,
and sets titles in all languages in sentence case.
"""

from __future__ import annotations

import re
from typing import Any

from pybtex.database import Entry
from pybtex.style.formatting import toplevel
from pybtex.style.formatting.unsrt import Style, date, pages
from pybtex.style.template import field, first_of, join, optional, optional_field, sentence, tag, words

_ENGLISH = re.compile(r"(?:en|english|(?:us|uk)english|american|british|canadian|australian|newzealand)(?:[-_].*)?")


def is_english(entry: Entry) -> bool:
    """Whether a title is English; assumed if the entry names no language."""
    language = entry.fields.get("langid") or entry.fields.get("language") or "english"
    return _ENGLISH.fullmatch(language.strip().lower()) is not None


class ReferenceStyle(Style):  # type: ignore[misc]  # pybtex has no types
    """The style of the article's references."""

    def format_title(self, e: Entry, which_field: str, as_sentence: bool = True) -> Any:
        """Sets English titles in sentence case, except for text in braces; other languages keep their capitals."""
        title = field(which_field, apply_func=lambda text: text.capitalize()) if is_english(e) else field(which_field)
        return sentence[title] if as_sentence else title

    def get_article_template(self, e: Entry) -> Any:
        number = join["(", field("number"), ")"]
        where = first_of[optional[join[":", pages]], optional[join[":", field("eid")]]]
        volume = first_of[
            optional[join[field("volume"), optional[number], where]],
            optional[join["(", field("number"), ")", where]],
            optional[words["pages", pages]],
            optional_field("eid"),
        ]
        return toplevel[
            self.format_names("author"),
            self.format_title(e, "title"),
            sentence[tag("em")[field("journal")], volume, date],
            sentence[optional_field("note")],
            self.format_web_refs(e),
        ]

    def get_misc_template(self, e: Entry) -> Any:
        return toplevel[
            optional[sentence[self.format_names("author")]],
            optional[self.format_title(e, "title")],
            sentence[
                optional_field("howpublished"),
                optional[words["version", field("version")]],
                optional_field("organization"),
                optional_field("institution"),
                optional_field("publisher"),
                optional_field("address"),
                optional[date],
            ],
            sentence[optional_field("note")],
            self.format_web_refs(e),
        ]

    def format_eprint(self, e: Entry) -> Any:
        archive = e.fields.get("eprinttype", "arXiv")
        if archive.lower() == "arxiv":
            return super().format_eprint(e)
        return join[archive, ":", field("eprint", raw=True)]
