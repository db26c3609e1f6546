"""Finds the numbers in the prose that do not come from a run: each must be listed in paper.toml, with a reason.

A number is anything that readers take for one: digits of any script, with their sign, separators, percent sign, and
attached characters (3x3, 10k, 2nd); fractions such as ½; and the words two to twelve, in upper or lower case. Digits
that are part of a name are not numbers: digits after a letter (conv4, float32, F1), or after a hyphen that follows a
word with two capitals (SHA-256, CIFAR-10), unless they have a decimal point or a percent sign, which names do not have.
"One" is not included, because it is often not a number, nor are Chinese numerals, which are words in that language.

The check covers the text of paragraphs, headings, captions, tables, notes, and links, the titles of links, the
alternative text of pictures, the text before a cited key, code that is nothing but a number, and what expressions print
without using a result, or choose instead of one. In equations, it covers decimal fractions and percentages, as results
are; whole numbers there are parts of the formula. It does not cover other code, citations, references to figures and
sections, addresses, or list markers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from markdown_it.token import Token

from generator.core.errors import Place, ReportError, UsageError
from generator.core.formatting import WORDS
from generator.paper import line_of as line_in_toml
from generator.prose.expressions import text_of
from generator.prose.markdown import line_of
from generator.prose.names import paths_in, texts_in
from generator.prose.prose import Prose
from generator.prose.typography import with_dashes

Span = tuple[int, int]

_WORD = rf"(?<!\w)(?P<word>(?i:{'|'.join(WORDS[2:])}))(?!\w)"
_NAME = r"(?:\w*[A-Z]\w*[A-Z]\w*-\d|[^\W\d])\w*(?![.,]?\d|\s?%)"
_NUMBER = r"(?P<number>(?:(?<!\w)[-+±])?\d(?:[.,'_\u00a0\u2009\u202f]?\d)*(?:[eE][-+]?\d+)?\w*(?:\s?%)?)"
_TOKENS = re.compile(f"{_WORD}|{_NAME}|{_NUMBER}")
_LIKE = str.maketrans(
    {
        "−": "-", "–": "-", "‐": "-", "‑": "-", "％": "%", "٪": "%", "‰": "%", "’": "'", "٫": ".", "٬": ",",
        "．": ".", "，": ",",
    }
)  # fmt: skip
_NO_RESULT = re.compile(  # in an equation: lengths, such as 0.5em, and whole numbers
    r"(?:\d+\.?|\.)\d*\s*(?:em|ex|mu|pt|cm|mm)\b|(?<![\d.])\d+(?!\.?\d|\s*%)"
)
_PERCENT = re.compile(r"(?:\s|~|\\[,:; ])*\\%")
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"
_WHOLE = "\ufdd1"
"""Replaces what is no result in equations; a noncharacter of Unicode, so that it is in no other text."""


def numbers_in(text: str) -> list[Span]:
    """The positions of the numbers in a text."""
    found = _TOKENS.finditer(_plain(text))
    return [match.span() for match in found if match["word"] or match["number"]]


def unbound(prose: Prose, literals: Mapping[str, str]) -> list[ReportError]:
    """One error for each number in the prose that is neither bound to a result nor listed."""
    return [_fault(number, Place(prose.path, line)) for number, line in _unlisted(prose, literals)]


def used(prose: Prose, literals: Mapping[str, str]) -> dict[str, str]:
    """The entries of [literals] that match a number in the prose."""
    texts = ["".join(piece for piece, _ in pieces) for pieces in _texts(prose)]
    numbers = [(_alike(text), numbers_in(text)) for text in texts]
    patterns = {literal: [_pattern(literal)] for literal in literals}
    return {
        literal: reason
        for literal, reason in literals.items()
        if any(_excused(text, spans, patterns[literal]) for text, spans in numbers)
    }


def unused(prose: Prose, literals: Mapping[str, str], toml: Path) -> list[str]:
    """A line for the terminal for each entry of [literals] that matches no number in the prose."""
    found = used(prose, literals)
    places = {one: Place(toml, line_in_toml(toml, "literals", one)) for one in literals if one not in found}
    return [f'warning: {place}: no text uses the literal "{one}". Remove it.' for one, place in places.items()]


def check_reasons(literals: Mapping[str, str], toml: Path) -> None:
    """Refuses entries of [literals] that have no reason, or contain no number.

    Raises:
        UsageError: there is such an entry.
    """
    for literal, reason in literals.items():
        place = Place(toml, line_in_toml(toml, "literals", literal))
        if not reason.strip():
            raise UsageError(f'The literal "{literal}" has no reason.', place, "Say why this number is not a result.")
        if not numbers_in(literal):
            raise UsageError(f'The literal "{literal}" contains no number.', place, "Remove it.")


def _fault(number: str, place: Place) -> ReportError:
    next = "Use {{ its.name }}, or list it with a reason under [literals] in paper.toml."
    return ReportError(f'"{number}" is typed by hand.', place, next)


def _unlisted(prose: Prose, literals: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    allowed = [_pattern(literal) for literal in literals]
    for pieces in _texts(prose):
        text = "".join(piece for piece, _ in pieces)
        spans = numbers_in(text)
        excused = _excused(_alike(text), spans, allowed)
        for start, end in spans:
            if (start, end) not in excused:
                yield text[start:end], _line_at(pieces, start)


def _excused(text: str, numbers: list[Span], allowed: Iterable[re.Pattern[str]]) -> set[Span]:
    """The numbers inside a listed phrase, unless the phrase splits one of them."""
    found: set[Span] = set()
    for pattern in allowed:
        for match in pattern.finditer(text):
            touched = [span for span in numbers if span[0] < match.end() and match.start() < span[1]]
            if all(match.start() <= start and end <= match.end() for start, end in touched):
                found.update(touched)
    return found


def _pattern(literal: str) -> re.Pattern[str]:
    """Finds a listed phrase in prose, and in equations, whose whole numbers are replaced."""
    written = (_alike(text).split() for text in (with_dashes(literal), _fractions(literal)))
    either = "|".join(r"\s+".join(map(re.escape, words)) for words in written)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)")


def _plain(text: str) -> str:
    """The text with digits of other scripts as 0, and similar signs in one form; its length does not change."""
    digits = (char if char.isascii() or unicodedata.category(char)[0] != "N" else "0" for char in text)
    return _alike("".join(digits))


def _alike(text: str) -> str:
    """The text with similar signs in one form, and all digits unchanged, so that a listed number excuses no other."""
    return text.translate(_LIKE)


# --- the texts of the prose ------------------------------------------------------------------------

Pieces = list[tuple[str, int]]
"""A text in pieces, each with its line."""


def _texts(prose: Prose) -> Iterator[Pieces]:
    for token in prose.walk():
        if "title" in token.attrs:
            yield [(str(token.attrs["title"]), line_of(token))]
        if token.type in ("math_block", "math_block_label"):
            lines = enumerate(token.content.splitlines(keepends=True), line_of(token))
            yield [(_fractions(text), line) for line, text in lines]
        elif token.type == "inline" or token.type == "image":
            yield list(_pieces(token.children or (), prose))
        elif token.type == "claim":
            yield list(_pieces(token.meta.get("otherwise", ()), prose))
        elif token.type == "expression" and paths_in(token.content):
            yield from ([(text, line_of(token))] for text in texts_in(token.content))


def _pieces(tokens: Iterable[Token], prose: Prose) -> Iterator[tuple[str, int]]:
    """The text without markup, which could hide a number; what is not text becomes a single character."""
    is_address = False
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            is_address = token.type == "link_open" and token.markup == "autolink"
        elif token.type == "claim":
            yield from _pieces(token.children or (), prose)
        elif token.type == "text" and not is_address:
            yield _UNSEEN.sub("", token.content), line_of(token)
        elif token.type == "code_inline" and numbers_in(code := token.content.strip()) == [(0, len(code))]:
            yield code, line_of(token)
        elif token.type == "math_inline":
            yield _fractions(token.content), line_of(token)
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n", line_of(token)
        elif token.type == "expression":
            yield _constant(token, prose), line_of(token)
        elif token.type == "sup_open":
            yield token.markup, line_of(token)  # 10^3^ is two numbers, and H~2~O has none
        elif token.type == "citation":
            yield f"{' '.join(token.meta['prefixes'])} {_OBJECT}", line_of(token)
        elif token.nesting == 0:
            yield _OBJECT, line_of(token)


def _fractions(equation: str) -> str:
    """An equation whose only numbers are decimal fractions and percentages."""
    return _NO_RESULT.sub(_WHOLE, _PERCENT.sub("%", equation)).replace(",", ", ")


def _constant(token: Token, prose: Prose) -> str:
    """What an expression without results prints; errors in it are reported elsewhere."""
    if paths_in(token.content):
        return _OBJECT
    try:
        return text_of(token.content, {}, prose.place(token))
    except ReportError:
        return _OBJECT


def _line_at(pieces: Pieces, position: int) -> int:
    for text, line in pieces:
        position -= len(text)
        if position < 0:
            return line
    return 1
