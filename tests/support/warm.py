"""Interpreters that have imported the libraries already: forks of one process, which imports them once.

To import TensorFlow, SciPy, and WeasyPrint takes longer than most builds of a small paper. The server imports them
and the generator; a fork that runs the generator of another folder imports that one. It starts no thread. A fork has
the arguments, the folder, the environment, and the standard streams that it is asked to have, as a new interpreter
would. Forks, too, are the fork server of its build, which also calls load_data() again, with the hashes of the first
time, and the build that verifies an edition. A test of how a process begins, imports, or is signaled uses a new
interpreter, and so do all tests on systems other than Linux, where such a process cannot be forked safely.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import os
import pickle
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARIES = (
    "keras", "scipy.special", "scipy.stats", "sklearn.linear_model", "sklearn.metrics", "sklearn.preprocessing",
    "matplotlib.figure", "matplotlib.backends.backend_agg", "weasyprint", "jinja2", "markdown_it", "mdit_py_plugins",
    "pygments.lexers", "pybtex.database", "latex2mathml.converter", "ziamath", "rich.progress", "click", "msgspec",
    "PIL.Image", "fontTools.ttLib", "uharfbuzz", "http.server",
)  # fmt: skip

GENERATOR = (
    "generator.cli", "generator.build.pipeline", "generator.article.writing", "generator.build.tasks",
    "generator.model.training", "generator.model.trial", "generator.model.response", "generator.measures.evidence",
    "generator.measures.activity", "generator.figures.figures", "generator.explorer.explorer",
)  # fmt: skip


FORKING_TASKS = (
    "import sys; sys.path.insert(0, {!r}); from tests.support import warm; warm.fork_tasks({!r}); del sys.path[0]"
)
"""Code for a cluster's worker that is a new interpreter, given the root and the address of a server."""


class Request(NamedTuple):
    """What a fork is to be: arguments of `python` (-P, -m, or -c, what follows), a folder, and an environment."""

    arguments: Sequence[str]
    folder: str
    variables: Mapping[str, str]


class Fork:
    """A fork, with as much of `subprocess.Popen` as its users need."""

    def __init__(
        self,
        connection: socket.socket,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        stderr: IO[str] | None = None,
    ) -> None:
        """Takes this side's ends of the pipes to and from the fork."""
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self._connection, self._told = connection, connection.makefile("r")
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def __enter__(self) -> Fork:
        return self

    def __exit__(self, *exception: object) -> None:
        for pipe in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(BrokenPipeError):  # it did not read everything
                if pipe:
                    pipe.close()
        self.wait()

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has already ended
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status when it has ended; raises TimeoutError after so many seconds."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            with self._connection, self._told:
                self.returncode = int(self._told.readline())
        return self.returncode


def run_new(arguments: Sequence[str], folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs `python` with these arguments to its end, in a new interpreter."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=300)


def run(arguments: Sequence[str], folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs `python` with these arguments to its end, in a fork where that can be had."""
    if sys.platform != "linux":
        return run_new(arguments, folder, variables)
    with Path(os.devnull).open("rb") as nothing, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        request = Request(arguments, str(folder), variables)
        fork = Fork(_asked(server(), request, (nothing.fileno(), out.fileno(), err.fileno())))
        try:
            status = fork.wait(timeout=300)
        finally:
            fork.kill()
        return subprocess.CompletedProcess(arguments, status, _text(out), _text(err))


def started(arguments: Sequence[str], folder: Path, variables: Mapping[str, str]) -> Fork:
    """Starts `python` with these arguments in a fork, whose standard error can be read."""
    stderr, theirs = os.pipe()
    with Path(os.devnull).open("r+b") as nothing, os.fdopen(theirs, "wb"):
        request = Request(arguments, str(folder), variables)
        connection = _asked(server(), request, (nothing.fileno(), nothing.fileno(), theirs))
    return Fork(connection, stderr=os.fdopen(stderr))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@functools.cache
def server() -> str:
    """The address of this process's server, which ends with this process."""
    folder = tempfile.TemporaryDirectory(prefix="warm-")
    address = f"{folder.name}/socket"
    listener = socket.create_server(address, family=socket.AF_UNIX)
    settings = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "1"}
    with listener:
        process = subprocess.Popen(
            [sys.executable, "-c", f"from tests.support.warm import serve; serve({listener.fileno()})"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # TensorFlow tells of the graphics cards that there are not
            pass_fds=[listener.fileno()],
        )
    atexit.register(_end, process, folder)
    return address


def _end(process: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str]) -> None:
    process.communicate()
    folder.cleanup()


def _asked(address: str, request: Request, streams: Sequence[int]) -> socket.socket:
    """Asks for a fork; the connection tells its number, and its status when it has ended."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    socket.send_fds(connection, [b"."], streams)
    connection.sendall(pickle.dumps(request))
    connection.shutdown(socket.SHUT_WR)
    return connection


def serve(descriptor: int) -> None:
    """What the server does: imports, then forks for whoever asks, until its standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it reaches every process of a terminal; pytest decides
    listener = socket.socket(fileno=descriptor)
    gc.disable()
    for name in (*LIBRARIES, *GENERATOR):
        with contextlib.suppress(Exception):  # a fork will fail in the same way, and tell its test
            importlib.import_module(name)
    gc.freeze()  # lest each fork copies all memory by looking for what is garbage
    gc.enable()
    if forked := _served(listener):
        _end_with(lambda: _become(*forked, listener.getsockname()))


class Forked(NamedTuple):
    """What the server keeps of a fork: its number, and the connection to whoever asked for it."""

    pid: int
    connection: socket.socket


def _served(listener: socket.socket) -> tuple[Request, list[int]] | None:
    """Answers all requests; in a fork, returns the request and the standard streams to have."""
    forks: dict[int, Forked] = {}  # by the descriptor that can be read when it has ended
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(listener, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select()}
            for ended in ready & forks.keys():
                selector.unregister(ended)
                _tell_status(ended, forks.pop(ended))
            if 0 in ready:
                return None
            if listener.fileno() in ready:
                connection, request, streams = _accepted(listener)
                if (pid := _fork()) == 0:
                    for descriptor, fork in forks.items():
                        fork.connection.close()
                        os.close(descriptor)
                    connection.close()
                    return request, streams
                for stream in streams:
                    os.close(stream)
                connection.sendall(f"{pid}\n".encode())
                descriptor = os.pidfd_open(pid)
                forks[descriptor] = Forked(pid, connection)
                selector.register(descriptor, selectors.EVENT_READ)


def _accepted(listener: socket.socket) -> tuple[socket.socket, Request, list[int]]:
    connection, _ = listener.accept()
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rb") as sent:
        return connection, pickle.load(sent), streams


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the only threads are OpenBLAS's, which survive a fork
        return os.fork()


def _tell_status(descriptor: int, fork: Forked) -> None:
    """Tells whoever asked for a fork how it ended."""
    status = os.waitstatus_to_exitcode(os.waitpid(fork.pid, 0)[1])
    os.close(descriptor)
    with fork.connection, contextlib.suppress(BrokenPipeError):  # nobody is waiting anymore
        fork.connection.sendall(f"{status}\n".encode())


def _end_with(run: Callable[[], object]) -> NoReturn:
    """Runs what was asked for and ends the fork as an interpreter ends, but without taking all modules apart.

    That takes half a second, since it copies all memory that the fork shares with the server. An interrupt that nobody
    handles ends it with status 1.
    """
    try:
        run()
        status: object = 0
    except SystemExit as error:
        status = error.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    if not isinstance(status, int):
        print(status, file=sys.stderr)
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads; Python has no other name for it
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # nobody reads it anymore
            stream.flush()
    os._exit(status & 0xFF)


def _become(request: Request, streams: Sequence[int], address: str) -> None:
    """Makes of this fork the interpreter that was asked for, and runs what it was asked to run."""
    for standard, stream in enumerate(streams):
        os.dup2(stream, standard)
        os.close(stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request.variables)
    os.chdir(request.folder)
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in os.environ
    arguments = [argument for argument in request.arguments if argument != "-P"]
    own = [request.folder] if len(arguments) == len(request.arguments) else []
    sys.path[:1] = [*own, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    root = next((root for root in sys.path if Path(root, "generator").is_dir()), None)
    if root != str(ROOT):
        for name in [name for name in sys.modules if name.partition(".")[0] == "generator"]:
            del sys.modules[name]
    if root:
        forkserver = importlib.import_module("generator.build.forkserver")  # of the folder that was asked for
        forkserver.interpreter = functools.partial(_interpreter, address)  # type: ignore[attr-defined]
        workers = importlib.import_module("generator.build.executors").Workers
        workers.submit_with_other_hashes = workers.submit
        subprocess.run = functools.partial(_run, address, subprocess.run)
    else:  # a worker of a cluster
        fork_tasks(address)
    option, what, *sys.argv[1:] = arguments
    if option == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(what, {"__name__": "__main__"})


def _interpreter(address: str, code: str, folder: Path, output: IO[bytes], stdin: int) -> Fork:
    """Stands for the function of that name in generator.build.worker_process."""
    variables = importlib.import_module("generator.build.worker_process").variables()
    stdout, theirs = os.pipe()
    request = Request(("-P", "-c", code), str(folder), variables)
    fork = Fork(_asked(address, request, (stdin, theirs, output.fileno())), stdout=os.fdopen(stdout, "rb"))
    os.close(theirs)
    return fork


def fork_tasks(address: str) -> None:
    """Has a cluster's worker run its tasks in forks of the server at this address."""
    subprocess.Popen = functools.partial(_popen, address, subprocess.Popen)  # type: ignore[assignment,misc]


def _popen(address: str, popen: Callable[..., Any], command: Sequence[str], **options: Any) -> Any:
    """Stands for subprocess.Popen in a cluster's worker, which runs each task in an interpreter with pipes."""
    if command[:3] != [sys.executable, "-P", "-c"]:
        return popen(command, **options)
    (task, stdin), (stdout, answer) = os.pipe(), os.pipe()
    request = Request(command[1:], str(options["cwd"]), options["env"])
    connection = _asked(address, request, (task, answer, options["stderr"].fileno()))
    for theirs in (task, answer):
        os.close(theirs)
    return Fork(connection, os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb"))


def _run(address: str, run: Callable[..., Any], command: Sequence[str], **options: Any) -> Any:
    """Stands for subprocess.run() in a fork: what it runs of the generator, to show what it says, is a fork, too."""
    if command[:3] != [sys.executable, "-m", "generator"] or options.get("capture_output"):
        return run(command, **options)
    request = Request(command[1:], str(options["cwd"]), options["env"])
    fork = Fork(_asked(address, request, (0, 1, 2)))
    try:
        return subprocess.CompletedProcess(command, fork.wait(options["timeout"]))
    except TimeoutError:
        raise subprocess.TimeoutExpired(command, options["timeout"]) from None
    finally:
        fork.kill()
