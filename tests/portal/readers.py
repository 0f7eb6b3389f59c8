"""Read pages of a portal over many connections at once, as browsers do."""

import asyncio
import random
import time
from dataclasses import dataclass, field

#: Seconds between the readers' looks, drawn anew each time.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 1.5
_PATIENCE_SECONDS = 60.0


@dataclass
class Reading:
    """What readers met.

    Parameters
    ----------
    whole_seconds, known_seconds
        Time of each answer with the page, and of each that said the browser's copy is the same.
    megabytes
        What was sent in all.
    faults
        What was no right answer, one line each.
    """

    whole_seconds: list[float] = field(default_factory=list)
    known_seconds: list[float] = field(default_factory=list)
    megabytes: float = 0.0
    faults: list[str] = field(default_factory=list)


def read_at_once(port: int, path: str, cookie: str, readers: int, seconds: float) -> Reading:
    """Let readers look at a page again and again.

    Parameters
    ----------
    port, path, cookie
        The portal, the page, and the session.
    readers
        How many there are; each has a connection of its own and comes within the first second.
    seconds
        How long they go on. The first look brings the page, and the next ones ask whether it
        changed; every fifth look is a new browser's.
    """
    return asyncio.run(_read_all(port, path, cookie, readers, seconds))


async def _read_all(port: int, path: str, cookie: str, readers: int, seconds: float) -> Reading:
    """Start the readers, and wait for all."""
    reading, until = Reading(), time.monotonic() + seconds
    jobs = [
        _read_on(port, path, cookie, until, reading, random.Random(number))
        for number in range(readers)
    ]
    await asyncio.gather(*jobs)
    return reading


async def _read_on(
    port: int, path: str, cookie: str, until: float, reading: Reading, rng: random.Random
) -> None:
    """Look at the page until the time is over."""
    await asyncio.sleep(rng.random())
    receiver, sender = await asyncio.open_connection("127.0.0.1", port)
    etag, look = "", 0
    try:
        while time.monotonic() < until:
            known = etag if look % 5 else ""
            start = time.perf_counter()
            asked = _ask(receiver, sender, path, cookie, known)
            status, headers, size = await asyncio.wait_for(asked, _PATIENCE_SECONDS)
            taken = time.perf_counter() - start
            if status == 200 and headers.get("content-encoding") == "gzip" and not known:
                reading.whole_seconds.append(taken)
                etag = headers["etag"]
            elif status == 304 and known:
                reading.known_seconds.append(taken)
            else:
                reading.faults.append(f"status {status} with {headers}")
            reading.megabytes += size / 1e6
            look += 1
            await asyncio.sleep(rng.uniform(_SHORTEST_PAUSE, _LONGEST_PAUSE))
    except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
        reading.faults.append(type(error).__name__)
    finally:
        sender.close()


async def _ask(
    receiver: asyncio.StreamReader,
    sender: asyncio.StreamWriter,
    path: str,
    cookie: str,
    etag: str,
) -> tuple[int, dict[str, str], int]:
    """Send one request, and return status, headers, and size of its answer."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip, br"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    lines += [f"If-None-Match: {etag}"] if etag else []
    sender.write("\r\n".join([*lines, "", ""]).encode())
    head = (await receiver.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    size = int(headers.get("content-length", 0))
    await receiver.readexactly(size)
    return int(head[0].split()[1]), headers, size
