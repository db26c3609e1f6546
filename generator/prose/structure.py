"""Groups the tokens of the prose: notes, exhibits with captions, and the place of the references.

Markdown gives a flat list of tokens. Here, tokens that belong together become one token, so that numbering and
rendering need no lookahead. This module assigns no numbers or names, and renders nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from markdown_it.token import Token

from generator.core.diagnostics import Diagnostics, suggestion
from generator.prose.markdown import line_of

EXHIBIT_KINDS = {"figure": "fig", "table": "tbl", "listing": "lst"}
"""What can be numbered and captioned, with the prefix of its ids."""

REFERENCES = "references"
REPOSITORY = "repository"
"""Blocks without content: they are replaced by the bibliography, and by the address of the sources."""

CLASSES = ("margin", "unnumbered")
"""The classes that a figure can have: it is small enough for the margin, or it has no number."""

_CLASSES = re.compile(r"\{([\s.\w-]*)\}")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_OBJECTS = ("table_open", "fence", "code_block")


def label_of(exhibit: Token) -> str:
    """The name by which an exhibit is referred to, and its id in the page: fig:NAME."""
    return f"{EXHIBIT_KINDS[exhibit.meta['kind']]}:{exhibit.meta['name']}"


def every(tokens: Iterable[Token]) -> Iterator[Token]:
    """All tokens in reading order: also inner text, objects, captions, notes where called, and both wordings."""
    for token in tokens:
        yield token
        yield from every(token.meta.get("object", ()))
        yield from every(token.children or ())
        yield from every(token.meta.get("otherwise", ()))


def until_closed(kind: str, tokens: Iterator[Token]) -> list[Token]:
    """The tokens before the one that closes an open token; `kind` is `link` for link_open and link_close."""
    content, depth = [], 1
    for token in tokens:
        depth += {f"{kind}_open": 1, f"{kind}_close": -1}.get(token.type, 0)
        if depth == 0:
            break
        content.append(token)
    return content


def attach_notes(tokens: list[Token], diagnostics: Diagnostics) -> list[Token]:
    """The tokens without the definitions of notes, each of which moves to the first call of its note.

    Each call has the number of its note in `meta`, and the first call has the note's paragraphs in its children.
    """
    rest, notes = _definitions(tokens, diagnostics)
    numbers: dict[str, int] = {}
    for call in [token for token in every(rest) if token.type == "footnote_ref"]:
        label = call.meta.get("label", f"^{call.meta['id']}")
        if "label" not in call.meta:
            call.children = [Token("inline", "", 0, map=call.map, children=call.children)]
        elif label not in notes:
            diagnostics.tell(line_of(call), f"There is no note [^{label}].", suggestion(label, notes))
        elif label not in numbers:
            call.children = [token for token in notes[label] if token.type == "inline"]
        call.meta["number"] = numbers.setdefault(label, len(numbers) + 1)
        if any(token.type == "footnote_ref" for token in every(call.children or ())):
            diagnostics.tell(line_of(call), "A note is inside another note.", "Move it into the text.")
    for label in notes.keys() - numbers.keys():
        line = line_of(notes[label][0])
        diagnostics.tell(line, f"The note [^{label}] is never used.", f"Write [^{label}] in the text, or remove it.")
    return rest


def _definitions(tokens: list[Token], diagnostics: Diagnostics) -> tuple[list[Token], dict[str, list[Token]]]:
    rest: list[Token] = []
    notes: dict[str, list[Token]] = {}
    target = rest
    for token in tokens:
        if token.type == "footnote_reference_open":
            label = token.meta["label"]
            if label in notes:
                diagnostics.tell(line_of(token), f"There are two notes [^{label}].", "Rename one of them.")
            target = notes[label] = [token]
        elif token.type == "footnote_reference_close":
            target = rest
        else:
            if target is not rest and token.type not in ("paragraph_open", "inline", "paragraph_close"):
                diagnostics.tell(
                    line_of(target[0]), "A note can contain only paragraphs.", "Move the rest into the text."
                )
            target.append(token)
    return rest, notes


def fold_containers(tokens: list[Token], lines: list[str], diagnostics: Diagnostics) -> list[Token]:
    """The tokens with each `:::` block as one token, of type "exhibit", "references", or "repository".

    An exhibit's caption is in its children; its object, if it is in the prose, is in `meta["object"]`, and its classes
    (see CLASSES) are in `meta["classes"]`. `lines` are those of the prose, which alone show whether a block is closed.
    """
    folded: list[Token] = []
    rest = iter(tokens)
    for token in rest:
        if token.type != "container_block_open":
            folded.append(token)
            continue
        content = until_closed("container_block", rest)
        if _is_closed(lines, token) and not any(inner.type == token.type for inner in content):
            folded += _container(token, content, diagnostics)
        else:
            folded += _unclosed(token, content, lines, diagnostics)
    return folded


def _unclosed(opened: Token, content: list[Token], lines: list[str], diagnostics: Diagnostics) -> list[Token]:
    """A block that is not closed, or not before the next one begins.

    It ends where its caption does; otherwise, all that follows it would be reported as part of it.
    """
    is_exhibit = opened.info.strip().partition(" ")[0] in EXHIBIT_KINDS
    of_exhibit = takewhile(lambda block: block[0].type in (*_OBJECTS, "paragraph_open"), _blocks(content))
    size = sum(map(len, of_exhibit)) if is_exhibit else 0
    folded = _container(opened, content[:size], diagnostics)
    if folded:
        before = " before the next block begins" if _is_closed(lines, opened) else ""
        what = f"::: {opened.info.strip()} is not closed{before}."
        step = f"Write ::: on a separate line after {'its caption' if is_exhibit else 'it'}."
        diagnostics.tell(line_of(opened), what, step)
    for token in content[size:]:
        token.level -= 1
    return [*folded, *fold_containers(content[size:], lines, diagnostics)]


def _is_closed(lines: list[str], opened: Token) -> bool:
    end = opened.map[1] if opened.map else 0
    return end < len(lines) and re.fullmatch(r"[\s>]*:{3,}\s*", lines[end]) is not None


def _container(opened: Token, content: list[Token], diagnostics: Diagnostics) -> list[Token]:
    kind, _, name = opened.info.strip().partition(" ")
    line, name = line_of(opened), name.strip()
    known = [*EXHIBIT_KINDS, REFERENCES, REPOSITORY]
    if kind not in known:
        what = f'There is no block "::: {kind}".' if kind else 'A ":::" closes nothing.'
        diagnostics.tell(line, what, suggestion(kind, known) if kind else "Remove it, or open a block before it.")
        return []
    if kind in (REFERENCES, REPOSITORY):
        if content or name:
            diagnostics.tell(line, f"::: {kind} is not empty.", f"Write ::: {kind} and then ::: alone.")
        return [Token(kind, "ol" if kind == REFERENCES else "p", 0, map=opened.map, block=True)]
    classes: list[str] = []
    if kind == "figure" and "{" in name:
        name, classes = _without_classes(name, line, diagnostics)
    if not _NAME.fullmatch(name):
        what = f'"{name}" is not a name for a {kind}.' if name else f"This {kind} has no name."
        step = f"Write ::: {kind} NAME, with letters, digits, dots, and hyphens only."
        if name.endswith("}") and "{" not in name:
            step = f"Write {{ before the class, as in ::: {kind} NAME {{.margin}}."
        diagnostics.tell(line, what, step)
    return [_exhibit(kind, name, opened, content, diagnostics, classes)]


def _without_classes(written: str, line: int, diagnostics: Diagnostics) -> tuple[str, list[str]]:
    """The name and the classes of a figure, from what follows `::: figure`."""
    name, _, braces = written.partition("{")
    match = _CLASSES.fullmatch(f"{{{braces}")
    if match is None:
        what = f"{{{braces} cannot be read as the classes of a figure."
        diagnostics.tell(line, what, "Write ::: figure NAME {.margin}; its id is fig:NAME.")
    classes = match[1].replace(".", " ").split() if match else []
    for unknown in (one for one in classes if one not in CLASSES):
        diagnostics.tell(line, f'There is no class "{unknown}" for a figure.', suggestion(unknown, CLASSES))
    return name.strip(), classes


def _exhibit(
    kind: str, name: str, opened: Token, content: list[Token], diagnostics: Diagnostics, classes: list[str]
) -> Token:
    caption: list[Token] = []
    shown: list[Token] = []
    for block in _blocks(content):
        if block[0].type in _OBJECTS or _is_picture(block):
            shown += block
        elif block[0].type == "paragraph_open":
            caption += block
        else:
            diagnostics.tell(
                line_of(block[0]), "A caption can contain only paragraphs.", "Move the rest out of the block."
            )
    if not caption:
        what = f'The {kind} "{name}" has no caption.'
        diagnostics.tell(line_of(opened), what, "Write what it shows between the ::: lines.")
    meta = {"kind": kind, "name": name, "object": shown, "classes": classes}
    return Token("exhibit", "figure", 0, map=opened.map, block=True, children=caption, meta=meta)


def _blocks(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each block that is not inside another one."""
    block: list[Token] = []
    depth = 0
    for token in tokens:
        block.append(token)
        depth += token.nesting
        if depth == 0:
            yield block
            block = []


def check_fences(tokens: Iterable[Token], lines: list[str], diagnostics: Diagnostics) -> None:
    """Reports code that nothing closes, and which therefore is all the rest of the text, and braces left open."""
    for token in tokens:
        start, end = token.map or (0, 0)
        if token.type == "fence" and token.info.strip().startswith("{") and "}" not in token.info:
            what = f'"{token.info.strip()}" is not closed by "}}".'
            diagnostics.tell(line_of(token), what, f"Write {token.markup}{token.info.strip()}}}.")
        closing = rf"[\s>]*{re.escape(token.markup)}{re.escape(token.markup[:1])}*\s*"
        if token.type == "fence" and not (end - start > 1 and re.fullmatch(closing, lines[end - 1])):
            what = f"The code that begins with {token.markup} is not closed."
            diagnostics.tell(line_of(token), what, f"Write {token.markup} on a separate line after it.")


def check_captions(tokens: Sequence[Token], diagnostics: Diagnostics) -> None:
    """Reports captions in Pandoc's syntax: a paragraph beside a table that begins with a colon."""
    for before, opening, inline, after in zip([None, *tokens], tokens, tokens[1:], [*tokens[3:], None], strict=False):
        is_beside = (before and before.type == "table_close") or (after and after.type == "table_open")
        begun = re.match(r"(?:Table)?:\s", inline.content)
        if opening.type == "paragraph_open" and is_beside and begun:
            what = f'A "{begun[0].strip()}" beside a table does not begin a caption.'
            next = "Write ::: table NAME, the table, its caption, and ::: on lines of their own."
            diagnostics.tell(line_of(inline), what, next)


def _is_picture(block: list[Token]) -> bool:
    """Whether a block is a paragraph with only images."""
    children = (block[1].children or []) if block[0].type == "paragraph_open" else []
    kinds = {child.type for child in children if child.content.strip() or child.type != "text"}
    return "image" in kinds and kinds <= {"image", "softbreak"}
