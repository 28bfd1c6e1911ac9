"""Bringing one file from one of several mirrors, whatever they do on the way.

Bytes arrive in ``<file>.part``; ``<file>.part.json`` says which file and which version of it they
belong to, so that a later call can go on where this one stopped. The file gets its name, in one
step, after size and digests have been found right.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

import httpx

from mattekit._version import __version__
from mattekit.errors import ModelCorrupt, ModelFetchError
from mattekit.models.card import ModelCard
from mattekit.models.files import check_digests, check_size, leftovers
from mattekit.models.urls import RULE, allowed, is_loopback, may_lead_to

__all__ = ["Download"]

#: No model is larger; the cap for files whose card does not give a size.
MAX_BYTES: Final = 8 << 30
MAX_REDIRECTS: Final = 5
#: Bytes per second below which a transfer counts as stalled.
MIN_RATE: Final = 1024
#: A broken transfer that brought this many bytes does not count as a failed attempt.
PROGRESS: Final = 64 << 10
#: Seconds before the first further attempt; each one that brought nothing doubles them.
PAUSE: Final = 0.5
_TRANSIENT: Final = frozenset({408, 416, 425, 429, 500, 502, 503, 504})


class _RefusedError(Exception):
    """The mirror will not do, however often it is asked."""


class _BrokenError(Exception):
    """The transfer failed, but the next attempt may succeed."""


class Download:
    """One file on its way.

    Parameters
    ----------
    card : ModelCard
        Mirrors, size and digests.
    path : Path
        Where the file goes.
    timeout : float
        Seconds without a byte, or below `MIN_RATE`, after which a transfer is broken off.
    retries : int
        Attempts at a mirror after the first that bring no progress.
    progress : callable or None
        Called with the bytes that are there and the bytes in all (0 = not known).
    """

    def __init__(
        self,
        card: ModelCard,
        path: Path,
        timeout: float,
        retries: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.card, self.path = card, path
        self.timeout, self.retries = timeout, retries
        self.progress = progress or (lambda done, total: None)
        self.part, self.facts = leftovers(path)
        self.resumed = False

    def run(self) -> None:
        """Bring the file.

        Raises
        ------
        ModelFetchError
            No mirror delivered it.
        OSError
            It cannot be written.
        """
        failures = []
        for url in self.card.urls:
            try:
                self._from_mirror(url)
            except _RefusedError as error:
                failures.append(f"{url}: {error}")
            else:
                return
        raise ModelFetchError(
            self.card.name,
            "no mirror delivered it. "
            + " ".join(f"{failure}." for failure in failures)
            + f" The file can also be put at {self.path} by hand.",
        )

    def _from_mirror(self, url: str) -> None:
        if not allowed(url):
            raise _RefusedError(f"the address is not allowed; it must be {RULE}")
        idle = 0
        # Proxies of the environment are for the world outside, not for this machine.
        with httpx.Client(timeout=self.timeout, trust_env=not is_loopback(url)) as client:
            while True:
                before = self._size()
                try:
                    self._transfer(client, url)
                    self._commit()
                except (httpx.InvalidURL, UnicodeError) as error:  # a host name that is none
                    raise _RefusedError(f"it names no host ({error})") from error
                except (httpx.HTTPError, _BrokenError, ValueError) as error:
                    idle = 0 if self._size() >= before + PROGRESS else idle + 1
                    if idle > self.retries:
                        reason = str(error) or type(error).__name__
                        raise _RefusedError(f"given up ({reason.rstrip('.')})") from error
                    time.sleep(PAUSE * 2**idle)
                else:
                    return

    def _commit(self) -> None:
        """Give the complete file its name, or throw it away."""
        try:
            check_size(self.card, self.part)
            check_digests(self.card, self.part)
        except ModelCorrupt as error:
            spliced = self.resumed
            self._drop()
            problem = error.problem.replace(str(self.part), "what arrived").partition(". ")[0]
            if spliced:
                # Possibly two versions of the file in one: once more from its beginning.
                raise _BrokenError(problem) from error
            raise _RefusedError(problem) from error
        os.replace(self.part, self.path)  # noqa: PTH105 - the same call, named for what it is
        self.facts.unlink(missing_ok=True)

    # -- one transfer ------------------------------------------------------------------------

    def _transfer(self, client: httpx.Client, url: str) -> None:
        have, etag = self._resume_point(url)
        if have and have == self.card.bytes:
            return
        headers = {"Accept-Encoding": "identity", "User-Agent": f"mattekit/{__version__}"}
        if have:
            headers["Range"] = f"bytes={have}-"
            if etag:
                headers["If-Range"] = etag
        with contextlib.closing(self._ask(client, url, headers)) as response:
            start = self._start(response, have)
            total = self._total(response, start)
            free = shutil.disk_usage(self.path.parent).free
            if total and total - start > free:
                raise OSError(
                    errno.ENOSPC, f"{total - start:,} bytes are needed, {free:,} are free"
                )
            self._note(url, response.headers.get("etag", ""))
            self.resumed = start > 0
            try:
                with self.part.open("ab" if start else "wb") as file:
                    self._receive(response, file, start, total)
                    file.flush()
                    os.fsync(file.fileno())
            except _RefusedError:
                self._drop()
                raise
        if total and self._size() != total:
            raise _BrokenError(f"it ended after {self._size():,} of {total:,} bytes")

    def _ask(self, client: httpx.Client, url: str, headers: dict[str, str]) -> httpx.Response:
        """Send the request and follow redirects, each of which must be allowed, too."""
        request = client.build_request("GET", url, headers=headers)
        for _ in range(MAX_REDIRECTS + 1):
            response = client.send(request, stream=True)
            if response.next_request is None:
                return response
            response.close()
            request = response.next_request
            target = str(request.url)
            if not may_lead_to(url, target):
                raise _RefusedError(f"it redirects to {target}, which is not allowed")
        raise _RefusedError(f"it redirects more than {MAX_REDIRECTS} times")

    def _start(self, response: httpx.Response, have: int) -> int:
        """Return at which byte of the file the answer begins."""
        status = response.status_code
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _RefusedError("it compresses the file, which was not asked for")
        if status == 200:
            return 0
        if status == 206 and have:
            if response.headers.get("content-range", "").startswith(f"bytes {have}-"):
                return have
            self._drop()
            raise _BrokenError("it answered with another part than was asked for")
        if status == 416:
            self._drop()
        problem = f"it answered {status} {response.reason_phrase}".rstrip()
        raise _BrokenError(problem) if status in _TRANSIENT else _RefusedError(problem)

    def _total(self, response: httpx.Response, start: int) -> int:
        """Return the size of the file, 0 where neither card nor server says it."""
        length = response.headers.get("content-length", "")
        announced = start + int(length) if length.isdecimal() else 0
        if announced > (self.card.bytes or MAX_BYTES) or (
            self.card.bytes and announced and announced != self.card.bytes
        ):
            expected = f"{self.card.bytes or MAX_BYTES:,}"
            raise _RefusedError(
                f"the file there has {announced:,} bytes, expected "
                f"{expected if self.card.bytes else f'at most {expected}'}"
            )
        return self.card.bytes or announced

    def _receive(self, response: httpx.Response, file: BinaryIO, start: int, total: int) -> None:
        done = start
        limit = total or MAX_BYTES
        mark, since = done, time.monotonic()
        self.progress(done, total)
        for block in response.iter_raw():
            done += len(block)
            if done > limit:
                raise _RefusedError(f"it sends more than {limit:,} bytes")
            file.write(block)
            self.progress(done, total)
            now = time.monotonic()
            if now - since >= self.timeout:
                if done - mark < MIN_RATE * (now - since):
                    raise _BrokenError(f"it sends less than {MIN_RATE} bytes per second")
                mark, since = done, now

    # -- the unfinished file -----------------------------------------------------------------

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0

    def _drop(self) -> None:
        self.part.unlink(missing_ok=True)
        self.facts.unlink(missing_ok=True)

    def _identity(self) -> str:
        return f"{self.card.bytes}:{self.card.sha256}:{self.card.md5}"

    def _note(self, url: str, etag: str) -> None:
        """Write down to which file the bytes that follow belong."""
        facts = {"file": self._identity(), "url": url, "etag": etag}
        self.facts.write_text(json.dumps(facts), encoding="utf-8")

    def _resume_point(self, url: str) -> tuple[int, str]:
        """Return how many bytes may be kept, and the version of the file that they belong to.

        Bytes of another mirror are kept only where a digest will tell whether they fit; bytes whose
        origin is not known never.
        """
        have = self._size()
        facts = self._known_facts()
        if not have or facts.get("file") != self._identity():
            self._drop()
            return 0, ""
        etag = facts.get("etag", "") if facts.get("url") == url else ""
        if etag.startswith("W/"):
            etag = ""  # a weak validator does not promise equal bytes
        checkable = bool(self.card.sha256 or self.card.md5)
        if have > (self.card.bytes or MAX_BYTES) or not (etag or checkable):
            self._drop()
            return 0, ""
        self.resumed = True
        return have, etag

    def _known_facts(self) -> dict[str, str]:
        try:
            facts: Any = json.loads(self.facts.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        if not isinstance(facts, dict):
            return {}
        return {key: value for key, value in facts.items() if isinstance(value, str)}
