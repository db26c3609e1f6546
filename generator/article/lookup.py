"""Everything that the prose names, looked up: values, exhibits, references and equations.

All look-ups are made before anything is rendered, so that whatever is missing is told at once, and rendering
itself cannot fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from markdown_it.token import Token

from generator.article import maths
from generator.article.binding import Bound, Origins, bind
from generator.article.claims import Assessment, assess, judge
from generator.article.listing import code_html, listing_exhibit
from generator.article.missing import omission
from generator.core.diagnostics import refuse, suggestion
from generator.core.errors import Place, ReportError
from generator.core.formatting import NO_INTERVAL
from generator.prose.bibliography import Bibliography, references, unknown_key
from generator.prose.expressions import text_of, value_at
from generator.prose.names import paths_in
from generator.prose.numbering import Label
from generator.prose.prose import Prose
from generator.prose.structure import EXHIBIT_KINDS
from generator.records.article import Exhibit, Reference
from generator.records.claims import Judgement
from generator.records.results import Origin

Target = Literal["page", "pdf"]

RAW = "{=html}"
"""As Pandoc has it (User's Guide, raw attribute); like there, what is HTML is left out of other documents."""


@dataclass(frozen=True)
class Resolved:
    """What stands for what the prose names.

    `texts` are by expression, not yet escaped, and those of them that are numbers of the run are `bound`, too;
    `judgements` are by the id of the claim, and `origins` by the name of the value; `formulas`
    by LaTeX and whether displayed; `exhibits` by kind
    and name; `codes`, the code in the run of the text, by language and source; `mentioned` are the labels that the
    text as it is printed refers to.
    """

    target: Target
    texts: Mapping[str, str]
    bound: Mapping[str, Bound]
    judgements: Mapping[str, Judgement]
    origins: Mapping[str, Origin]
    formulas: Mapping[tuple[str, bool], str]
    codes: Mapping[tuple[str, str], str]
    exhibits: Mapping[tuple[str, str], Exhibit]
    labels: Mapping[str, Label]
    references: Mapping[str, Reference]
    cited: Mapping[str, tuple[int, ...]]
    mentioned: frozenset[str] = frozenset()


def resolve(
    prose: Prose,
    values: Mapping[str, object],
    exhibits: Mapping[str, Exhibit],
    bibliography: Bibliography,
    target: Target,
    origins: Origins,
    missing: Mapping[str, str],
) -> Resolved:
    """Looks up everything that the prose names; `missing` says why an exhibit is not there, by its name.

    Raises:
        ReportError: something named is not there, or cannot be worked out; all such mistakes at once.
    """
    look_up = _LookUp(prose, values, exhibits, bibliography, target, origins, missing)
    for token in prose.walk():
        look_up.take(token)
    try:
        written = references(bibliography, prose.cited)
    except ReportError as error:
        look_up.mistakes.append(error)
    refuse(look_up.mistakes)
    judgements = judge(look_up.assessments)
    return Resolved(
        target,
        look_up.texts,
        look_up.bound,
        judgements,
        {origin.name: origin for origin in origins.values()},
        look_up.formulas,
        look_up.codes,
        look_up.shown,
        prose.labels,
        {reference.key: reference for reference in written},
        prose.cited,
        frozenset(_mentioned([*prose.abstract, *prose.body], judgements)),
    )


def _mentioned(tokens: Iterable[Token], judgements: Mapping[str, Judgement]) -> Iterator[str]:
    """The labels referred to, but for those in the wording of a claim that is not printed."""
    for token in tokens:
        if token.type == "reference":
            yield token.content
        printed = printed_wording(token, judgements)[0] if token.type == "claim" else token.children or ()
        yield from _mentioned([*token.meta.get("object", ()), *printed], judgements)


class _LookUp:
    """One walk over the prose, which gathers what is found and what is not."""

    def __init__(
        self,
        prose: Prose,
        values: Mapping[str, object],
        exhibits: Mapping[str, Exhibit],
        bibliography: Bibliography,
        target: Target,
        origins: Origins,
        missing: Mapping[str, str],
    ) -> None:
        self.prose, self.values, self.exhibits, self.origins = prose, values, exhibits, origins
        self.bibliography, self.target, self.missing = bibliography, target, missing
        self.mistakes: list[ReportError] = []
        self.texts: dict[str, str] = {}
        self.bound: dict[str, Bound] = {}
        self.assessments: dict[str, Assessment] = {}
        self.formulas: dict[tuple[str, bool], str] = {}
        self.codes: dict[tuple[str, str], str] = {}
        self.shown: dict[tuple[str, str], Exhibit] = {}

    def take(self, token: Token) -> None:
        """Looks up what one token names, if it names anything."""
        place = self.prose.place(token)
        try:
            match token.type:
                case "expression":
                    self._work_out(token.content, place)
                case "claim":
                    self.assessments[str(token.attrs["id"])] = assess(token.content, self.values, place)
                case "citation":
                    self._check_citation(token, place)
                case "reference":
                    self._check_reference(token.content, place)
                case "math_inline" | "math_block" | "math_block_label":
                    self._set(token, place)
                case "fence" if not is_raw(token):
                    self.codes[language_of(token), token.content] = code_html(token.content, language_of(token), place)
                case "exhibit":
                    self._find(token.meta["kind"], token.meta["name"], token, place)
        except ReportError as error:
            reason = omission(paths_in(token.content), self.values) if token.type in ("expression", "claim") else None
            self.mistakes.append(_left_out(error, reason) if reason else error)

    def _work_out(self, expression: str, place: Place) -> None:
        if any(value_at(self.values, path) == NO_INTERVAL for path in paths_in(expression)):
            self.texts[expression] = NO_INTERVAL
            return
        text = self.texts[expression] = text_of(expression, self.values, place)
        bound = bind(expression, text, self.values, self.origins, place)
        if bound:
            self.bound[expression] = bound

    def _check_citation(self, token: Token, place: Place) -> None:
        for key, _ in token.meta["items"]:
            if key not in self.bibliography.lines:
                self.mistakes.append(unknown_key(self.bibliography, key, place))

    def _check_reference(self, name: str, place: Place) -> None:
        label, prefix = self.prose.labels.get(name), name.partition(":")[0]
        if label is None:
            known = [other for other in self.prose.labels if other.startswith(f"{prefix}:")]
            raise ReportError(f"@{name} leads nowhere.", place, self._advice(name, known))
        if not label.text:
            what = f"@{name} leads to a section without a number, so there is nothing to print."
            raise ReportError(what, place, f"Write a link instead: [its title](#{label.id}).")

    def _advice(self, name: str, known: list[str]) -> str:
        """The nearest label; or how to place the exhibit of that name, which is there and not yet shown."""
        prefix, _, short = name.partition(":")
        exhibit = self.exhibits.get(short)
        if short in self.missing:
            return f"There is no {short} for this experiment: {self.missing[short]}."
        if exhibit and EXHIBIT_KINDS[exhibit.kind] == prefix:
            return f"Place it first: ::: {exhibit.kind} {short}, its caption, and ::: alone."
        return suggestion(f"@{name}", [f"@{other}" for other in known])

    def _set(self, token: Token, place: Place) -> None:
        display = token.type != "math_inline"
        typeset = maths.mathml if self.target == "page" else maths.drawing
        self.formulas[token.content, display] = typeset(token.content, display, place)

    def _find(self, kind: str, name: str, token: Token, place: Place) -> None:
        """The exhibit that was handed in, unless the prose holds the object itself."""
        if token.meta["object"]:
            fences = [part for part in token.meta["object"] if part.type == "fence"]
            if kind == "listing" and len(fences) == 1:
                self.shown[kind, name] = listing_exhibit(fences[0].content, name, language_of(fences[0]), place)
            return
        exhibit = self.exhibits.get(name)
        if exhibit is None and name in self.missing:
            what = f'There is no {kind} "{name}" for this experiment: {self.missing[name]}.'
            raise ReportError(what, place, _WITHOUT)
        if exhibit is None:
            what = f'There is no {kind} "{name}", and the block does not hold one.'
            raise ReportError(what, place, suggestion(name, self.exhibits))
        if exhibit.kind != kind:
            raise ReportError(
                f'"{name}" is a {exhibit.kind}, not a {kind}.', place, f"Write ::: {exhibit.kind} {name}."
            )
        self.shown[kind, name] = exhibit


_WITHOUT = "Take it out of the prose, or change the experiment."


def _left_out(error: ReportError, reason: str) -> ReportError:
    """A mistake about a measure that does not apply, told with the reason."""
    return ReportError(f"{error.what} It was left out: {reason}.", error.where, _WITHOUT)


def wording_of(claim: Token, resolved: Resolved) -> tuple[list[Token], bool]:
    """The wording of a claim that is printed, and whether it is the other one."""
    return printed_wording(claim, resolved.judgements)


def printed_wording(claim: Token, judgements: Mapping[str, Judgement]) -> tuple[list[Token], bool]:
    """As `wording_of`, by the claims' judgements."""
    is_otherwise = "otherwise" in claim.meta and judgements[str(claim.attrs["id"])].verdict == "does not hold"
    return (claim.meta["otherwise"] if is_otherwise else claim.children or []), is_otherwise


def language_of(fence: Token) -> str:
    """The language that a fenced block of code names, or nothing."""
    return fence.info.split()[0] if fence.info.split() else ""


def is_raw(fence: Token) -> bool:
    """Whether a fenced block is HTML for the page, as the author says by {=html} in the place of a language."""
    return fence.info.strip() == RAW


def plain_text(tokens: Iterable[Token], resolved: Resolved) -> str:
    """The text of the prose without markup, citations and notes, for descriptions; not escaped."""
    parts = [""]
    for token in tokens:
        if token.type == "citation":
            parts[-1] = parts[-1].rstrip()
        parts.append(_plain(token, resolved))
    return " ".join("".join(parts).split())


def _plain(token: Token, resolved: Resolved) -> str:
    match token.type:
        case "text" | "code_inline" | "math_inline":
            return token.content
        case "expression":
            return resolved.texts[token.content]
        case "reference":
            return resolved.labels[token.content].text
        case "claim":
            return "".join(_plain(part, resolved) for part in wording_of(token, resolved)[0])
        case "inline":
            return plain_text(token.children or (), resolved) + " "
        case "softbreak" | "hardbreak":
            return " "
        case _:
            return ""
