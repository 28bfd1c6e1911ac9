"""npm's oidc-provider as a process, and a person who uses it with a browser without scripts."""

from __future__ import annotations

import contextlib
import html
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

__all__ = ["Person", "RealIssuer"]

SCRIPT = Path(__file__).with_name("issuer.mjs")


class RealIssuer:
    """An issuer at a port of this machine, which can be ended and begun anew.

    Parameters
    ----------
    modules : Path
        The folder in which oidc-provider is installed.
    folder : Path
        For its keys.
    port : int
    page : str
        Address of the server.
    """

    def __init__(self, modules: Path, folder: Path, port: int, page: str) -> None:
        self.modules, self.folder, self.port, self.page = modules, folder, port, page
        self.url = f"http://127.0.0.1:{port}"

    @contextlib.contextmanager
    def running(self, keys: str = "keys.json", ago: int = 0) -> Iterator[None]:
        """Run it with the keys of a file, and a clock that is so many seconds slow."""
        values = {
            "modules": str(self.modules),
            "port": self.port,
            "page": self.page,
            "keys": str(self.folder / keys),
            "ago": ago,
        }
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                ["node", str(SCRIPT), json.dumps(values)], stdout=log, stderr=log
            )
            try:
                self._wait(process)
                yield
            finally:
                process.terminate()
                process.wait(20)
                log.seek(0)
                print(log.read().decode(errors="replace"))  # shown where a test fails

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(200):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/jwks", trust_env=False)
                return
            if process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError("the issuer did not start")

    def token(self, resource: str | None = None, scope: str = "cut") -> str:
        """Return a token for a program of its own, for the server or another resource."""
        form = {
            "grant_type": "client_credentials",
            "client_id": "program",
            "client_secret": "secret",
            "resource": self.page if resource is None else resource,
            "scope": scope,
        }
        answer = httpx.post(f"{self.url}/token", data=form, trust_env=False)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def public_keys(self) -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = httpx.get(f"{self.url}/jwks", trust_env=False).json()["keys"]
        return keys


class Person:
    """Follows links and sends forms, as who logs in does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.client = httpx.Client(trust_env=False, follow_redirects=True, timeout=20)

    def log_in(self, url: str) -> httpx.Response:
        """Open an address, and answer whatever is asked until nothing more is."""
        answer = self.client.get(url)
        for _ in range(8):
            form = re.search(r"<form[^>]*action=\"([^\"]+)\"[^>]*>(.*?)</form>", answer.text, re.S)
            if form is None:
                return answer
            target = answer.url.join(html.unescape(form[1]))
            fields = {"login": self.name, "password": "any"} if 'name="login"' in form[2] else {}
            for tag in re.findall(r"<input[^>]*>", form[2]):
                attributes = dict(re.findall(r"(\w+)=\"([^\"]*)\"", tag))
                if attributes.get("type") == "hidden":
                    fields[attributes["name"]] = html.unescape(attributes["value"])
            answer = self.client.post(target, data=fields)
        raise AssertionError(f"no end of forms at {answer.url}")

    def close(self) -> None:
        self.client.close()
