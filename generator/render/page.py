"""The article as documents: one self-contained page for the web, and one for the typesetter.

Both contain the same article in different templates and style sheets. This module computes nothing and writes no files;
the templates in templates/ decide what a reader sees and where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from generator.core.errors import ReportError
from generator.core.paths import TEMPLATES
from generator.paper import Original, Paper
from generator.records.article import Article, Reference
from generator.records.edition import Edition
from generator.render import fonts, metadata
from generator.render.csp import policy
from generator.render.fonts import Face
from generator.render.templates import render

HEAD_SCRIPTS = ("head.js",)
"""Scripts that must run before the page is drawn; the others follow everything that can be read."""

THEME_SCRIPTS = ("theme.js",)
"""Scripts of every page that can be light or dark."""

SCRIPTS = (*THEME_SCRIPTS, "listings.js", "page.js")

EXPLORER_SCRIPTS = (
    "numbers.js", "explorer-network.js", "explorer-drawing.js", "explorer-maps.js", "explorer-pad.js", "explorer.js",
)  # fmt: skip


def render_page(
    paper: Paper,
    article: Article,
    edition: Edition,
    font_rules: str,
    fallback: Sequence[Face] = (),
    explorer: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """index.html, which includes its style, fonts, and pictures, and makes no network requests.

    `font_rules` are @font-face rules that include their fonts, from `fonts.page_rules`. The families of `fallback` are
    only named: a reader's browser uses them if they are installed. `explorer` contains the data blocks, by name, of a
    page that runs the network; they follow everything that can be read, and the explorer's script follows them.

    Raises ReportError when the original is not among the article's references, or a template is at fault.
    """
    head, end = scripts(HEAD_SCRIPTS), scripts(SCRIPTS)
    last = [_explorer_script()] if explorer else []
    return _render(
        "page.html.j2",
        f"{font_rules}\n{fonts.math_rules(article.abstract + article.body)}",
        fallback,
        paper,
        article,
        edition,
        description=metadata.description(paper, article),
        address=metadata.address(paper),
        citation_tags=metadata.citation_tags(paper, article, edition),
        open_graph=metadata.open_graph(paper, article, edition),
        scholarly_article=metadata.scholarly_article(paper, article, edition),
        head_scripts=head,
        scripts=end,
        last_scripts=last,
        blocks=explorer,
        policy=policy([*head, *end, *last]),
    )


def explorer_parts() -> dict[str, str]:
    """The parts of the explorer's script, by file, each after the parts that it depends on."""
    return {name: (TEMPLATES / "script" / name).read_text(encoding="utf-8") for name in EXPLORER_SCRIPTS}


def _explorer_script() -> str:
    """The explorer's script, in its own scope."""
    return '"use strict";\n{\n' + "\n".join(explorer_parts().values()) + "}\n"


def render_print(paper: Paper, article: Article, edition: Edition, fallback: Sequence[Face] = ()) -> str:
    """The HTML that generator.render.pdf typesets; it refers to fonts by address. Raises as `render_page` does."""
    return _render("pdf.html.j2", fonts.print_rules(fallback), fallback, paper, article, edition)


def _render(
    template: str,
    font_rules: str,
    fallback: Sequence[Face],
    paper: Paper,
    article: Article,
    edition: Edition,
    **more: object,
) -> str:
    return render(
        template,
        paper=paper,
        article=article,
        edition=edition,
        original=_reference_to_original(paper, article),
        font_rules=font_rules,
        fallback=fonts.stack(fallback),
        **more,
    )


def scripts(names: Sequence[str]) -> list[str]:
    """The contents of scripts in templates/script/."""
    return [(TEMPLATES / "script" / name).read_text(encoding="utf-8") for name in names]


def _reference_to_original(paper: Paper, article: Article) -> Reference | None:
    """The bibliography's entry for the article that this one reproduces, which the byline cites."""
    if paper.original is None:
        return None
    for reference in article.references:
        if reference.key == paper.original.citation:
            return reference
    raise uncited_original(paper.original)


def uncited_original(original: Original) -> ReportError:
    """The error for an article that does not cite the one that it reproduces."""
    what = f"The original, {original.citation!r}, is not among the references of the article"
    step = f"Cite it in article.md, as [@{original.citation}], and add it to references.bib."
    return ReportError(what, "paper.toml, [original] citation", step)
