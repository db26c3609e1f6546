"""The command line: options in, exit status out, and every failure printed once as a plain message.

Exit status 0: done. 1: it failed. 2: the command or the configuration is wrong.
"""

from __future__ import annotations

import errno
import functools
import io
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from generator.core.errors import ReportError, UsageError
from generator.core.paths import BUILD, REPORT
from generator.records.preview import FAILURE

if TYPE_CHECKING:
    from generator.build.preflight import Request


@dataclass
class Asked:
    """How the user wants to be told of failures.

    Attributes:
        debug: with the traceback.
    """

    debug: bool = False


def _ask_for_tracebacks(context: click.Context, _: click.Parameter, given: bool) -> None:
    if given:
        context.ensure_object(Asked).debug = True


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Builds a paper about a small neural network from the run it reports."""


_BUILDING = (
    click.option("--paper", type=click.Path(path_type=Path), default=REPORT, help="The paper's folder."),
    click.option("--out", type=click.Path(path_type=Path), default=BUILD, help="Where everything built goes."),
    click.option("--data", metavar="PATH|sample", help="The data, instead of what paper.toml declares."),
    click.option("--replicates", type=click.IntRange(min=1), help="How many replicates to train."),
    click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="A value of paper.toml to replace."),
    click.option("--scheduler", metavar="ADDRESS", help="Run tasks on this Dask cluster, which sees the same folders."),
    click.option("--draft", is_flag=True, help="Build although claims do not hold, and strike those through."),
)


def _building(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a build, and hands it the request that they make."""

    @functools.wraps(command)
    def called(
        paper: Path,
        out: Path,
        data: str | None,
        replicates: int | None,
        settings: tuple[str, ...],
        scheduler: str | None,
        draft: bool,
        **own: object,
    ) -> None:
        from generator.build.preflight import Request  # each command imports what it needs, so that none waits

        overrides: dict[str, str | int] = dict(map(_setting, settings))
        if replicates is not None:
            overrides["training.replicates"] = replicates
        folder, built = _whole(paper, "--paper"), _whole(out, "--out")
        command(Request(folder, built, data, overrides, scheduler, draft=draft), **own)

    for option in reversed(_BUILDING):
        called = option(called)
    return called


def _whole(path: Path, option: str) -> Path:
    """The absolute path. Raises UsageError when it leads nowhere, or is no text, which records and pages are."""
    try:
        whole = path.resolve()
        str(whole).encode()
    except UnicodeEncodeError:
        step = "Rename the folder, or name another."
        raise UsageError(f"The path {os.fsencode(whole)!r} is not UTF-8", option, step) from None
    except (OSError, RuntimeError, ValueError):
        raise UsageError(f"No folder can be at {path}", option, "Correct the path.") from None
    return whole


@commands.command()
@_building
@click.option("--explain", is_flag=True, help="Say for each stage whether it runs, and why.")
def build(request: Request, explain: bool) -> None:
    """Build the paper: OUT/site/{index.html, article.pdf, results.json, CITATION.cff, preview.png}."""
    from generator.build.pipeline import build
    from generator.core.console import Display

    build(replace(request, explain=explain), Display(Console(stderr=True)))


@commands.command()
@_building
@click.option("--port", type=click.IntRange(1, 65535), help="The port on 127.0.0.1; a free one unless given.")
def watch(request: Request, port: int | None) -> None:
    """Build after every save, and show the page at an address on this machine."""
    from generator.core.console import Display
    from generator.preview.preview import preview

    display = Display(Console(stderr=True))
    preview(request.folder, request.out, request.data, _arguments(request), port or 0, display)


def _arguments(request: Request) -> list[str]:
    """The options that make this request."""
    given = {"--paper": request.folder, "--out": request.out, "--data": request.data, "--scheduler": request.scheduler}
    arguments = [f"{name}={value}" for name, value in given.items() if value is not None]
    arguments += [f"--set={name}={value}" for name, value in request.overrides.items()]
    return [*arguments, *(["--draft"] if request.draft else [])]


@commands.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="Print the difference as JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Also write it as a page of its own.")
def diff(before: str, after: str, as_json: bool, html: Path | None) -> None:
    """Say what changed from edition A to edition B.

    Each is an edition's folder, a published site (its latest edition), SITE/v/EDITION, or a commit of a published site:
    REVISION or REVISION:v/EDITION. The exit status is 0 whether they differ or not.
    """
    from generator.diff.comparing import compare_editions

    compare_editions(before, after, as_json, html, Console(soft_wrap=False))


@commands.command()
@click.argument("to")
@click.option("--out", type=click.Path(path_type=Path), default=BUILD, help="Where everything was built.")
@click.option("--allow-dirty", is_flag=True, help="Publish although the commit does not hold all that was built.")
def publish(to: str, out: Path, allow_dirty: bool) -> None:
    """Publish OUT/site as a new edition: to the folder TO, or to the branch TO of origin if it has no slash in it."""
    from generator.build import last_request, pipeline
    from generator.core.console import Display
    from generator.editions import publishing
    from generator.editions.candidate import candidate, check_obstacles
    from generator.paper import load_paper

    request, display = last_request.recall(_whole(out, "--out")), Display(Console(stderr=True))
    site = request.out / "site"
    check_obstacles(site, request.folder, allow_dirty)
    article, fonts = pipeline.look(request, display)
    paper = load_paper(request.folder, request.overrides)
    publishing.publish(candidate(site, article, fonts, paper, request, allow_dirty), to, display)


@commands.command()
@click.argument("site")
@click.option("--data", metavar="PATH", help="The data, instead of what paper.toml declares.")
@click.option("--json", "as_json", is_flag=True, help="Print every value as JSON.")
def verify(site: str, data: str | None, as_json: bool) -> None:
    """Rebuild the latest edition of SITE, a folder or an address, or SITE/v/EDITION, and compare value by value."""
    import msgspec

    from generator.core.console import Display, visible
    from generator.editions.verify_text import lines
    from generator.editions.verifying import verify

    found = verify(site, Path.cwd(), data, Display(Console(stderr=True)))
    text = msgspec.json.format(msgspec.json.encode(found)).decode() if as_json else "\n".join(lines(found))
    click.echo(visible(text))
    if not found.holds:
        raise ReportError(f"Edition {found.edition} does not hold")


@commands.command()
@click.option("--paper", type=click.Path(path_type=Path), default=REPORT, help="The paper's folder.")
def key(paper: Path) -> None:
    """Print the key of training and measuring: while it is the same, a kept OUT/cache has all that takes long."""
    from generator.build import keys
    from generator.paper import load_paper

    folder = _whole(paper, "--paper")
    click.echo(keys.costly(folder, load_paper(folder, {})).digest)


@commands.command()
def doctor() -> None:
    """Say what the system lacks, and how to install it."""
    from generator.render.doctor import examine

    examine()
    click.echo("Nothing is missing.")


_DEBUG = click.Option(
    ["--debug"],
    is_flag=True,
    expose_value=False,
    callback=_ask_for_tracebacks,
    help="Show the traceback of a failure.",
)
for _command in (commands, *commands.commands.values()):  # it may stand before a command's name or behind it
    _command.params.append(_DEBUG)


def main() -> None:
    """Runs a command and ends the process with its exit status."""
    _accept_any_character()
    asked = Asked()
    sys.exit(_status(lambda: commands(obj=asked, standalone_mode=False), asked))


def _accept_any_character() -> None:
    """Writes what the terminal's encoding lacks as an escape: a message that cannot be printed would be lost."""
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
        return UsageError.exit_status
    except ReportError as error:
        return _tell(str(error), error.exit_status, asked)
    except (KeyboardInterrupt, click.Abort):
        return _tell("Interrupted. What was finished is kept; build again to go on.", 1, asked)
    except OSError as error:
        return _tell(_system_failure(error), 1, asked)
    except Exception as error:
        what = f"This is a fault of the generator, not of the paper: {type(error).__name__}: {error}"
        return _tell(f"{what}\n  Build again with --debug, and report what it shows.", 1, asked)


def _tell(message: str, status: int, asked: Asked) -> int:
    if asked.debug:
        traceback.print_exc()
    if told := os.environ.get(FAILURE):
        Path(told).write_text(message, encoding="utf-8", errors="replace")
    from generator.core.console import visible

    Console(stderr=True).print(Text(visible(message), style="bold red"), soft_wrap=True)
    return status


def _system_failure(error: OSError) -> str:
    """A failure of the file system, such as a full disk, met anywhere in a build."""
    where = f"{error.filename}: " if error.filename else ""
    step = "Free some space and build again; what was finished is kept."
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        step = "Make it possible and build again; what was finished is kept."
    return f"{where}{error.strerror or error}\n  {step}"


def _setting(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise UsageError(f"{text!r} is not KEY=VALUE", "--set", "Write, for example: --set training.epochs=1")
    return name.strip(), value.strip()
