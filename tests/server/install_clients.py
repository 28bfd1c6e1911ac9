"""Install what the server is tested with, above all clients of the remove.bg API, into one folder.

``python tests/server/install_clients.py FOLDER``; then set ``MATTEKIT_CLIENTS=FOLDER``. Needs pip,
npm and, for all but Python and Node, apt-get and dpkg. What cannot be installed is said, and the
exit status is 1. Nothing is installed into the system; the client in Java needs a JDK that is
there.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

PYTHON = (
    *("removebg==0.4", "removebg-cli==1.0.0", "remove-bg-api==0.2.1"),
    *("removebgplus==0.1.2", "rembgpy==1.0.1"),
)
NODE = (
    *("remove.bg@1.3.0", "removebg-wrapper@1.0.3", "request@2.88.2"),
    *("playwright-core@1.65.1", "axe-core@4.14.1"),
)
OIDC = ("oidc-provider@9.13.3",)
PHP = (
    *("php8.2-cli", "php8.2-common", "php8.2-curl", "libargon2-1", "libsodium23", "libcurl4"),
    *("php-guzzlehttp-guzzle", "php-guzzlehttp-promises", "php-guzzlehttp-psr7"),
    *("php-psr-http-client", "php-psr-http-message", "php-psr-http-factory"),
    *("php-symfony-deprecation-contracts", "php-getallheaders"),
)
JAVA = (
    *("libhttpclient-java", "libhttpcore-java", "libhttpmime-java"),
    *("libcommons-logging-java", "libcommons-codec-java"),
)
RUBY = (
    *("ruby3.1", "libruby3.1", "libyaml-0-2", "libgmp10", "libffi8"),
    *("ruby-faraday", "ruby-multipart-post", "ruby-ruby2-keywords"),
)
GO = ("golang-1.19-go", "golang-1.19-src")
MONO = (
    *("mono-runtime", "mono-runtime-common", "mono-runtime-sgen", "mono-mcs"),
    *("libmono-corlib4.5-cil", "libmono-corlib4.5-dll", "libmono-btls-interface4.0-cil"),
    *("libmono-system4.0-cil", "libmono-system-core4.0-cil", "libmono-system-numerics4.0-cil"),
    *("libmono-system-xml4.0-cil", "libmono-system-security4.0-cil", "libmono-security4.0-cil"),
    *("libmono-system-configuration4.0-cil", "libmono-system-net-http4.0-cil"),
)
REDIS = (
    *("redis-server", "redis-tools", "libjemalloc2", "liblua5.1-0", "liblzf1"),
    *("lua-cjson", "lua-bitop", "libatomic1"),
)
POSTGRES = (
    *("postgresql-15", "postgresql-client-15", "libpq5", "libicu72", "libxml2"),
    *("libldap-2.5-0", "libsasl2-2"),
)
NGINX = ("nginx", "nginx-common", "libpcre2-8-0")
CADDY = ("caddy",)
SYSTEMD = ("systemd", "libsystemd-shared")


def install_python(folder: Path) -> None:
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PYTHON], check=True)


def install_node(folder: Path, names: Sequence[str]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')
    subprocess.run(["npm", "install", "--silent", *names], cwd=folder, check=True)


def install_debian(folder: Path, names: Sequence[str]) -> None:
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "download", "-qq", *names], cwd=packages, check=True)
    for package in sorted(packages.glob("*.deb")):
        subprocess.run(["dpkg", "-x", package, folder], check=True)


def main(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    steps: dict[str, Callable[[Path], None]] = {
        "py": install_python,
        "node": functools.partial(install_node, names=NODE),
        "oidc": functools.partial(install_node, names=OIDC),
        "php": functools.partial(install_debian, names=PHP),
        "java": functools.partial(install_debian, names=JAVA),
        "ruby": functools.partial(install_debian, names=RUBY),
        "go": functools.partial(install_debian, names=GO),
        "mono": functools.partial(install_debian, names=MONO),
        "redis": functools.partial(install_debian, names=REDIS),
        "postgres": functools.partial(install_debian, names=POSTGRES),
        "nginx": functools.partial(install_debian, names=NGINX),
        "caddy": functools.partial(install_debian, names=CADDY),
        "systemd": functools.partial(install_debian, names=SYSTEMD),
    }
    for name, install in steps.items():
        try:
            install(folder / name)
            print(f"{name}: installed")
        except (OSError, subprocess.CalledProcessError) as error:
            failed += 1
            print(f"{name}: not installed ({error})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
