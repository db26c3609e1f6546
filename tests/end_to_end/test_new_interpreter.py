"""What only a new interpreter shows: that it makes the same bytes, and what it does not load on the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PAPERS, ROOT

HEAVY = {"tensorflow", "keras", "numpy", "matplotlib", "weasyprint", "ziamath"}
KERAS = {"tensorflow", "keras"}

# What writes bytes to `out`.
PICTURES = """
from tests.unit.figures.test_figures import activations, drawn
files = drawn(activations((9, 9, 8)), (1,))[1]
for name in sorted(files):
    out.write(files[name])
"""
EQUATION = r"""
from pathlib import Path
from generator.article.equations import drawing, mathml
from generator.core.errors import Place
for made in (mathml, drawing):
    out.write(made(r"\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}", True, Place(Path("a"))).encode())
"""
PREVIEW_IMAGE = """
from generator.render import preview_image
from tests.support.sample_page import PAPER
out.write(preview_image.draw(PAPER, None))
"""
PDF = """
from generator.render.fonts import print_fonts
from generator.render.page import render_print
from generator.render.pdf import typeset
from tests.support.sample_page import ARTICLE, EDITION, PAPER
from tests.support.typesetting import DATE
out.write(typeset(render_print(PAPER, ARTICLE, EDITION), print_fonts(), DATE))
"""
ELSEWHERE = {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}


def output(code: str, *arguments: str | Path, **variables: str) -> bytes:
    """What `code` writes to `out` in a new interpreter, which has these environment variables and no others."""
    program = ["-c", f"import sys, time\nout = sys.stdout.buffer\n{code}"]
    return subprocess.run(
        [sys.executable, *program, *map(str, arguments)], cwd=ROOT, env=variables, stdout=subprocess.PIPE, check=True
    ).stdout


@pytest.mark.parametrize(
    "code", [PICTURES, EQUATION, PREVIEW_IMAGE, PDF], ids=["pictures", "equation", "preview image", "PDF"]
)
def test_what_is_drawn_or_typeset_is_the_same_in_another_interpreter_and_on_another_day(code: str) -> None:
    on_another_day = "real = time.time; time.time = lambda: real() + 1e8"
    one, another = output(code, PYTHONHASHSEED="2"), output(f"{on_another_day}\n{code}", **ELSEWHERE)
    assert one == another != b""


@pytest.mark.parametrize(
    ("code", "unused"),
    [
        ("import generator.build.pipeline", HEAVY),
        ("import generator.render.pdf", HEAVY),
        ("import generator.figures.figures", KERAS),
        ("from generator.render import fonts; fonts.print_fonts()", HEAVY),
        (
            "from pathlib import Path; from generator.article.compose import compose;"
            "from generator.article.material import Material;"
            "from generator.prose.prose import parse; from generator.prose.bibliography import parse as bib;"
            "compose(Material(parse('$x$', Path('a')), {}, {}, bib('', Path('b'))), 'page')",
            HEAVY,
        ),
        (
            "from pathlib import Path; from generator.build.preflight import check_article; "
            "from generator.paper import load_paper; folder = Path(sys.argv[1]); "
            "check_article(folder, load_paper(folder, {}), None)",
            KERAS,
        ),
    ],
    ids=["the pipeline", "the PDF", "figures", "fonts", "composing", "checking an article"],
)
def test_what_is_used_again_and_again_loads_nothing_heavy_before_it_must(code: str, unused: set[str]) -> None:
    loaded = output(f"{code}\nout.write(' '.join(sys.modules).encode())", PAPERS / "tiny")
    assert not unused & set(loaded.decode().split())
