"""README and docs/: commands and keys that there are, names that can be printed, and links that lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

from generator import cli
from generator.article import foreseen
from generator.paper import Paper, load_paper
from generator.prose.expressions import SAFE_FILTERS, WRITING_FILTERS
from generator.results.descriptions import KNOWN
from tests.support.documentation import PAGES, ROOT, Block, blocks

IN_WORDS = ("data.mirrors", "published.epochs")
"""Lists of tables whose keys the text describes."""

MINIMAL = 'title = "A paper"\nauthors = ["Ada Example"]\ndate = 2026-01-02\n'
COMMAND = re.compile(r"(?:PYTHONPATH=\. )?(make|\.venv/bin/\S+)( .*)?")


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of the pages, in blocks and in the text, as its words, without the comment behind it."""
    for block in blocks("sh"):
        for line in block.text.splitlines():
            if COMMAND.fullmatch(line):
                yield line, shlex.split(line, comments=True)
    for page in PAGES:
        for line in re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")):
            if COMMAND.fullmatch(line):
                yield line, shlex.split(line)


@pytest.mark.parametrize(("line", "words"), list(commands()))
def test_a_command_of_the_pages_is_one_that_there_is(line: str, words: list[str]) -> None:
    words = [word for word in words if word != "PYTHONPATH=."]
    if words[0] == "make":
        targets, arguments = made_by(words[1:])
        assert targets <= set(re.findall(r"^([\w./]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE))
        for target in targets & {"report", "watch"}:
            check("build" if target == "report" else "watch", arguments)
    elif words[1:3] == ["-m", "generator"]:
        check(words[3], words[4:])
    else:
        assert " ".join(words[:2]).removeprefix(".venv/bin/") in ("dask scheduler", "dask worker", "pip install")


def made_by(words: list[str]) -> tuple[set[str], list[str]]:
    """The targets of a call of make, and what it hands on to the generator."""
    variables = dict(word.split("=", 1) for word in words if "=" in word)
    assert variables.keys() <= {"PAPER", "FROM", "TO", "ARGS"}
    return {word for word in words if "=" not in word}, shlex.split(variables.get("ARGS", "").replace("…", ""))


def check(name: str, arguments: list[str]) -> None:
    """Parses the arguments of a command without running it."""
    command = cli.commands.commands[name]
    with click.Context(command, info_name=name) as context:
        command.parse_args(context, list(arguments))


def test_every_command_and_every_target_an_author_needs_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    own = {"build", "watch", "new", "publish"}  # make calls these
    assert [name for name in cli.commands.commands if name not in own and f"generator {name}" not in readme] == ["key"]
    assert [
        name for name in ("report", "watch", "new", "publish", "test", "quick", "lint") if f"make {name}" not in readme
    ] == []


@pytest.mark.parametrize("block", blocks("toml"))
def test_an_example_of_paper_toml_is_one(block: Block, tmp_path: Path) -> None:
    text = block.text if block.text.startswith("title") else MINIMAL + block.text
    (tmp_path / "paper.toml").write_text(text, encoding="utf-8")
    load_paper(tmp_path, {})


def test_every_key_of_paper_toml_is_described_and_no_other() -> None:
    described = set[str]()
    for section in re.split(r"^#+ ", (ROOT / "docs" / "paper-toml.md").read_text(encoding="utf-8"), flags=re.MULTILINE):
        heading, _, text = section.partition("\n")
        tables = re.findall(r"\[(\w+)\]", heading)
        rows = [
            name for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for name in re.findall(r"`([\w.]+)`", row)
        ]
        described |= {table for table in tables if table == "literals"}
        described |= set(completed(rows, tables[0] if len(tables) == 1 else ""))
    known = set(keys(msgspec.inspect.type_info(Paper), ""))
    assert described == known


def completed(rows: list[str], table: str) -> Iterator[str]:
    """Names of keys with their table; one that begins with a dot has the table of the name before it."""
    last = ""
    for name in rows:
        if name.startswith("."):
            yield last.rpartition(".")[0] + name
        else:
            last = f"{table}.{name}" if table else name
            yield last


def keys(kind: msgspec.inspect.Type, name: str) -> Iterator[str]:
    """The dotted names of all keys below a record; tables without keys of their own are keys themselves.

    NAME stands for a name that the author gives.
    """
    if name in IN_WORDS:
        yield name
    elif isinstance(kind, msgspec.inspect.UnionType):
        for part in kind.types:
            if not isinstance(part, msgspec.inspect.NoneType):
                yield from keys(part, name)
    elif isinstance(kind, msgspec.inspect.DictType) and isinstance(kind.value_type, msgspec.inspect.StructType):
        yield from keys(kind.value_type, f"{name}.NAME")
    elif isinstance(kind, msgspec.inspect.VarTupleType) and isinstance(kind.item_type, msgspec.inspect.StructType):
        yield from keys(kind.item_type, name)
    elif isinstance(kind, msgspec.inspect.StructType):
        for field in kind.fields:
            yield from keys(field.type, f"{name}.{field.name}" if name else field.name)
    else:
        yield name


def test_all_figures_tables_and_listings_are_listed() -> None:
    text = (ROOT / "docs" / "writing.md").read_text(encoding="utf-8")
    rows = "".join(re.findall(r"^\| `(?:figure|table|listing) .*?\|", text, re.MULTILINE))
    for kind in ("figure", "table", "listing"):
        named = [exhibit.name for exhibit in foreseen.exhibits().values() if exhibit.kind == kind]
        assert sorted(re.findall(f"`{kind} (.*?)`", rows)) == sorted(named)


def test_all_filters_are_described() -> None:
    text = (ROOT / "docs" / "writing.md").read_text(encoding="utf-8").partition("## Filters")[2]
    described = {name.partition("(")[0] for name in re.findall(r"`([^`]+)`", text)}
    assert described == {*SAFE_FILTERS, *WRITING_FILTERS, "round"}


def test_every_link_leads_to_a_file_and_a_heading_that_is_there() -> None:
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"(?<!`)\]\(([^)\s]+)\)", text):
            if not target.startswith("https://") and target != "local.png":
                path, _, anchor = target.partition("#")
                assert (page.parent / path).is_file(), f"{page.name}: {target}"
                assert not anchor, f"{page.name}: {target}: links to headings are not checked"


def test_the_claim_that_the_readme_breaks_is_in_the_default_paper() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (claim,) = re.findall(r"break a claim: replace `([^`]+)`", readme)
    assert f'{{claim="{claim}"}}' in (ROOT / "report" / "article.md").read_text(encoding="utf-8")


def test_the_pages_are_short() -> None:
    lengths = {page.name: len(page.read_text(encoding="utf-8").splitlines()) for page in PAGES}
    assert {name: count for name, count in lengths.items() if count > 150} == {}


PARTS = ("NAME", "PART", "KEY")
"""What stands in the list of results for the parts that a paper determines, by their order."""


def documented_results() -> dict[str, str]:
    """The rows of the list of results: names with placeholders, and their descriptions."""
    rows: dict[str, str] = {}
    for pattern, words in KNOWN.items():
        if re.fullmatch(r"hierarchy\..*\.(untrained|difference|null\..*)", pattern):
            continue  # the text above the list describes these
        name = pattern.removesuffix(".trained") if pattern.startswith("hierarchy") else pattern
        for part in PARTS:
            name = name.replace("*", part, 1)
        rows[name] = words.removesuffix(", trained").format(*PARTS)
    return dict(sorted(rows.items()))


def test_every_kind_of_result_is_listed_with_its_description() -> None:
    listed = re.findall(r"^\| `(.+?)` \| (.+) \|$", (ROOT / "docs" / "results.md").read_text("utf-8"), re.MULTILINE)
    assert dict(listed) == documented_results()


def made(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What make would do."""
    command = ["make", "--dry-run", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_paper_s_folder_without_its_variable_is_refused_by_make_before_anything_is_built() -> None:
    done = made("report", "report/")
    assert (done.returncode, done.stdout) == (2, "") and "Write PAPER=report/" in done.stderr
    assert made("help").returncode == 0


def test_a_variable_in_lowercase_is_refused_by_make_which_would_ignore_it() -> None:
    done = made("report", "paper=papers/mine")
    assert (done.returncode, done.stdout) == (2, "") and "Write paper in capitals" in done.stderr
