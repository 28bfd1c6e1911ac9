"""The files of `deploy/`, tried with the programs that read them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mattekit_server.keys import KeyStore
from support.helpers import ROOT
from support.server.pictures import opened, picture
from support.server.program import free_port, running
from support.server.proxy import HOST, make_certificates

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for Linux servers"),
]

CLIENTS = Path(os.environ.get("MATTEKIT_CLIENTS", "/nowhere"))
DEPLOY = ROOT / "deploy"


def program(name: str, folder: str) -> tuple[str, dict[str, str]]:
    """Return a program that Debian has, and the environment in which it finds its libraries."""
    there = CLIENTS / folder
    places = f"{os.environ['PATH']}:/usr/sbin:{there}/usr/sbin:{there}/usr/bin"
    path = shutil.which(name, path=places)
    if path is None:
        pytest.skip(f"no {name} under MATTEKIT_CLIENTS, nor in PATH")
    ours = path.startswith(str(there))
    libraries = ":".join(map(str, there.glob("usr/lib/*-linux-gnu"))) if ours else ""
    return path, {**os.environ, **({"LD_LIBRARY_PATH": libraries} if libraries else {})}


# -- nginx -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, str, KeyStore]]:
    """The address of a server behind nginx, its authority, and a key."""
    nginx, environment = program("nginx", "nginx")
    folder = tmp_path_factory.mktemp("nginx")
    authority = make_certificates(folder)
    keys = KeyStore(folder / "keys.sqlite3")
    key = keys.create("shop", credits=100, free_calls=0)
    port = free_port()
    with running(
        auth=True, database=folder / "keys.sqlite3", file_limit=22 * 2**20, body_timeout=20
    ) as server:
        text = (DEPLOY / "nginx.conf").read_text()
        for given, ours in {
            "127.0.0.1:8000": f"127.0.0.1:{server.port}",
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "matte.example;": f"{HOST};",
            "/etc/ssl/matte.example.pem": str(folder / "cert.pem"),
            "/etc/ssl/matte.example.key": str(folder / "key.pem"),
        }.items():
            assert given in text
            text = text.replace(given, ours)
        paths = "".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; "
            f"{'user root;' if os.getuid() == 0 else ''}"
            f"events {{}} http {{ access_log off; {paths} {text} }}"
        )
        command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        check = subprocess.run(
            [*command, "-t"], env=environment, capture_output=True, text=True, check=False
        )
        assert check.returncode == 0, check.stderr
        assert "warn" not in check.stderr
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                with contextlib.suppress(httpx.TransportError), visitor(port, authority) as client:
                    client.get("/health")
                    break
                time.sleep(0.1)
            yield f"https://{HOST}:{port}", authority, key, keys
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(20)
    keys.close()


def visitor(port: int, authority: Path) -> httpx.Client:
    import ssl

    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = False
    return httpx.Client(
        base_url=f"https://127.0.0.1:{port}", verify=context, trust_env=False, timeout=60
    )


def curl(
    site: tuple[str, Path, str, KeyStore], *arguments: str
) -> subprocess.CompletedProcess[bytes]:
    url, authority, key, _ = site
    port = url.rpartition(":")[2]
    return subprocess.run(
        [
            *("curl", "-sS", "--cacert", str(authority), "-H", f"X-API-Key: {key}"),
            *("--resolve", f"{HOST}:{port}:127.0.0.1", "--noproxy", "*", *arguments),
        ],
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("headers", [(), ("-H", "Expect:"), ("-H", "Transfer-Encoding: chunked")])
def test_nginx_lets_22_megabytes_through(site, tmp_path: Path, headers: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "large.png").write_bytes(picture() + bytes(21 * 2**20))
    result = curl(
        *(site, "-v", *headers, "-F", f"image_file=@{tmp_path}/large.png", "-F", "size=auto"),
        *(
            "-D",
            str(tmp_path / "head"),
            "-o",
            str(tmp_path / "out.png"),
            f"{site[0]}/v1.0/removebg",
        ),
    )
    assert result.returncode == 0, result.stderr
    assert opened((tmp_path / "out.png").read_bytes()).size == (128, 96), result.stderr
    head = (tmp_path / "head").read_text().lower()
    # Above 1 MB curl asks by itself whether it may.
    assert ("http/1.1 100 continue" in head) == (headers[1:] != ("Expect:",))
    for name in ("x-width: 128", "x-credits-charged: 0.25", "access-control-allow-origin: *"):
        assert name in head
    assert "x-ratelimit-remaining" in head


def test_behind_nginx_errors_are_those_of_the_api(site, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "large.png").write_bytes(picture() + bytes(23 * 2**20))
    (tmp_path / "larger.png").write_bytes(bytes(80 * 2**20))
    url = f"{site[0]}/v1.0/removebg"
    result = curl(site, "-F", f"image_file=@{tmp_path}/large.png", url)
    assert json.loads(result.stdout)["errors"][0]["detail"] == "File exceeds limit of 22MB"
    result = curl(site, "-F", f"image_file=@{tmp_path}/larger.png", url)
    assert b"413" in result.stdout + result.stderr
    result = curl(site, "-F", "size=auto", url)
    assert json.loads(result.stdout)["errors"][0]["code"] == "missing_source"
    result = curl(site, f"{site[0]}/metrics")
    assert b"403 Forbidden" in result.stdout
    result = curl(site, f"{site[0]}/v1.0/account")
    total = json.loads(result.stdout)["data"]["attributes"]["credits"]["total"]
    assert total == site[3].records()[0].credits


# -- an authority of one's own, and Caddy ----------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the script has made what it makes."""
    folder = tmp_path_factory.mktemp("authority")
    for _ in range(2):  # a second certificate is of the same authority
        done = subprocess.run(
            [DEPLOY / "make-authority.sh", HOST], cwd=folder, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return folder


def test_the_authority_is_for_one_name(authority: Path) -> None:
    names = {f"{HOST}.pem", f"{HOST}.key", "authority.pem", "authority.key"}
    assert {path.name for path in authority.iterdir()} == names
    for name in (f"{HOST}.key", "authority.key"):
        assert (authority / name).stat().st_mode & 0o077 == 0
    assert handshake(authority, f"{HOST}.pem", HOST) == ""
    assert "mismatch" in handshake(authority, f"{HOST}.pem", "matte.example")
    # With the authority's key in hand, a certificate for another name is still none.
    (authority / "other").mkdir()
    for name in ("authority.pem", "authority.key"):
        shutil.copy(authority / name, authority / "other")
    subprocess.run(
        [DEPLOY / "make-authority.sh", "bank.example"], cwd=authority / "other", check=True,
        capture_output=True,
    )  # fmt: skip
    assert "permitted subtree" in handshake(authority / "other", "bank.example.pem", "bank.example")
    shutil.rmtree(authority / "other")


def handshake(folder: Path, certificate: str, name: str) -> str:
    """Return why a client that trusts the authority refuses a server; empty where it does not."""
    import ssl

    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(folder / certificate, (folder / certificate).with_suffix(".key"))
    theirs = ssl.create_default_context(cafile=folder / "authority.pem")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = theirs.wrap_bio(back, there, server_hostname=name)
    server = ours.wrap_bio(there, back, server_side=True)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLCertVerificationError as error:
            return str(error)
    return ""


def test_caddy(authority: Path, tmp_path: Path) -> None:
    caddy, environment = program("caddy", "caddy")
    port = free_port()
    text = (DEPLOY / "Caddyfile").read_text()
    with running() as server:
        for given, ours in {
            "api.remove.bg {": f"{HOST}:{port} {{\n\tbind 127.0.0.1",
            "127.0.0.1:8000": f"127.0.0.1:{server.port}",
            "/etc/caddy/": f"{authority}/",
        }.items():
            assert given in text
            text = text.replace(given, ours)
        config = tmp_path / "Caddyfile"
        config.write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{text}")
        environment = {**environment, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
        command = ["--config", str(config), "--adapter", "caddyfile"]
        check = subprocess.run(
            [caddy, "validate", *command], env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert check.returncode == 0, check.stderr
        process = subprocess.Popen(
            [caddy, "run", *command], env=environment, stderr=subprocess.DEVNULL
        )
        try:
            (tmp_path / "photo.png").write_bytes(picture())
            arguments = [
                *("curl", "-sS", "--cacert", str(authority / "authority.pem"), "--noproxy", "*"),
                *("--resolve", f"{HOST}:{port}:127.0.0.1", "--retry", "20", "--retry-delay", "1"),
                "--retry-connrefused",
            ]
            url = f"https://{HOST}:{port}"
            form = ["-F", f"image_file=@{tmp_path}/photo.png", f"{url}/v1.0/removebg"]
            done = subprocess.run([*arguments, *form], capture_output=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            assert opened(done.stdout).size == (128, 96)
            done = subprocess.run(
                [*arguments, "-w", "%{http_code}", f"{url}/metrics"],
                capture_output=True,
                check=False,
            )
            assert done.stdout == b"403"
        finally:
            process.terminate()
            process.wait(20)


# -- systemd ---------------------------------------------------------------------------------------


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    analyze, environment = program("systemd-analyze", "systemd")
    text = (DEPLOY / "mattekit.service").read_text()
    command = Path(sys.executable).with_name("mattekit")
    assert "/opt/mattekit/bin/mattekit serve" in text
    unit = tmp_path / "mattekit.service"
    unit.write_text(text.replace("/opt/mattekit/bin/mattekit", str(command)))
    socket = shutil.copy(DEPLOY / "mattekit.socket", tmp_path)

    def verify() -> str:
        done = subprocess.run(
            [analyze, "verify", "--man=no", "--recursive-errors=no", unit, socket],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = (done.stdout + done.stderr).splitlines()
        return "".join(line for line in said if "mattekit.s" in line)

    assert verify() == ""
    unit.write_text(unit.read_text().replace("NoNewPrivileges", "NoNewPrivilegs"))
    assert "NoNewPrivilegs" in verify()
    unit.write_text(unit.read_text().replace("NoNewPrivilegs", "NoNewPrivileges"))
    Path(socket).write_text("[Socket]\nListenStream=127.0.0.1:none\n")
    assert "mattekit.socket" in verify()


def test_the_command_of_the_unit_is_one(tmp_path: Path) -> None:
    text = (DEPLOY / "mattekit.service").read_text()
    flags = shlex.split(re.findall(r"^ExecStart=\S+ (.*)$", text, re.M)[0])
    done = subprocess.run(
        [sys.executable, "-m", "mattekit_cli", *flags, "--help"], capture_output=True, check=False
    )
    assert done.returncode == 0


# -- Docker ----------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text()
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and line[0] != "#"]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def test_the_dockerfile_step_by_step(tmp_path: Path) -> None:  # noqa: PLR0915 - its steps
    """What `docker build` and `docker run` do, in folders of our own: no daemon is needed."""
    root = tmp_path / "root"
    source, wheels, data = root / "src", root / "wheels", root / "data"
    source.mkdir(parents=True)
    data.mkdir()
    venv.create(root / "python", with_pip=True)
    places = {"/src": str(source), "/wheels": str(wheels), "/data": str(data)}
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MATTEKIT_"))},
        "PATH": f"{root}/python/bin:{os.environ['PATH']}",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }

    def here(text: str) -> str:
        return re.sub(r"(?<![\w.])/(src|wheels|data)\b", lambda m: places[m[0]], text)

    stage, command, health = 0, [], []
    for name, rest in instructions():
        if name == "FROM":
            stage += 1
            assert re.fullmatch(r"python:3\.\d+-slim( AS build)?", rest)
        elif name == "COPY" and stage == 1:
            *files, target = rest.split()
            for file in files:
                to = source / (Path(file).name if target == "./" else target)
                (shutil.copytree if (ROOT / file).is_dir() else shutil.copy)(ROOT / file, to)
        elif name == "RUN" and "pip" in rest:
            if stage == 2:  # what the first stage has made, without a copy of it in the image
                assert rest.startswith(
                    "--mount=type=bind,from=build,source=/wheels,target=/wheels "
                )
            done = subprocess.run(
                ["sh", "-euc", here(re.sub(r"^--mount=\S+", "", rest))],
                cwd=source if stage == 1 else root, env=environment, capture_output=True,
                text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        elif name == "RUN":
            assert subprocess.run(["sh", "-nc", rest], check=False).returncode == 0
        elif name == "ENV":
            environment |= dict(pair.split("=") for pair in here(rest).split())
        elif name == "CMD":
            command = json.loads(rest)
        elif name == "HEALTHCHECK":
            health = json.loads(rest.removeprefix("CMD "))
        else:
            assert name in {"WORKDIR", "COPY", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL"}
    # Logins, their pages, and what several machines share.
    program = (
        "import joserfc, psycopg, redis, importlib.resources as r; "
        "p = r.files('mattekit_server') / 'pages'; "
        "assert all((p / f'account.{kind}').is_file() for kind in ('html', 'css', 'js'))"
    )
    subprocess.run([root / "python/bin/python", "-c", program], env=environment, check=True)
    port = free_port()
    assert command[:2] == ["mattekit", "serve"]
    mattekit = [str(root / "python/bin" / command[0])]
    key = subprocess.run(
        [*mattekit, "keys", "create", "shop"],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    assert (data / "keys.sqlite3").exists()
    server = subprocess.Popen(
        [*mattekit, *command[1:], "--port", str(port)], env=environment, stderr=subprocess.DEVNULL
    )
    check = [part.replace("8000", str(port)) for part in health]
    try:
        for _ in range(100):
            if (
                subprocess.run(check, env=environment, capture_output=True, check=False).returncode
                == 0
            ):
                break
            time.sleep(0.2)
        subprocess.run(check, env=environment, check=True)
        answer = httpx.post(
            f"http://127.0.0.1:{port}/v1.0/removebg",
            files={"image_file": picture()},
            headers={"X-API-Key": key},
            trust_env=False,
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        page = httpx.get(
            f"http://127.0.0.1:{port}/", headers={"Accept": "text/html"}, trust_env=False
        )
        assert (page.status_code, "<title>" in page.text) == (200, True)
    finally:
        server.terminate()
        assert server.wait(30) in {0, -signal.SIGTERM}


def test_nothing_but_what_is_copied_is_sent_to_docker() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    copied = {
        part
        for name, rest in instructions()
        if name == "COPY" and "--from" not in rest
        for part in rest.split()[:-1]
    }
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert all((ROOT / part).exists() for part in copied)


# -- compose ---------------------------------------------------------------------------------------


def test_the_compose_file_says_what_it_means() -> None:
    """No Docker is needed for this: what it names is there, and the commands are ours."""
    import yaml

    text = (DEPLOY / "compose.yaml").read_text()
    whole = yaml.safe_load(text)
    services = whole["services"]
    known = {
        *("image", "build", "command", "environment", "depends_on", "healthcheck", "ports"),
        *("stop_grace_period", "restart", "read_only", "tmpfs", "cap_drop", "security_opt"),
        "volumes",
    }
    for name, service in services.items():
        assert set(service) <= known, name
        for other, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in services[other]
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in whole["volumes"] or (DEPLOY / source).is_file()
    for name in ("server1", "server2"):
        server = services[name]
        place = (DEPLOY / server["build"]["context"] / server["build"]["dockerfile"]).resolve()
        assert place == (DEPLOY / "Dockerfile").resolve()
        program, *flags = server["command"]
        assert program == "mattekit"
        done = subprocess.run(
            [sys.executable, "-m", "mattekit_cli", *flags, "--help"],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0
        compile(server["healthcheck"]["test"][-1], "health", "exec")
        assert "PGPASSWORD" in server["environment"]
        assert "password" not in server["environment"]["MATTEKIT_KEYS"]
        # Longer than any answer takes.
        assert int(server["stop_grace_period"].removesuffix("s")) > 60
    config = (DEPLOY / "compose.nginx.conf").read_text()
    assert {f"server{number}:8000" for number in (1, 2)} <= set(re.findall(r"server\d:\d+", config))


def test_nginx_reads_the_compose_files_configuration(tmp_path: Path) -> None:
    nginx, environment = program("nginx", "nginx")
    text = (DEPLOY / "compose.nginx.conf").read_text()
    text = re.sub(r"server\d:8000", "127.0.0.1:8000", text)
    paths = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} "
        f"http {{ access_log off; {paths} {text} }}"
    )
    check = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert check.returncode == 0, check.stderr
    assert "warn" not in check.stderr
