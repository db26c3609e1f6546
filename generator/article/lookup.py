"""Looks up everything that the prose names: values, exhibits, references, and equations.

Lookup ends before rendering starts, so that everything missing is reported at once and rendering cannot fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markdown_it.token import Token

from generator.article import claims, equations, number_check
from generator.article.binding import Bound, bind
from generator.article.claims import Assessment, assess, judge
from generator.article.listing import code_html, listing_exhibit
from generator.article.material import Material
from generator.article.missing import omission
from generator.core.diagnostics import refuse, suggestion
from generator.core.errors import Place, ReportError
from generator.core.formatting import NO_INTERVAL
from generator.prose import expressions
from generator.prose.bibliography import references, unknown_key
from generator.prose.expressions import Values, text_of, value_at
from generator.prose.markdown import BRACED, single_braces
from generator.prose.names import paths_in
from generator.prose.numbering import Label
from generator.prose.prose import Prose
from generator.prose.structure import EXHIBIT_KINDS
from generator.records.article import Exhibit, Reference, Target
from generator.records.claims import Judgment

RAW = "{=html}"
"""Pandoc's raw attribute (User's Guide). As in Pandoc, raw HTML is left out of other formats."""

_BEGUN = re.compile(r"(?<![\w.])([^\W\d]\w*)(?:\.(\w+)|\[)")
"""The first part of a name with several parts, and the second if a dot precedes it."""


@dataclass(frozen=True)
class Resolved:
    """Everything that the prose names, looked up.

    Attributes:
        target: the target that it is resolved for.
        texts: by expression, not yet escaped.
        bound: the texts that are numbers of the run, by expression.
        judgments: by the id of the claim.
        formulas: equations as HTML, by LaTeX source and whether they are displayed.
        codes: code in the running text as HTML, by language and source.
        exhibits: by kind and name.
        labels: the labels that can be referred to, by name.
        references: by key.
        cited: the keys that the text cites, each with its lines.
        mentioned: the labels that the printed text refers to.
        repository: the address of the paper's sources; empty if it is not known.
    """

    target: Target
    texts: Mapping[str, str]
    bound: Mapping[str, Bound]
    judgments: Mapping[str, Judgment]
    formulas: Mapping[tuple[str, bool], str]
    codes: Mapping[tuple[str, str], str]
    exhibits: Mapping[tuple[str, str], Exhibit]
    labels: Mapping[str, Label]
    references: Mapping[str, Reference]
    cited: Mapping[str, tuple[int, ...]]
    mentioned: frozenset[str]
    repository: str


def resolve(material: Material, target: Target) -> Resolved:
    """Looks up everything that the prose names.

    Raises:
        ReportError: a name does not exist, or cannot be evaluated; all such errors at once.
    """
    prose, look_up = material.prose, _looked_up(material, target)
    refuse(look_up.faults)
    judgments = judge(look_up.assessments)
    return Resolved(
        target,
        look_up.texts,
        look_up.bound,
        judgments,
        look_up.formulas,
        look_up.codes,
        look_up.placed,
        prose.labels,
        {reference.key: reference for reference in look_up.references},
        prose.cited,
        frozenset(_mentioned([*prose.abstract, *prose.body], judgments)),
        material.repository,
    )


def faults(material: Material, target: Target) -> list[ReportError]:
    """The errors that `resolve` would raise."""
    return _looked_up(material, target).faults


def unknown_names(prose: Prose, names: Values, validated: Mapping[str, str]) -> list[ReportError]:
    """One error for each expression or condition that cannot be parsed, or that uses a name that does not exist."""
    found: list[ReportError] = []
    for token in prose.walk():
        try:
            _check_names(token, names, prose.place(token), validated)
        except ReportError as error:
            found.append(_with_reason(error, token, names))
    return found


def missing_exhibits(prose: Prose, missing: Mapping[str, str]) -> list[ReportError]:
    """One error for each exhibit in the prose that is not available; `missing` gives the reasons by name."""
    placed = (token for token in prose.walk() if token.type == "exhibit" and not token.meta["object"])
    return [
        _no_exhibit(token.meta["kind"], name, missing[name], prose.place(token))
        for token in placed
        if (name := token.meta["name"]) in missing
    ]


def _no_exhibit(kind: str, name: str, reason: str, place: Place) -> ReportError:
    return ReportError(f'There is no {kind} "{name}" for this experiment: {reason}.', place, _WITHOUT)


def _check_names(token: Token, names: Values, place: Place, validated: Mapping[str, str]) -> None:
    if token.type == "expression":
        expressions.check(token.content, names, place)
        number_check.check(token.content, f"{{{{ {token.content} }}}}", place)
    elif token.type == "claim":
        claims.check(token.content, names, place, validated)


def _looked_up(material: Material, target: Target) -> _LookUp:
    look_up = _LookUp(material, target)
    for token in material.prose.walk():
        look_up.find(token)
    try:
        look_up.references = references(material.bibliography, material.prose.cited)
    except ReportError as error:
        look_up.faults.append(error)
    return look_up


def _mentioned(tokens: Iterable[Token], judgments: Mapping[str, Judgment]) -> Iterator[str]:
    """The labels referred to, except those in the wording of a claim that is not printed."""
    for token in tokens:
        if token.type == "reference":
            yield token.content
        printed = wording_of(token, judgments)[0] if token.type == "claim" else token.children or ()
        yield from _mentioned([*token.meta.get("object", ()), *printed], judgments)


class _LookUp:
    """Walks over the prose once, and collects what is found and the errors."""

    def __init__(self, material: Material, target: Target) -> None:
        self.material, self.target = material, target
        self.faults: list[ReportError] = []
        self.texts: dict[str, str] = {}
        self.bound: dict[str, Bound] = {}
        self.assessments: dict[str, Assessment] = {}
        self.formulas: dict[tuple[str, bool], str] = {}
        self.codes: dict[tuple[str, str], str] = {}
        self.placed: dict[tuple[str, str], Exhibit] = {}
        self.references: tuple[Reference, ...] = ()

    def find(self, token: Token) -> None:
        """Looks up what one token names, if it names anything."""
        place = self.material.prose.place(token)
        try:
            match token.type:
                case "expression" | "claim" if self.material.is_foreseen:
                    _check_names(token, self.material.values, place, self.material.validated)
                case "expression":
                    self._evaluate(token.content, place)
                case "claim":
                    self.assessments[str(token.attrs["id"])] = assess(
                        token.content, self.material.values, place, self.material.validated
                    )
                case "citation":
                    self._check_citation(token, place)
                case "reference":
                    self._check_reference(token.content, place)
                case "math_inline" | "math_block" | "math_block_label":
                    self._typeset(token, place)
                case "fence" if not is_raw(token):
                    language = language_of(token)
                    self.codes[language, token.content] = code_html(token.content, language, self.target, place)
                case "exhibit":
                    self._find_exhibit(token, place)
                case "inline":
                    self._check_braces(token, place)
        except ReportError as error:
            self.faults.append(_with_reason(error, token, self.material.values))

    def _evaluate(self, expression: str, place: Place) -> None:
        if any(value_at(self.material.values, path) == NO_INTERVAL for path in paths_in(expression)):
            self.texts[expression] = NO_INTERVAL
            return
        text = self.texts[expression] = text_of(expression, self.material.values, place)
        bound = bind(expression, text, self.material.values, self.material.origins, place)
        if bound:
            self.bound[expression] = bound

    def _check_braces(self, token: Token, place: Place) -> None:
        """Reports results between single braces, which would be printed as they are written."""
        for text, line in token.meta.get(BRACED, ()):
            if any(self._is_result(*parts) for parts in _BEGUN.findall(text)):
                what, next = single_braces(text)
                self.faults.append(ReportError(what, Place(place.path, line), next))

    def _is_result(self, first: str, second: str) -> bool:
        """Whether names of results begin with these parts; data.csv is a file."""
        below = self.material.values.get(first)
        return second in below if second and isinstance(below, Mapping) else first in self.material.values

    def _check_citation(self, token: Token, place: Place) -> None:
        for key, _ in token.meta["items"]:
            if key not in self.material.bibliography.lines:
                error = unknown_key(self.material.bibliography, key, place)
                more = " Write \\@ for the character itself." if not token.content.startswith("[") else ""
                self.faults.append(ReportError(error.what, place, error.next + more))

    def _check_reference(self, name: str, place: Place) -> None:
        label, prefix = self.material.prose.labels.get(name), name.partition(":")[0]
        if label is None:
            known = [other for other in self.material.prose.labels if other.startswith(f"{prefix}:")]
            raise ReportError(f"@{name} refers to nothing.", place, self._advice(name, known))
        if not label.text:
            kind = "section" if prefix == "sec" else "figure"
            what = f"@{name} refers to a {kind} without a number, so there is nothing to print."
            raise ReportError(what, place, f"Write a link instead: [its title](#{label.id}).")

    def _advice(self, name: str, known: list[str]) -> str:
        """The closest label, how to place an exhibit that is not shown yet, or why there is no such exhibit."""
        prefix, _, short = name.partition(":")
        if short in self.material.missing:
            return f"There is no {short} for this experiment: {self.material.missing[short]}."
        kind = next((kind for kind, begin in EXHIBIT_KINDS.items() if begin == prefix), "")
        if exhibit := self.material.exhibit(kind, short):
            return f"Add it: ::: {exhibit.kind} {short}, its caption, and ::: on a separate line."
        others = (f"{begin}:{short}" for begin in EXHIBIT_KINDS.values())
        if other := next((one for one in others if one in self.material.prose.labels), None):
            return f"Write @{other}."
        return suggestion(f"@{name}", [f"@{other}" for other in known])

    def _typeset(self, token: Token, place: Place) -> None:
        display = token.type != "math_inline"
        typeset = equations.mathml if self.target == "page" else equations.drawing
        self.formulas[token.content, display] = typeset(token.content, display, place)

    def _find_exhibit(self, token: Token, place: Place) -> None:
        """Finds the exhibit of a block, unless the block contains the object itself."""
        kind, name = token.meta["kind"], token.meta["name"]
        if token.meta["object"]:
            fences = [part for part in token.meta["object"] if part.type == "fence"]
            if kind == "listing" and len(fences) == 1:
                source, language = fences[0].content, language_of(fences[0])
                self.placed[kind, name] = listing_exhibit(source, name, language, self.target, place)
            return
        if name in self.material.missing:
            raise _no_exhibit(kind, name, self.material.missing[name], place)
        if exhibit := self.material.exhibit(kind, name):
            self.placed[kind, name] = exhibit
        elif other := self.material.named(name):
            raise ReportError(f'"{name}" is a {other.kind}, not a {kind}.', place, f"Write ::: {other.kind} {name}.")
        else:
            what = f'There is no {kind} "{name}", and the block does not contain one.'
            known = [one.name for one in self.material.exhibits.values() if one.kind == kind]
            raise ReportError(what, place, suggestion(name, known))


_WITHOUT = "Remove it from the prose, or change the experiment."


def _with_reason(error: ReportError, token: Token, values: Values) -> ReportError:
    """The error of a token; if a measure does not apply or an epoch was not run, with the reason."""
    reason = omission(paths_in(token.content), values) if token.type in ("expression", "claim") else None
    return ReportError(f"{error.what} It was left out: {reason}.", error.where, _WITHOUT) if reason else error


def wording_of(claim: Token, judgments: Mapping[str, Judgment]) -> tuple[list[Token], bool]:
    """The wording of a claim that is printed, and whether it is the alternative one."""
    is_otherwise = "otherwise" in claim.meta and judgments[str(claim.attrs["id"])].verdict == "does not hold"
    return (claim.meta["otherwise"] if is_otherwise else claim.children or []), is_otherwise


def language_of(fence: Token) -> str:
    """The language that a fenced block of code names; empty if it names none."""
    return fence.info.split()[0] if fence.info.split() else ""


def is_raw(fence: Token) -> bool:
    """Whether a fenced block is HTML for the page, marked by {=html} instead of a language."""
    return fence.info.strip() == RAW


def authors_cited(citation: Token, resolved: Resolved) -> str:
    """The authors that a citation names as part of its sentence; empty for a citation in brackets."""
    return resolved.references[citation.meta["items"][0][0]].authors if citation.meta["is_narrative"] else ""
