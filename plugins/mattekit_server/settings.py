"""`Settings`: everything that can be set about one server, with its defaults."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import os
from pathlib import Path
from typing import Any

from mattekit.errors import OptionError
from mattekit.folders import data_folder
from mattekit_server.addresses import database_of, is_url
from mattekit_server.identity import OidcSettings

__all__ = ["Settings", "default_database", "is_loopback"]

MEBIBYTE = 2**20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server behaves. Every field has a flag of `mattekit serve`.

    Attributes
    ----------
    host, port : str, int
        Where it listens; port 0 takes any free one.
    workers : int
        Processes.
    auth : bool
        Whether a key is required. Without, only loopback addresses may be listened on.
    database : pathlib.Path or str or None
        The SQLite file of keys and credits, or the address of a PostgreSQL database; None = no keys
        (only without `auth`, or with `token`).
    oidc : OidcSettings or None
        An issuer whose access tokens are accepted beside keys; None = there is none.
    token : str
        One secret that is accepted instead of keys (the editors' worker); empty = none.
    rate_limit : int
        Megapixel units per key and minute; 0 = no limit.
    rate_storage : str
        Where they are counted, as a URL of the `limits` library; empty = this process's memory,
        or the database where there are several processes.
    file_limit, pixel_limit : int
        Largest picture in bytes and in pixels.
    concurrency : int
        Pictures worked on at once in each process; 0 = one per core, shared by the processes.
    queue : int
        Pictures that may wait for a thread; more are answered 503.
    deadline : float
        Seconds from the complete request to the answer.
    body_timeout : float
        Seconds in which a body must arrive.
    buffer_limit : int
        Bytes of request bodies held at once in each process.
    fetch_timeout : float
        Seconds to fetch `image_url`, and as many for `bg_image_url`, redirects included; at most a
        third of `deadline`.
    fetch_redirects : int
        Redirects followed.
    allow_internal : tuple of str
        Host names, addresses and networks that may be fetched from though they are not public, at
        any port.
    allow_ports : tuple of int
        Ports of public hosts that may be fetched from besides 80 and 443.
    improve_folder : pathlib.Path or None
        Where pictures given to /improve are kept; None = they are refused.
    improve_per_day : int
        Pictures per key and day.
    model, device, refine, size : str
        As the options of the same names; what a request does not choose. An empty `size` is the
        API's default, ``preview``.
    threads : int
        Threads of one inference; 0 = one for small networks, up to four for large ones.
    batch : int
        Pictures that a network which takes several is given at once; 0 = 8 on a GPU, 1 on
        processors, where more gain nothing.
    access_log : {"", "text", "json"}
        Whether, and how, each answer is logged; see `mattekit_server.access`.
    local : bool
        The editors' worker: uncompressed formats and full size are allowed, no other origin is.
    idle : float
        Seconds without a request after which the process ends; 0 = never.
    editors : int
        Pictures that are being corrected at once; 0 = none. They need a single process.
    editor_memory : int
        Bytes of them all, about.
    editor_seconds : float
        After which one that is not asked for is forgotten.
    page : bool
        Whether browsers are given the page for people; it needs a single process.
    page_hosts : tuple of str
        Host names under which the page may be opened where no key is needed, besides loopback ones.
    page_memory : int
        Bytes of pictures and results that the page's visitors have in memory, all together.
    page_seconds : float
        After which what a visitor has not come back to is forgotten.
    app : bool
        `mattekit app`: one person's server, which opens with a `token` in the page's address and
        ends with the last window.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    auth: bool = True
    database: Path | str | None = None
    oidc: OidcSettings | None = None
    token: str = ""
    rate_limit: int = 500
    rate_storage: str = ""
    file_limit: int = 12 * MEBIBYTE
    pixel_limit: int = 50_000_000
    concurrency: int = 0
    queue: int = 64
    deadline: float = 60.0
    body_timeout: float = 60.0
    buffer_limit: int = 512 * MEBIBYTE
    fetch_timeout: float = 20.0
    fetch_redirects: int = 5
    allow_internal: tuple[str, ...] = ()
    allow_ports: tuple[int, ...] = ()
    improve_folder: Path | None = None
    improve_per_day: int = 100
    model: str = "auto"
    device: str = "auto"
    refine: str = "balanced"
    size: str = ""
    threads: int = 0
    batch: int = 0
    access_log: str = ""
    local: bool = False
    idle: float = 0.0
    editors: int = 16
    editor_memory: int = 1024 * MEBIBYTE
    editor_seconds: float = 1800.0
    page: bool = True
    page_hosts: tuple[str, ...] = ()
    page_memory: int = 1024 * MEBIBYTE
    page_seconds: float = 3600.0
    app: bool = False

    def __post_init__(self) -> None:
        if not self.auth and not is_loopback(self.host):
            raise OptionError(
                "no-auth",
                self.host,
                "a loopback address such as 127.0.0.1",
                "without keys anyone who reaches the address could use the server",
            )
        if self.auth and self.database is None and not self.token:
            raise OptionError("database", None, "the SQLite file that holds the keys")
        if self.shared and self.rate_limit and not self.rate_storage:
            raise OptionError(
                "rate_storage",
                self.rate_storage,
                "redis://HOST:PORT, or memory:// where each process may count for itself",
                "keys are shared by several machines",
            )
        if self.oidc is not None and (not self.auth or self.database is None):
            raise OptionError(
                "oidc_issuer",
                self.oidc.issuer,
                "none without keys",
                "those who log in have their accounts in the file of the keys",
            )
        for name in ("workers", "queue", "deadline", "file_limit", "pixel_limit"):
            if getattr(self, name) <= 0:
                raise OptionError(name, getattr(self, name), "a number above 0")

    @property
    def concurrency_here(self) -> int:
        """Pictures at once in one process."""
        return self.concurrency or self.cores_here

    @property
    def cores_here(self) -> int:
        """Cores for one process."""
        return max(1, available_cores() // self.workers)

    @property
    def has_page(self) -> bool:
        """Whether there is a page: what its visitors leave lies in the memory of one process."""
        return self.page and self.workers == 1 and not self.local

    @property
    def has_editors(self) -> bool:
        """Whether pictures stay here while they are corrected, in the memory of one process."""
        return self.editors > 0 and self.workers == 1

    @property
    def shared(self) -> bool:
        """Whether keys and credits are those of several machines."""
        return self.database is not None and is_url(self.database)

    @property
    def body_limit(self) -> int:
        """Largest request body in bytes: two pictures in base64 and some room for the rest."""
        return 3 * self.file_limit + MEBIBYTE

    def to_json(self) -> str:
        """Return the settings as text for another process."""
        values = dataclasses.asdict(self)
        return json.dumps({k: str(v) if isinstance(v, Path) else v for k, v in values.items()})

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        if values["database"]:
            values["database"] = database_of(values["database"])
        if values["improve_folder"]:
            values["improve_folder"] = Path(values["improve_folder"])
        for name in ("allow_internal", "allow_ports", "page_hosts"):
            values[name] = tuple(values[name])
        if values["oidc"]:
            values["oidc"] = OidcSettings.from_values(values["oidc"])
        return cls(**values)


def available_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def default_database() -> Path | str:
    """Return where keys are kept: as ``MATTEKIT_KEYS`` says, else in the user's data folder.

    Raises
    ------
    NoHomeFolder
        It is not set and there is no such folder.
    """
    if path := os.environ.get("MATTEKIT_KEYS"):
        return database_of(path)
    return data_folder("MATTEKIT_KEYS") / "keys.sqlite3"
