"""The author's own figures and tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.core.errors import Place, ReportError
from generator.figures import own
from generator.figures.contrast import unseen_color
from generator.records.analysis import Cell, Declared, OwnExhibit

VALUES = {
    "test": {"accuracy": {"mean": 0.5, "low": 0.4, "high": 0.6}, "loss": {"mean": 2.0, "low": "no interval"}},
}
AXES = "axes.set(xlabel='Noise', ylabel='Accuracy')"


def made(folder: Path, kind: str, body: str, width: str = "column") -> tuple[OwnExhibit, dict[str, bytes]]:
    path = folder / "analysis.py"
    path.write_text(f"def one(results, axes=None):\n    {body}\n")
    return own.make(path, Declared("one", kind, 1, "", width), VALUES)  # type: ignore[arg-type]  # of Literals


def test_a_figure_is_an_svg_in_the_colors_of_the_page_with_its_alternative(tmp_path: Path) -> None:
    body = f"axes.plot([0, 1], [results.test.accuracy.mean, 0], label='a'); {AXES}; axes.legend(); return 'It  falls.'"
    exhibit, files = made(tmp_path, "figure", body)
    svg = files["analysis-one.svg"].decode()
    assert exhibit == OwnExhibit("one", "figure", "It falls.", used=("test.accuracy.mean",))
    assert "<title>It falls.</title>" in svg and "currentColor" in svg and "Noise" in svg and "metadata" not in svg
    assert svg.count(">a<") == 1, "the key is set once"
    own = f"axes.plot([0, 1], [1, 0]); {AXES}; axes.legend(axes.lines, ['by hand'], loc=4); return 'x'"
    assert ">by hand<" in made(tmp_path, "figure", own)[1]["analysis-one.svg"].decode()
    assert 'viewBox="0 0 300' in svg
    wide = made(tmp_path, "figure", body, "text")[1]["analysis-one.svg"].decode()
    assert 'viewBox="0 0 632' in wide


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    body = f"axes.scatter([0, 1], [1, 0]); {AXES}; return 'Points.'"
    assert made(tmp_path, "figure", body) == made(tmp_path, "figure", body)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (f"{AXES}; return 'Nothing.'", "one() draws nothing"),
        (f"axes.plot([], []); {AXES}; return 'Nothing.'", "one() draws nothing"),
        (f"axes.scatter([0], [float('nan')]); {AXES}; return 'Nothing.'", "one() draws nothing"),
        (f"axes.plot([0, 1], [0, 1], color='yellow', alpha=0.9); {AXES}; return 'x'", "one() draws in #ffff00"),
        ("axes.plot([0], [0]); axes.set_ylabel('y'); return 'x'", "one() does not say what the x axis shows"),
        (f"axes.plot([0], [0]); {AXES}", "one() does not return the alternative text"),
        (f"axes.plot([0], [0], label='q'); axes.figure.legend(); {AXES}; return 'x'", "one() writes on the figure"),
        (f"axes.plot([0], [0]); axes.figure.suptitle('T'); {AXES}; return 'x'", "one() writes on the figure"),
        (f"axes.plot([0], [0], label='q'); axes.legend(title='L'); {AXES}; return 'x'", "one() has a title of the key"),
        (
            "axes.plot([0], [0]); axes.set(xlabel='$x$', ylabel='y'); return 'x'",
            "one() has TeX in the name of the x axis",
        ),
        (f"axes.bar([0], [float('nan')]); {AXES}; return 'x'", "one() draws nothing"),
        (f"axes.plot([0], [0]); axes.twinx(); {AXES}; return 'x'", "one() adds other axes"),
        (f"axes.figure.colorbar(axes.imshow([[0, 1]])); {AXES}; return 'x'", "one() adds other axes"),
        (f"axes.plot([0], [0]); axes.inset_axes([0, 0, 1, 1]); {AXES}; return 'x'", "one() adds other axes"),
        (f"axes.plot([0], [0]); axes.set_title('T' * 60); {AXES}; return 'x'", "one() has 60 characters in the title"),
        (
            "axes.plot([0], [0]); axes.set(xlabel='x' * 60, ylabel='y'); return 'x'",
            "one() has 60 characters in the name of",
        ),
        (f"axes.plot([0], [0], label='a' * 60); {AXES}; return 'x'", "one() has 60 characters in a label in the key"),
        (f"axes.plot([0], [0], label='a\\nb'); {AXES}; return 'x'", "one() has two lines in a label in the key"),
        (
            "axes.plot([0], [0]); axes.set(xlabel='$x^2$', ylabel='y'); return 'x'",
            "one() has TeX in the name of the x axis",
        ),
        (
            f"axes.plot([0], [0]); {AXES}; return f'From {{results.test.loss.low:.1f}} on.'",
            "The alternative text of one() contains nan",
        ),
        (
            f"axes.plot([0, 1], [0, 1], color='yellow'); {AXES}; return 'x'",
            "one() draws in #ffff00, which cannot be seen",
        ),
    ],
)
def test_a_figure_that_lacks_something_is_refused_with_the_function_s_line(
    tmp_path: Path, body: str, told: str
) -> None:
    with pytest.raises(ReportError) as caught:
        made(tmp_path, "figure", body)
    assert caught.value.what.startswith(told) and caught.value.where == Place(tmp_path / "analysis.py", 1)


@pytest.mark.parametrize(("scale", "data", "tick"), [("log", 1, "0.1"), ("logit", 1, "0.1"), ("symlog", 1e5, "1,000")])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_numbers_on_any_scale_are_written_as_in_the_article(
    tmp_path: Path, axis: str, scale: str, data: float, tick: str
) -> None:
    values = [0.01 * data, 0.1 * data, 0.9 * data]
    body = f"axes.plot({values}, {values}); axes.set_{axis}scale('{scale}'); {AXES}; return 'x'"
    svg = made(tmp_path, "figure", body)[1]["analysis-one.svg"].decode()
    assert "$" not in svg and "mathdefault" not in svg and f">{tick}<" in svg


@pytest.mark.parametrize("label", ["R$^2$", "$10^{-3}$", "x$_1$", "$x$", r"$\\lambda$"])
def test_tex_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(ReportError, match="has TeX in the name of the x axis"):
        made(tmp_path, "figure", f"axes.plot([0, 1], [1, 0]); axes.set(xlabel='{label}', ylabel='y'); return 'x'")


def test_a_price_is_no_equation(tmp_path: Path) -> None:
    body = "axes.plot([0, 1], [1, 0]); axes.set(xlabel='cost ($) of conv_1 ($)', ylabel='y'); return 'x'"
    assert b"cost ($) of conv_1 ($)" in made(tmp_path, "figure", body)[1]["analysis-one.svg"]


@pytest.mark.parametrize(("data", "ticks"), [((8, 64), {"8", "16", "32", "64"}), ((64, 8), {"8", "16", "32", "64"})])
def test_a_logarithmic_axis_keeps_its_base(tmp_path: Path, data: tuple[int, int], ticks: set[str]) -> None:
    body = f"axes.plot({data}, [0, 1]); axes.set_xscale('log', base=2); axes.set_xlim(*{data}); {AXES}; return 'x'"
    svg = made(tmp_path, "figure", body)[1]["analysis-one.svg"].decode()
    assert set(re.findall(r">(\d+)<", svg)) >= ticks and ">10<" not in svg


def test_names_of_bars_are_kept_on_both_axes(tmp_path: Path) -> None:
    for call in ("bar", "barh"):
        svg = made(tmp_path, "figure", f"axes.{call}(['up', 'down'], [1, 2]); {AXES}; return 'x'")[1][
            "analysis-one.svg"
        ]
        assert b">up<" in svg and b">down<" in svg


def test_a_grid_and_points_spread_at_random_are_drawn_alike_in_each_build(tmp_path: Path) -> None:
    body = "import numpy as np; axes.scatter(np.random.rand(9), np.random.rand(9)); axes.grid(True)"
    first, second = (made(tmp_path, "figure", f"{body}; {AXES}; return 'x'")[1] for _ in range(2))
    assert first == second


def test_an_end_of_no_interval_is_a_gap_in_a_figure_and_words_in_a_table(tmp_path: Path) -> None:
    body = f"axes.plot([0, 1, 2], [results.test.loss.low, 1, 2]); {AXES}; return 'x'"
    svg = made(tmp_path, "figure", body)[1]["analysis-one.svg"].decode()
    assert "no interval" not in svg
    exhibit, _ = made(tmp_path, "table", "return ['a'], [[(results.test.loss.low, 'percent')]]")
    assert exhibit.rows == ((Cell(path=("test", "loss", "low"), filter="percent"),),)


def test_a_table_has_texts_and_results_with_the_filters_that_write_them(tmp_path: Path) -> None:
    body = "a = results.test.accuracy; return ['What', 'a', 'b'], [['it', a, (a.mean, 'percent(1)')]]"
    exhibit, files = made(tmp_path, "table", body)
    row = (Cell("it"), Cell(path=("test", "accuracy")), Cell(path=("test", "accuracy", "mean"), filter="percent(1)"))
    assert (exhibit.header, exhibit.rows, files) == (("What", "a", "b"), (row,), {})


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return [['a']]", "one() does not return a header and rows"),
        ("return ['a'], []", "one() does not return a header and rows"),
        ("return ['a'], [['x', 'y']]", "one(): row 1 does not have one cell"),
        ("return ['a'], [['x'], [2 * results.test.accuracy.mean]]", "one(): row 2: 1.0 is neither a text nor a result"),
        (
            "return [f'n = {results.test.loss.mean}'], [['x']]",
            "one(): the header: a result is written into the text 'n = 2.0'",
        ),
        (
            "return ['a'], [[f'{100 * results.test.accuracy.mean:.1f}%']]",
            "one(): row 1: a result is written into the text",
        ),
        (
            "return ['a'], [[(results.test.accuracy.mean, 'percent(1, 2)')]]",
            "one(): row 1: the filter percent: too many positional arguments",
        ),
        (
            "return ['a'], [[(results.test.accuracy.mean, 'number')]]",
            "one(): row 1: the filter number: missing a required argument: ",
        ),
        (
            "return ['a'], [[(results.test.accuracy, 'words')]]",
            'one(): row 1: the filter "words" cannot format test.accuracy: words is for numbers',
        ),
        ("return ['a'], [[(results.test.accuracy, 'bold')]]", 'one(): row 1: there is no filter "bold"'),
        ("return ['a'], [[(results.test.accuracy, 'percent(')]]", 'one(): row 1: there is no filter "percent("'),
        (
            "return ['a'], [[f'{results.test.accuracy.mean:.1%}']]",
            "one(): row 1: a result is written into the text",
        ),
        ("return ['a'], [[str(results.test.accuracy.mean)]]", "one(): row 1: a result is written into the text '0.5'"),
        ("return ['a'], [[results]]", "one(): row 1: "),
        ("return ['a'], [[('b', 'percent')]]", "one(): row 1: "),
        ("return results.test.accurcy", "one() failed: AttributeError: test has no accurcy"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, body: str, told: str) -> None:
    with pytest.raises(ReportError) as caught:
        made(tmp_path, "table", body)
    assert caught.value.what.startswith(told)


def test_what_is_raised_while_a_figure_is_saved_is_told_with_the_author_s_line(tmp_path: Path) -> None:
    body = f"axes.axhline(1); {AXES}; axes.yaxis.set_major_formatter(lambda v, p: 1 / 0); return 'x'"
    with pytest.raises(ReportError, match=r"one\(\) failed: ZeroDivisionError") as caught:
        made(tmp_path, "figure", body)
    assert caught.value.where == Place(tmp_path / "analysis.py", 2)


def test_an_address_of_a_line_does_not_reach_the_page(tmp_path: Path) -> None:
    body = f"axes.plot([0, 1], [0, 1], gid='a', url='javascript:alert(1)'); {AXES}; return 'x'"
    assert b"javascript" not in made(tmp_path, "figure", body)[1]["analysis-one.svg"]


@pytest.mark.parametrize(
    ("element", "color"),
    [
        ('<path stroke="#ffff00"/>', "#ffff00"),
        ('<path fill="#101010"/>', "#101010"),
        ('<path stroke="#ffff00" stroke-opacity="0.2"/>', None),
        ('<path stroke="#0072b2"/>', None),
        ('<path stroke="#808080" fill="none"/>', None),
    ],
)
def test_a_color_has_contrast_with_light_and_dark_pages(element: str, color: str | None) -> None:
    assert unseen_color(f"<svg>{element}</svg>".encode()) == color
