"""Starting and ending the bench's processes."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_SECONDS = 30


@dataclass
class Server:
    """A running server: `url` such as "http://localhost:40123"."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rsplit(":", 1)[1])

    def cpu_seconds(self) -> float:
        """The CPU it has used so far."""
        assert self.process.stdin is not None
        self.process.stdin.write("cpu\n")
        self.process.stdin.flush()
        return float(_line(self.process))


@contextmanager
def running(role: str, **settings: Any) -> Iterator[Server]:
    """One server of `tests.bench.servers`, until the block ends."""
    command = [sys.executable, "-m", "tests.bench.servers", role, json.dumps(settings)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Server(process, _line(process))
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def under_load(port: int, path: str, cookie: str, *, connections: int, seconds: float) -> dict[str, Any]:
    """Let `tests.bench.load` ask one server for one page, in a process of its own."""
    settings = {"port": port, "path": path, "cookie": cookie, "connections": connections, "seconds": seconds}
    command = [sys.executable, "-m", "tests.bench.load", json.dumps(settings)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE_SECONDS)
    return dict(json.loads(done.stdout))


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a server of the bench ended before it answered; its words are above")
    return line.strip()
