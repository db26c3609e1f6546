"""Composes the article: the author's prose with everything in it resolved, for the page or for the PDF.

This is the last step before the templates. The prose is parsed once and composed for each target. This module neither
reads nor writes files, and does not make the page around the article.
"""

from __future__ import annotations

from markdown_it.token import Token

from generator.article.html import Renderer
from generator.article.lookup import Resolved, resolve, wording_of
from generator.article.material import Material
from generator.article.text import article_text, plain_text, wordings
from generator.prose.claim_spans import is_exploratory
from generator.prose.prose import Prose
from generator.records.article import Article, Heading, Target
from generator.records.claims import Claim


def compose(material: Material, target: Target) -> Article:
    """The article for one target.

    Raises:
        ReportError: the prose uses a value, exhibit, label, reference, or language that does not exist; an expression,
            condition, or equation cannot be evaluated; or a cited entry cannot be written.
    """
    prose, resolved = material.prose, resolve(material, target)
    renderer = Renderer(resolved)
    abstract = renderer.render_blocks(prose.abstract)
    body = renderer.render_blocks(prose.body)
    return Article(
        abstract=abstract,
        abstract_text=plain_text(prose.abstract, resolved),
        body=body,
        headings=_headings(prose, renderer),
        references=tuple(resolved.references.values()),
        claims=tuple(_claim(token, prose, resolved) for token in prose.walk() if token.type == "claim"),
        used=_used(material, resolved),
        text=article_text(prose, resolved),
        shows=tuple(name for exhibit in resolved.exhibits.values() for name in exhibit.shows),
    )


def _claim(token: Token, prose: Prose, resolved: Resolved) -> Claim:
    id = str(token.attrs["id"])
    judgment = resolved.judgments[id]
    wording, is_otherwise = wording_of(token, resolved.judgments)
    return Claim(
        id=id,
        sentence=plain_text(token.children or (), resolved),
        condition=token.content,
        verdict=judgment.verdict,
        values=judgment.values,
        differences=judgment.differences,
        line=prose.place(token).line or 1,
        otherwise=is_otherwise,
        p=judgment.p,
        adjusted_p=judgment.adjusted_p,
        family=judgment.family,
        exploratory=is_exploratory(token),
        wordings=wordings(token, resolved),
        printed=plain_text(wording, resolved) if is_otherwise else "",
    )


def _used(material: Material, resolved: Resolved) -> tuple[str, ...]:
    """The names of the results that the prose prints, that decide a claim, or that are bound in an exhibit."""
    named = [origin.name for bound in resolved.bound.values() for origin in bound.origins]
    named += [name for judgment in resolved.judgments.values() for name in judgment.values]
    named += [name for exhibit in resolved.exhibits.values() for name in exhibit.bound]
    known = {origin.name for origin in material.origins.values()}
    return tuple(name for name in dict.fromkeys(named) if name in known)


def _headings(prose: Prose, renderer: Renderer) -> tuple[Heading, ...]:
    return tuple(
        Heading(
            id=str(opening.attrs["id"]),
            level=int(opening.tag[1]),
            number=opening.meta["number"],
            html=renderer.render_title(inline),
        )
        for opening, inline in zip(prose.body, prose.body[1:], strict=False)
        if opening.type == "heading_open"
    )
