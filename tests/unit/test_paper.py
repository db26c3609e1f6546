"""paper.toml is read in full or refused with the line and the nearest known name."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from generator.core.errors import Place, UsageError
from generator.paper import Overrides, line_of, load_paper

BASE = 'title = "A paper"\nauthors = ["An Author"]\ndate = 2026-01-02\n'


def write(folder: Path, text: str) -> Path:
    (folder / "paper.toml").write_text(text)
    return folder


def test_defaults_stand_in_for_what_is_not_written(tmp_path: Path) -> None:
    paper = load_paper(write(tmp_path, BASE), {})
    assert (paper.title, paper.date) == ("A paper", datetime.date(2026, 1, 2))
    assert (paper.training.epochs, paper.training.batch_size, paper.training.replicates) == (2, 32, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            BASE + "[training]\nepoch = 3\n",
            "paper.toml:5: training.epoch is not a key of paper.toml\n  Did you mean training.epochs?",
        ),
        (BASE + "tite = 3\n", "paper.toml:4: tite is not a key of paper.toml\n  Did you mean title?"),
        (BASE + "[trainin]\n", "paper.toml:4: trainin is not a key of paper.toml\n  Did you mean training?"),
        (BASE + "[training]\nxyz = 3\n", "The keys here are epochs, batch_size, replicates, threads, validation."),
        (
            BASE + '[pdf]\npaper = "A0"\n',
            'paper.toml:5: pdf.paper: "A0" is not one of the values of this key\n  Write "A4" or "letter".',
        ),
        (BASE + "[pdf]\npaper = 4\n", 'pdf.paper: expected a string, got a whole number\n  Write "A4" or "letter".'),
        (
            BASE + '[comparison]\ncolumns = [{ title = "A", value = "test.accuracy", best = "max" }]\n',
            '5: comparison.columns.best: "max" is not one of the values of this key\n  Write "least" or "most".',
        ),
        (
            'title = "A"\nauthors = ["B"]\ndate = "2 January"\n',
            "paper.toml:3: date: expected a date, got a string\n  Write a date, such as 2026-01-31.",
        ),
        (
            BASE + '[training]\nepochs = "two"\n',
            "paper.toml:5: training.epochs: expected a whole number, got a string\n  Write a whole number, such as 5.",
        ),
        (
            BASE + "[training]\n\nepochs = 0\n",
            "paper.toml:6: training.epochs: expected a whole number >= 1\n  docs/paper-toml.md says",
        ),
        (BASE + "[figures]\nimage = -1\n", "paper.toml:5: figures.image: expected a whole number >= 0"),
        ('title = "A paper"\ndate = 2026-01-02\n', "authors is missing\n  Add a line: authors = ..."),
        (BASE + '[data]\npath = "x"\n', "paper.toml:4: data: name is missing: load_data() asks for the data"),
        (BASE + f"[training]\nepochs = {'9' * 5000}\n", "This cannot be read as TOML"),
        (BASE + f"literals = {'[' * 5000}\n", "This cannot be read as TOML"),
        (BASE + "[original]\ntitle = 1\n", "paper.toml:5: original.title: expected a string, got a whole number"),
        (
            'title = "A"\nauthors = ["B", 3]\ndate = 2026-01-02\n',
            "paper.toml:2: authors: expected a string, got a whole number",
        ),
        (
            BASE + '[published.parameters]\nconv = "x"\n',
            "paper.toml:5: published.parameters.conv: expected a whole number, got a string",
        ),
        (BASE + "[literals]\ntwo = 2\n", "paper.toml:5: literals.two: expected a string, got a whole number"),
        (BASE + "[[published.epochs]]\nseconds = 0\n", "paper.toml:5: published.epochs.seconds: expected a number > 0"),
        (
            BASE + "[[published.epochs]]\nmetrics = { accuracy = nan }\n",
            "paper.toml:4: published.epochs: accuracy must be a number",
        ),
        (BASE + "[published]\nsteps = 0\n", "paper.toml:5: published.steps: expected a whole number >= 1"),
        ("title = = 1\n", "paper.toml:1: This is not TOML"),
        (
            "authors = []\ntitle = A tiny paper\n",
            "paper.toml:2: This is not TOML: Invalid value (at line 2, column 9)\n"
            '  Write text in quotes: title = "A tiny paper".',
        ),
        ("title = The network's paper # new\n", '  Write text in quotes: title = "The network\'s paper".'),
        ("date = 30.11.2026\n", "  Write year, month, and day with hyphens, such as date = 2026-01-31."),
        ("date = 2026-11-31\n", "  Write year, month, and day with hyphens, such as date = 2026-01-31."),
        ("[original]\ndate = Nov 30, 2026\n", "paper.toml:2: This is not TOML: Invalid value"),
        ("original.date = 30 Nov 2026\n", "such as original.date = 2026-01-31."),
        (
            'title = "A"\nauthors = ["B"]\ndate = 2026-01-02T00:00:00\n',
            "paper.toml:3: date: expected a date, got a date with a time\n  Write a date, such as 2026-01-31.",
        ),
        ("check = False\n", "  Write check = false."),
        ("[variants.plain]\nmodel = { gated = False, depth = 2 }\n", "  Write gated = false."),
        (
            'title = "T\nauthors = ["A"]\n',
            "paper.toml:1: This is not TOML: Illegal character '\\n'",
        ),
        (
            'authors = ["A"]\ntitle = "T',
            "paper.toml:2: This is not TOML: Unterminated string",
        ),
        ("authors = ['A']\ntitle = 'T\n", "  Close the quotes that this line opens."),
        ('authors = ["A"]\ntitle = """T\nU\'s\n', "paper.toml:2: This is not TOML: Unterminated string"),
        ("title = 'T\nauthors = ['A']\n", "  Close the quotes that this line opens."),
        ("authors = ['A']\ntitle = 'T\n# say \"hi\"", "paper.toml:2: This is not TOML: Expected"),
        ('title = "T"\nauthors = [1,', "paper.toml: This is not TOML: Invalid value"),
        ("title = The network\u2019s paper\n", '  Write text in quotes: title = "The network\u2019s paper".'),
        ("title = \u201cT\u201d\n", '  Write straight quotes: ".'),
        ("draft = true\ndraft = true\n", "  Fix this line and build again."),
        (
            BASE + '[data]\nname = "x"\n[[data.mirrors]]\n[[data.mirrors.files]]\nulr = "x"\n',
            "paper.toml:8: data.mirrors.files.ulr is not a key of paper.toml\n  Did you mean data.mirrors.files.url?",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        load_paper(write(tmp_path, text), {})


@pytest.mark.parametrize("language", ["de", "xx", "fr-CA", "zz-unknown", "english"])
def test_a_language_that_the_generator_has_no_words_for_is_refused(tmp_path: Path, language: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_paper(write(tmp_path, BASE + f'language = "{language}"\n'), {})
    assert caught.value.what == (f"language: the generator writes English only, not '{language}'")
    assert caught.value.where == Place(tmp_path / "paper.toml", 4)
    assert 'language = "en-US"' in caught.value.next


@pytest.mark.parametrize("language", ["en", "en-GB", "en-US", "en-001"])
def test_english_of_any_region_is_a_language_of_papers(tmp_path: Path, language: str) -> None:
    assert load_paper(write(tmp_path, BASE + f'language = "{language}"\n'), {}).language == language


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"paper\.toml: File not found\n  Name the folder that holds paper.toml"):
        load_paper(tmp_path, {})


def test_a_value_can_be_replaced(tmp_path: Path) -> None:
    overrides: Overrides = {"training.epochs": "5", "title": "Another title", "training.replicates": 4}
    paper = load_paper(write(tmp_path, BASE), overrides)
    assert (paper.training.epochs, paper.title, paper.training.replicates) == (5, "Another title", 4)


DATA = """\
[data]
name = "d"
[data.arrays]
x_train = "0"
[[data.mirrors]]
[[data.mirrors.files]]
url = "https://a.example/1"
md5 = "00000000000000000000000000000000"
[[data.mirrors]]
[[data.mirrors.files]]
url = "https://a.example/2"
md5 = "00000000000000000000000000000000"
[[data.mirrors.files]]
url = "https://a.example/3"
md5 = "1"
"""
GOOD = DATA.replace('"0"', f'"{"0" * 64}"').replace('"1"', f'"{"1" * 32}"')


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (DATA.replace('"1"', f'"{"1" * 32}"'), 'x_train = "0"'),
        (GOOD.replace("x_train", "x_tran"), "[data.arrays]"),
        (GOOD.replace("https://a.example/3", "ftp://a"), 'url = "ftp://a"'),
        (GOOD.replace("https://a.example/2", "ftp://a"), 'url = "ftp://a"'),
        (DATA.replace('"0"', f'"{"0" * 64}"'), 'md5 = "1"'),
        (GOOD.replace('url = "https://a.example/3"', "url = 3"), "url = 3"),
    ],
)
def test_a_mistake_in_a_table_among_others_is_told_with_its_own_line(tmp_path: Path, text: str, at: str) -> None:
    whole = BASE + text
    with pytest.raises(UsageError) as caught:
        load_paper(write(tmp_path, whole), {})
    assert isinstance(caught.value.where, Place)
    assert caught.value.where.line == whole.splitlines().index(at) + 1


DOTTED = 'variants.a.title = "A"\nvariants.a.training.epochs = 2\n'
VARIANTS = '[variants.a]\ntitle = "A"\n[variants.no-pooling]\ntitle = "B"\n'


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (f"{VARIANTS}training = {{ epoch = 3 }}\n", 8, "variants.no-pooling.training.epoch is not a key of paper.toml"),
        (
            f"{VARIANTS}training.batch_size = 2\ntraining.epochs = 0\n",
            9,
            "variants.no-pooling.training.epochs: expected",
        ),
        (f"{VARIANTS}[variants.no-pooling.training]\nepochs = 0\n", 9, "variants.no-pooling.training.epochs: expected"),
        (
            f"{VARIANTS}titel = 1\n",
            8,
            "variants.no-pooling.titel is not a key of paper.toml\n  Did you mean variants.no-pooling.title?",
        ),
        (
            f"{VARIANTS}modle = {{}}\n",
            8,
            "variants.no-pooling.modle is not a key of paper.toml\n  Did you mean variants.no-pooling.model?",
        ),
        (
            f"{VARIANTS}model = {{ width = [1, {{}}] }}\n",
            8,
            "variants.no-pooling.model.width: expected true or false, a whole number",
        ),
        (f"{VARIANTS}[variants.b]\nmodel = {{}}\n", 8, "variants.b.title is missing\n  Add a line: title = ..."),
        (f'{VARIANTS}[variants."a.b"]\ntitle = "C"\n', 8, '"a.b" is not a name\n  Begin it with a letter'),
        (f'{VARIANTS}[variants.9]\ntitle = "C"\n', 8, '"9" is not a name\n  Begin it with a letter'),
        (
            f'{DOTTED}variants.b.title = "B"\nvariants.b.training.epochs = 0\n',
            7,
            "variants.b.training.epochs: expected",
        ),
        (
            "[explorer.drawing]\nbox = 20\ncanvas = [28, 0]\n",
            6,
            "explorer.drawing.canvas: expected a whole number >= 1",
        ),
        ('[data]\nname = "x"\nclasses = ["a", 3]\n', 6, "data.classes: expected a string, got a whole number"),
        ('[fonts]\n\n\nfallback = ["x", 2]\n', 7, "fonts.fallback: expected a string, got a whole number"),
        ('[comparison]\nmain = "m"\ncolumns = [\n  { titel = "A" },\n]\n', 6, "comparison.columns.titel is not a key"),
        ("[comparison]\ncolumns = [\n  [1, 2],\n]\n[training]\nepoch = 1\n", 5, "comparison.columns: expected"),
        ('description = """\n[training]\nepoch = 1\n"""\n[training]\nepoch = 1\n', 9, "training.epoch is not a key"),
        ('[pdf] # """\n[training]\nepochs = "a"\n# """\n', 6, "training.epochs: expected a whole number, got a string"),
        ("license = \"'''\"\n[training]\nepochs = 0 # '''\n", 6, "training.epochs: expected a whole number >= 1"),
    ],
)
def test_a_mistake_is_told_with_the_line_and_the_whole_name_of_its_key(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    """In variants, whose names are the author's, in arrays, with dotted keys, and after what only looks like TOML."""
    with pytest.raises(UsageError, match=re.escape(f"paper.toml:{line}: {message}")):
        load_paper(write(tmp_path, BASE + text), {})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("original.title", "--set original.title: original.author is missing"),
        ("variants.q.model.a", "--set variants.q.model.a: variants.q.title is missing"),
        ("variants.a b.title", '--set variants.a b.title: "a b" is not a name'),
    ],
)
def test_a_table_that_exists_only_because_of_a_replaced_value_is_told_by_that(
    tmp_path: Path, name: str, message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        load_paper(write(tmp_path, BASE), {name: '"x"'})


def test_the_line_of_a_key_with_a_point_in_it_is_found(tmp_path: Path) -> None:
    folder = write(tmp_path, BASE + '[literals]\n"2" = "a"\n"3.5" = ""\n')
    assert line_of(folder / "paper.toml", "literals", "3.5") == len(BASE.splitlines()) + 3


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "training.epoch",
            "5",
            "--set training.epoch: training.epoch is not a key of paper.toml\n  Did you mean training.epochs?",
        ),
        ("training.epochs", "many", "--set training.epochs: expected a whole number, got a string"),
        ("title.x", "1", "--set title.x: title is a value, not a table"),
        (
            "variants.a",
            '{ title = "A", training = { epoch = 1 } }',
            "--set variants.a: variants.a.training.epoch is not a key of paper.toml\n"
            "  Did you mean variants.a.training.epochs?",
        ),
        ("literals.two", "2", "--set literals.two: expected a string, got a whole number"),
    ],
)
def test_a_mistake_in_a_replaced_value_is_told_where_it_was_made(
    tmp_path: Path, name: str, value: str, message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        load_paper(write(tmp_path, BASE), {name: value})


@pytest.mark.parametrize("url", ["https://example.org", "https://example.org:8080/~me/a-paper/", "http://localhost/x"])
def test_the_address_of_the_site_can_be_given(tmp_path: Path, url: str) -> None:
    assert load_paper(write(tmp_path, BASE + f'[site]\nurl = "{url}"\n'), {}).site.url == url


@pytest.mark.parametrize(
    "url",
    ["example.org", "ftp://example.org/", "https://", "https://a.b/?q=1", "https://a.b/#x", "javascript:alert(1)"],
)
def test_what_is_no_address_is_refused(tmp_path: Path, url: str) -> None:
    for name in ("url", "repository"):
        message = f"paper.toml:5: site.{name}: '{url}' is not an address\n  Write one such as https://example.org/"
        with pytest.raises(UsageError, match=re.escape(message)):
            load_paper(write(tmp_path, BASE + f'[site]\n{name} = "{url}"\n'), {})


def test_a_paper_whose_code_finds_its_own_data_can_say_not_to_look_twice(tmp_path: Path) -> None:
    data = load_paper(write(tmp_path, BASE + "[data]\ncheck = false\n"), {}).data
    assert data is not None and (data.name, data.check) == ("", False)


def test_a_published_metric_keeps_the_zeros_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "paper.toml").write_text(BASE + "[[published.epochs]]\nmetrics = { accuracy = 0.9800, loss = 0.1 }\n")
    published = load_paper(tmp_path, {}).published
    assert published is not None
    assert {name: str(value) for name, value in published.epochs[0].metrics.items()} == {
        "accuracy": "0.9800", "loss": "0.1",
    }  # fmt: skip
