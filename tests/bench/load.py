"""The load, a process of its own: `python -m tests.bench.load <settings as JSON>` prints what came back, as JSON.

So many connections ask for one page as fast as it is answered, for so many seconds and so many pages at most.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from tests.bench.cores import OTHER_CORE, pin

END = b"\r\n\r\n"
MOST_PAGES = 20_000


async def load(port: int, path: str, cookie: str, *, connections: int, seconds: float) -> dict[str, Any]:
    """Ask; `seconds` of wall time. Any answer but 200 is a failure of the bench."""
    request = f"GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\ncookie: {cookie}\r\naccept: text/html\r\n\r\n".encode()
    took: list[float] = []
    end = time.perf_counter() + seconds
    start = time.perf_counter()

    async def visitor() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end and len(took) < MOST_PAGES:
            asked = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(END)
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"{path} answered {head.splitlines()[0]!r}")
            await reader.readexactly(length_of(head))
            took.append(time.perf_counter() - asked)
        writer.close()

    await asyncio.gather(*(visitor() for _ in range(connections)))
    return {"pages": len(took), "seconds": time.perf_counter() - start, "took": sorted(took)}


def length_of(head: bytes) -> int:
    """Content-Length, in bytes."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError("an answer without Content-Length")


def main(settings: dict[str, Any]) -> None:
    """Run and print."""
    pin(OTHER_CORE)
    print(json.dumps(asyncio.run(load(**settings))))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
