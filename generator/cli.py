"""The command line: options in, exit status out, and every failure printed once as a plain message.

Exit status 0: done. 1: it failed. 2: the command or the configuration is wrong. 130, 143, 129: SIGINT, SIGTERM, or
SIGHUP ended it.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import io
import os
import shlex
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from generator.core import examples, limits, shortage
from generator.core.errors import Place, ReportError, UsageError
from generator.core.paths import REPORT, absolute, default_out
from generator.core.signals import INTERRUPTED, Interrupted
from generator.records.preview import FAILURE
from generator.records.run import TrainingSettings

if TYPE_CHECKING:
    from generator.build.preflight import Request


@dataclass
class Asked:
    """How failures are reported.

    Attributes:
        debug: whether to print the traceback.
    """

    debug: bool = False


def _ask_for_tracebacks(context: click.Context, _: click.Parameter, given: bool) -> None:
    if given:
        context.ensure_object(Asked).debug = True


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Build a paper about a small neural network from the run it reports."""
    limits.check_memory()


_PAPER = click.option(
    "--paper", type=click.Path(path_type=Path), default=REPORT, help="The paper's folder (default: report/)."
)
_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The output folder (default: build/, or build/NAME for other papers).",
)
_BUILDING = (
    _PAPER,
    _OUT,
    click.option("--data", metavar="PATH|sample", help="Use this data instead of what paper.toml declares."),
    click.option("--replicates", type=click.IntRange(min=1), help="How many replicates to train."),
    click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="Override a value in paper.toml."),
    click.option("--scheduler", metavar="ADDRESS", help="Train and measure replicates on this Dask cluster."),
    click.option("--draft", is_flag=True, help="Build even if claims do not hold, and strike them through."),
)


def _building(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options of a build to a command, and passes it the request that they describe."""

    @functools.wraps(command)
    def called(
        paper: Path,
        out: Path | None,
        data: str | None,
        replicates: int | None,
        settings: tuple[str, ...],
        scheduler: str | None,
        draft: bool,
        **own: object,
    ) -> None:
        from generator.build.preflight import Request  # each command imports only what it needs, to start quickly

        overrides: dict[str, str | int] = dict(map(_setting, settings))
        if replicates is not None:
            overrides["training.replicates"] = replicates
        folder, target = absolute(paper, "--paper"), absolute(out or default_out(paper), "--out")
        command(Request(folder, target, data, overrides, scheduler, draft=draft), **own)

    for option in reversed(_BUILDING):
        called = option(called)
    return called


@commands.command()
@click.argument("folder")
@click.option("--from", "example", metavar="EXAMPLE", default=examples.DEFAULT, help="A folder in examples/.")
def new(folder: str, example: str) -> None:
    """Start a paper in FOLDER, from an example that builds immediately."""
    if not folder:
        raise UsageError("Missing PAPER", next="Name the folder of the new paper: make new PAPER=papers/mine.")
    paper = absolute(Path(folder), "PAPER")
    out = default_out(paper)  # refuses a name that is taken now, not in the first build
    examples.copy_example(example, paper, datetime.date.today())
    click.echo(f"Created {folder} from the example {example}. Now build it, or write with a preview:")
    click.echo(f"  make report PAPER={shlex.quote(folder)}\n  make watch PAPER={shlex.quote(folder)}")
    click.echo(f"Commit {folder} before you publish it. What is built is in {Place(out)}, which git ignores.")


@commands.command()
@_building
@click.option("--refresh", is_flag=True, help="Look for the data again.")
@click.option("--verbose", is_flag=True, help="Also show why each stage runs, and list unused results.")
@click.option("--only", metavar="VARIANT", help="Update only this variant, and build a draft.")
@click.option("--explain", "--dry-run", is_flag=True, help="Show which stages would run and why; build nothing.")
def build(request: Request, refresh: bool, verbose: bool, only: str | None, explain: bool) -> None:
    """Build the paper.

    Writes index.html, article.pdf, results.json, CITATION.cff, and preview.png to OUT/site.
    """
    from generator.build import pipeline
    from generator.core.console import Display

    asked = replace(request, refresh=refresh, verbose=verbose, only=only, draft=request.draft or only is not None)
    display = Display(Console(stderr=True))
    if explain:
        pipeline.explain(asked, display)
    else:
        pipeline.build(asked, display, early=_early())


def _early() -> Path | None:
    """Where the preview that runs this build looks for the page before the PDF; None if no preview runs it."""
    from generator.preview.rebuilding import EARLY

    told = os.environ.get(FAILURE)
    return Path(told).with_name(EARLY) if told else None


@commands.command()
@_building
@click.option("--port", type=click.IntRange(1, 65535), help="The port on 127.0.0.1 (default: any free port).")
def watch(request: Request, port: int | None) -> None:
    """Rebuild after every save, with a preview.

    The page is served on 127.0.0.1 and updates in the browser. Ctrl-C ends it.
    """
    from generator.core.console import Display
    from generator.preview.preview import preview

    display = Display(Console(stderr=True))
    preview(request.folder, request.out, request.data, _arguments(request), port or 0, display)


def _arguments(request: Request) -> list[str]:
    """The command-line options that describe this request."""
    given = {"--paper": request.folder, "--out": request.out, "--data": request.data, "--scheduler": request.scheduler}
    arguments = [f"{name}={value}" for name, value in given.items() if value is not None]
    arguments += [f"--set={name}={value}" for name, value in request.overrides.items()]
    return [*arguments, *(["--draft"] if request.draft else [])]


@commands.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="Print the difference as JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Also write it as a web page.")
def diff(before: str, after: str, as_json: bool, html: Path | None) -> None:
    """Show what changed from edition A to edition B.

    Each is an edition's folder, a published site (its latest edition), SITE/v/EDITION, or a commit of a published site:
    REVISION or REVISION:v/EDITION. The exit status is 0 whether they differ or not, and 2 if A or B is not an edition.
    """
    from generator.diff.comparing import compare_editions

    compare_editions(before, after, as_json, html, Console(soft_wrap=False))


@commands.command()
@click.argument("to")
@_PAPER
@_OUT
@click.option("--allow-dirty", is_flag=True, help="Publish even if the build used anything that is not in the commit.")
def publish(to: str, paper: Path, out: Path | None, allow_dirty: bool) -> None:
    """Publish what was built as a new edition.

    TO is an existing folder, a path with a slash, an existing branch of origin, or branch:NAME for any branch.
    """
    from generator.build import last_request, pipeline
    from generator.core.console import Display
    from generator.editions import publishing
    from generator.editions.candidate import candidate
    from generator.editions.refusals import check_authors, check_obstacles
    from generator.paper import WHICH_FOLDER, load_paper

    if not paper.is_dir():
        raise UsageError("There is no such folder", f"--paper {paper}", WHICH_FOLDER)
    if not to:
        raise UsageError("Missing TO", next="Name a folder, as in TO=../site/, or a branch, as in TO=branch:gh-pages.")
    display = Display(Console(stderr=True))
    request = last_request.recall(absolute(out or default_out(paper), "--out"))
    site = request.out / "site"
    check_obstacles(site, request.folder, allow_dirty)
    built = load_paper(request.folder, request.overrides)
    check_authors(built, request.folder, request.overrides)
    found = pipeline.look(request, display)
    publishing.publish(candidate(site, found, built, request, allow_dirty), to, display)


@commands.command()
@click.argument("site")
@click.option("--data", metavar="PATH", help="Use this data instead of what paper.toml declares.")
@click.option("--json", "as_json", is_flag=True, help="Print every value as JSON.")
def verify(site: str, data: str | None, as_json: bool) -> None:
    """Rebuild a published edition and compare the two.

    SITE is the folder or address of a site (its latest edition is rebuilt), or SITE/v/EDITION.
    """
    import msgspec

    from generator.core.console import Display, visible
    from generator.editions.verify_text import lines
    from generator.editions.verifying import verify

    found = verify(site, Path.cwd(), data, Display(Console(stderr=True)))
    text = msgspec.json.format(msgspec.json.encode(found)).decode() if as_json else "\n".join(lines(found))
    click.echo(visible(text))
    if not found.holds:
        raise ReportError(f"Edition {found.edition} fails verification")


@commands.command()
@_PAPER
def key(paper: Path) -> None:
    """Print the cache key for training and measurement."""
    from generator.build import keys
    from generator.paper import load_paper

    folder = absolute(paper, "--paper")
    click.echo(keys.costly(folder, load_paper(folder, {})).digest)


@commands.command()
def doctor() -> None:
    """Check for missing system libraries, and show how to install them."""
    from generator.render.doctor import examine

    examine()
    click.echo("Nothing is missing.")


@commands.command()
@_PAPER
@_OUT
@click.option("--all", "everything", is_flag=True, help="Remove every entry; the next build starts from scratch.")
def clean(paper: Path, out: Path | None, everything: bool) -> None:
    """Free disk space in OUT/cache: keep what each paper's last 20 builds used and what was used within a week."""
    from rich.filesize import decimal

    from generator.build import retention
    from generator.core.formatting import counted
    from generator.paper import WHICH_FOLDER

    if out is None and not absolute(paper, "--paper").is_dir():
        raise UsageError("There is no such folder", f"--paper {paper}", WHICH_FOLDER)
    freed = retention.clean(absolute(out or default_out(paper), "--out") / "cache", everything)
    click.echo(f"Removed: {counted(freed.entries, 'entry', 'entries')}, {decimal(freed.size)}. Kept: {freed.kept}.")
    if freed.stuck:
        raise ReportError("An entry could not be removed", freed.stuck, "Check its permissions, and clean again.")


_DEBUG = click.Option(
    ["--debug"],
    is_flag=True,
    expose_value=False,
    callback=_ask_for_tracebacks,
    help="Show a traceback if the command fails.",
)
for _command in (commands, *commands.commands.values()):  # --debug may precede or follow the name of a command
    _command.params.append(_DEBUG)


def main() -> None:
    """Runs a command and ends the process with its exit status."""
    _accept_any_character()
    asked = Asked()
    sys.exit(_status(lambda: commands(obj=asked, standalone_mode=False), asked))


def _accept_any_character() -> None:
    """Escapes characters that the terminal's encoding lacks: a message that cannot be printed would be lost."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _status(run: Callable[[], object], asked: Asked) -> int:
    try:
        run()
        return 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        name = error.option_name[2:].replace("-", "_") if isinstance(error, click.NoSuchOption) else ""
        if name in TrainingSettings.__struct_fields__:
            click.echo(f"  To set training.{name} of paper.toml, write --set training.{name}=VALUE.", err=True)
        return UsageError.exit_status
    except ReportError as error:
        error.next = _step(error.next)
        return _tell(str(error), error.exit_status, asked)
    except Interrupted as interrupted:
        if FAILURE in os.environ:  # the preview that runs this build has ended it, and builds again
            return interrupted.exit_status
        return _tell(INTERRUPTED, interrupted.exit_status, asked)
    except Exception as error:
        if message := shortage.told(error):
            what, line, step = message.rpartition("\n")
            return _tell(f"{what}{line}{_step(step)}", 1, asked)
        what = f"This is a bug in the generator, not in the paper: {type(error).__name__}: {error}"
        return _tell(f"{what}\n  Run this again with --debug, and report the output.", 1, asked)


def _step(next: str) -> str:
    """What to do next, as a preview says it if one runs this build."""
    if FAILURE not in os.environ:
        return next
    from generator.preview.rebuilding import while_watching

    return while_watching(next)


def _tell(message: str, status: int, asked: Asked) -> int:
    from generator.core.console import visible

    if asked.debug:
        print(visible(traceback.format_exc()), end="", file=sys.stderr)
    if told := os.environ.get(FAILURE):
        Path(told).write_text(message, encoding="utf-8", errors="replace")
    with contextlib.suppress(OSError):  # the terminal is closed
        Console(stderr=True).print(Text(visible(message), style="bold red"), soft_wrap=True)
    return status


def _setting(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise UsageError(f"{text!r} is not KEY=VALUE", "--set", "Write, for example: --set training.epochs=1")
    return name.strip(), value.strip()
