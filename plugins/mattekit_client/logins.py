"""Logins to servers, kept in one file that is its owner's alone."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from mattekit import forking
from mattekit.errors import ServerError
from mattekit.files import make_folder, write_atomically
from mattekit.folders import data_folder
from mattekit.locking import locked
from mattekit_client.authorization import AuthorizationServer, Login, Tokens, origin_of

__all__ = ["LoginStore", "StoredLogin", "default_logins"]

_log = logging.getLogger(__name__)

#: A token is renewed so many seconds before it ends: a picture takes its time to get there.
_EARLY: Final = 60.0
_LONGEST: Final = 2**20
#: Raised where the file is there and cannot be read.
_UNREADABLE: Final = (OSError, ValueError, RecursionError)


def default_logins() -> Path:
    """Return where logins are kept: ``MATTEKIT_LOGINS``, else in the user's data folder.

    Raises
    ------
    NoHomeFolder
        It is not set and there is no such folder.
    """
    if path := os.environ.get("MATTEKIT_LOGINS"):
        return Path(path)
    return data_folder("MATTEKIT_LOGINS") / "logins.json"


class LoginStore:
    """Logins in one file. Safe to use from several threads and processes.

    Parameters
    ----------
    path : pathlib.Path
        The file; it and its folder are made with the first login, for their owner only.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def servers(self) -> list[str]:
        """Return the servers that there are logins to."""
        return sorted(self._read())

    def get(self, server: str) -> Login | None:
        """Return the login to a server, or None where there is none."""
        values = self._read().get(server)
        if not isinstance(values, dict):
            return None
        try:
            return Login(**{**values, "tokens": Tokens(**values["tokens"])})
        except (KeyError, TypeError):
            return None  # of another version: as if it were not there

    def put(self, login: Login) -> None:
        """Keep a login, in the place of the last one to the same server.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        with self.lock():
            self.write(login.server, login)

    def remove(self, server: str) -> Login | None:
        """Forget the login to a server, and return it."""
        with self.lock():
            login = self.get(server)
            if self.path.exists():
                self.write(server, None)
        return login

    def lock(self) -> Any:
        """Hold the file: nobody else renews or writes a login meanwhile."""
        make_folder(self.path.parent, private=True)
        return locked(self.path.with_name(self.path.name + ".lock"))

    def write(self, server: str, login: Login | None) -> None:
        """Write one login, or forget it; for who holds `lock`.

        A file that cannot be read may hold other logins: it is moved aside, not written over.
        """
        try:
            kept = self._load()
        except _UNREADABLE:
            aside = self.path.with_name(f"{self.path.name}.unreadable")
            self.path.replace(aside)
            _log.warning("%s could not be read and is kept as %s.", self.path, aside)
            kept = {}
        kept.pop(server, None)
        if login is not None:
            kept[server] = {**login._asdict(), "tokens": login.tokens._asdict()}
        if not kept:
            self.path.unlink(missing_ok=True)
            return
        if self.path.exists() and os.name == "posix":
            self.path.chmod(0o600)  # a hand may have left it open, and its mode would stay
        data = json.dumps(kept, indent=1).encode()
        write_atomically(self.path, data, private=True)

    def _read(self) -> dict[str, Any]:
        try:
            return self._load()
        except _UNREADABLE as error:
            _log.warning("%s cannot be read (%s), as if nobody had logged in.", self.path, error)
            return {}

    def _load(self) -> dict[str, Any]:
        try:
            with self.path.open("rb") as file:
                kept = json.loads(file.read(_LONGEST))
        except FileNotFoundError:
            return {}
        if not isinstance(kept, dict):
            raise ValueError(f"expected an object of servers, got {type(kept).__name__}")
        return kept


class StoredLogin:
    """Tokens of a kept login, renewed where they end; a `TokenProvider`.

    Parameters
    ----------
    store : LoginStore
        Where it is kept.
    server : str
        To whom.
    issuer : AuthorizationServer, optional
        Renews tokens; tests have their own.
    clock : callable
        Unix time; tests have their own.
    """

    def __init__(
        self,
        store: LoginStore,
        server: str,
        *,
        issuer: AuthorizationServer | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store, self.server, self._clock = store, origin_of(server), clock
        self._issuer = issuer or AuthorizationServer()
        self._last = ""
        self._lock = threading.Lock()
        forking.register(self)

    def token(self, *, refresh: bool = False) -> str:
        """Return a token; see `TokenProvider`.

        Raises
        ------
        ServerError
            Nobody is logged in any more, or the issuer does not answer.
        """
        with self._lock:
            login = self._login()
            refused = refresh and login.tokens.access == self._last
            if refused or self._ends(login):
                login = self._renewed(login)
            self._last = login.tokens.access
            return self._last

    def after_fork(self) -> None:
        """Have a lock of its own in a forked child."""
        self._lock = threading.Lock()

    def _ends(self, login: Login) -> bool:
        return 0 < login.tokens.expires < self._clock() + _EARLY

    def _login(self) -> Login:
        login = self.store.get(self.server)
        if login is None:
            raise ServerError(
                self.server, 401, "", f"nobody is logged in: mattekit login {self.server}"
            )
        return login

    def _renewed(self, old: Login) -> Login:
        # Issuers take a refresh token that comes twice for a stolen one: one process at a time.
        with self.store.lock():
            login = self._login()
            if login.tokens.access != old.tokens.access:
                return login
            try:
                login = self._issuer.refresh(login)
            except ServerError as error:
                if error.code == "invalid_grant":
                    self.store.write(self.server, None)
                    raise ServerError(
                        self.server,
                        401,
                        error.code,
                        f"{error.title}: mattekit login {self.server}",
                        error.detail,
                    ) from error
                raise
            self.store.write(self.server, login)
            return login
