"""The page in Debian's Chromium, with the built-in network; scenarios lie in `browser/`."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

import mattekit
from mattekit import codecs
from mattekit.options import Options
from mattekit_server.identity import OidcSettings
from mattekit_server.keys import KeyStore
from mattekit_server.page.edits import read_edit
from support.server.marks import with_marks
from support.server.pictures import blank
from support.server.program import free_port, running
from support.server.real_issuer import RealIssuer

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "sample_images"
SCENARIOS = Path(__file__).parent / "browser" / "scenarios.mjs"
CLIENTS = Path(os.environ.get("MATTEKIT_CLIENTS", "/nowhere"))
CHROMIUM = os.environ.get("MATTEKIT_CHROMIUM", "/usr/bin/chromium")
MODULES = ("playwright-core", "axe-core")

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(shutil.which("node") is None, reason="no node"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no {CHROMIUM}"),
    pytest.mark.skipif(
        not all((CLIENTS / "node" / "node_modules" / name).exists() for name in MODULES),
        reason=f"no {', '.join(MODULES)} under MATTEKIT_CLIENTS ({CLIENTS})",
    ),
]


class Server:
    """`mattekit serve`, which can be stopped and started."""

    def __init__(self, port: int, *flags: str, modules: Path | None = None) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port, self.flags, self.modules = port, flags, modules
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["-m", "mattekit", "serve", "--port", str(self.port), *self.flags]
        # A machine may be busy with other tests.
        command += ["--max-file-mb", "100", "--deadline", "600"]
        environment = {**os.environ, **({"PYTHONPATH": str(self.modules)} if self.modules else {})}
        self.process = subprocess.Popen(
            [sys.executable, *command], stderr=subprocess.DEVNULL, env=environment
        )
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/health", trust_env=False)
                return
            time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server(free_port(), "--no-auth")
    server.start()
    yield server
    server.stop()


Act = Callable[..., dict[str, Any]]


@pytest.fixture
def act(server: Server, tmp_path: Path) -> Act:
    """Play a scenario and return what was seen; `steps` are done where it says so."""

    def play(
        name: str,
        *files: Path,
        base: str = server.url,
        steps: dict[str, Callable[[], None]] | None = None,
        **environment: str,
    ) -> dict[str, Any]:
        command = ["node", str(SCENARIOS), name, base, str(tmp_path / "out"), *map(str, files)]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MATTEKIT_CHROMIUM": CHROMIUM, **environment},
        )
        seen: dict[str, Any] = {}
        assert process.stdin is not None
        assert process.stdout is not None
        with process:
            for line in process.stdout:
                if line.startswith("> "):
                    (steps or {})[line[2:].strip()]()
                    process.stdin.write("done\n")
                    process.stdin.flush()
                elif line.startswith("{"):
                    seen = json.loads(line)
        assert "failed" not in seen, seen["failed"] + "\n" + "\n".join(seen["faults"])
        assert process.returncode == 0
        assert seen["faults"] == []
        return seen

    return play


def library_bytes(data: bytes, body: dict[str, Any]) -> bytes:
    """What the library writes for what the page has asked for."""
    edit = read_edit(body, {})
    photo = codecs.decode(data)
    options = with_marks(edit, photo.size)
    return codecs.encode(mattekit.remove_background(photo, options), options).data


def transparent(tmp_path: Path) -> Path:
    path = tmp_path / "transparent.png"
    with Image.open(SAMPLES / "hopper.webp") as image:
        image.save(path)
    return path


def large(tmp_path: Path, size: tuple[int, int] = (6000, 4000)) -> Path:
    path = tmp_path / "large.jpg"
    with Image.open(SAMPLES / "raccoon.jpg") as image:
        image.resize(size, Image.Resampling.BICUBIC).save(path, quality=92)
    return path


@pytest.mark.parametrize(
    "source", [lambda _: SAMPLES / "astronaut.jpg", transparent, large], ids=["jpeg", "png", "24mp"]
)
def test_drop_slider_brush_crop_download(
    act: Act, tmp_path: Path, source: Callable[[Path], Path]
) -> None:
    path = source(tmp_path)
    seen = act("way", path)
    assert seen["divider"] < 45
    assert seen["stepped"] == seen["divider"] + 2
    assert seen["marks"] == 2
    assert seen["saved"]["name"] == f"{path.stem}-removebg.png"
    assert seen["saved"]["body"]["options"]["crop"] == "true"
    found = Path(seen["saved"]["path"]).read_bytes()
    assert found == library_bytes(path.read_bytes(), seen["saved"]["body"])


def test_click_box_and_a_look_at_the_original(act: Act) -> None:
    path = SAMPLES / "raccoon.jpg"
    seen = act("hints", path)
    assert seen["shapes"] == ["point", "box", "box"]
    assert [mark["keep"] for mark in seen["saved"]["body"]["marks"]] == [True, True, False]
    assert seen["peeks"] == ["false", "true", "false"]
    found = Path(seen["saved"]["path"]).read_bytes()
    assert found == library_bytes(path.read_bytes(), seen["saved"]["body"])


def test_three_at_once_and_an_archive_of_all(act: Act) -> None:
    names = ["raccoon.jpg", "coffee.png", "hopper.webp"]
    seen = act("several", *(SAMPLES / name for name in names))
    assert seen["labels"] == [f"{name}, Done" for name in names]
    assert seen["left"] == 2
    with zipfile.ZipFile(seen["archive"]) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{name.split('.')[0]}-removebg.jpg" for name in names]
        for name in names:
            body = {"options": {"format": "jpg"}}
            expected = library_bytes((SAMPLES / name).read_bytes(), body)
            assert archive.read(f"{name.split('.')[0]}-removebg.jpg") == expected


def test_a_broken_file_is_said_in_plain_words(act: Act, tmp_path: Path) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes((SAMPLES / "cat.jpg").read_bytes()[:9000])
    seen = act("trouble", path)
    assert "broken or incomplete" in seen["said"]
    assert seen["state"] == "broken.jpg, Failed"
    assert seen["named"] == "broken.jpg"


def test_a_picture_without_a_subject_is_said(act: Act, tmp_path: Path) -> None:
    path = tmp_path / "nothing.png"
    path.write_bytes(blank(640, 480))
    assert "No subject" in act("trouble", path)["said"]


def test_names_cannot_script(act: Act, tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=fail()>.jpg"
    path.write_bytes((SAMPLES / "cat.jpg").read_bytes())
    seen = act("several", path, SAMPLES / "coffee.png")
    assert seen["labels"][0] == f"{path.name}, Done"


def test_a_server_that_goes_away_and_comes_back(act: Act, server: Server) -> None:
    steps = {"stop": server.stop, "start": server.start}
    seen = act("away", SAMPLES / "cat.jpg", steps=steps)
    assert "does not answer" in seen["told"]
    # What was done while it was away is not lost, though it knew nothing any more.
    assert seen["saved"]["body"]["options"]["bg_color"] == "000000"
    expected = library_bytes((SAMPLES / "cat.jpg").read_bytes(), seen["saved"]["body"])
    assert Path(seen["saved"]["path"]).read_bytes() == expected


def test_two_windows_of_one_visitor_and_a_stranger(act: Act) -> None:
    seen = act("windows", SAMPLES / "cat.jpg")
    assert seen["seen"]
    assert "Another window" in seen["told"]
    assert seen["follows"]
    assert seen["strangers"] == 0


def test_undo_redo_and_loading_again(act: Act) -> None:
    assert act("history", SAMPLES / "cat.jpg")["trail"] == [5, 3, 1, 3, 3, 5]


def test_a_keyboard_is_enough(act: Act) -> None:
    seen = act("keyboard")
    assert seen["steps"] == ["tab-correct", "tab-frame"]
    assert seen["marks"] == 1
    assert "position" in seen["moved"]
    assert "scale" in seen["sized"]
    assert seen["saved"].endswith("-removebg.png")


def test_down_to_single_pixels(act: Act, tmp_path: Path) -> None:
    seen = act("near", large(tmp_path, (8640, 5760)))  # 50 megapixels
    assert int(re.sub(r"\D", "", seen["zoom"])) > 1000
    assert seen["tiles"]
    assert all(each.startswith("200 ") for each in seen["tiles"])
    assert any("/0/" in each for each in seen["tiles"])  # level 0 is full size
    shot = np.asarray(Image.open(tmp_path / "out" / "near.png").convert("RGB"))
    assert shot[200:600, 100:800].std() > 0


def test_copy_and_paste(act: Act) -> None:
    seen = act("clipboard", SAMPLES / "cat.jpg")
    assert "in the clipboard" in seen["told"]
    assert seen["copied"] == [451, 300]
    # The server fetches nothing from inside for anybody.
    assert "could not be fetched" in seen["refused"]


def test_the_subject_is_dragged_and_sized(act: Act) -> None:
    path = SAMPLES / "raccoon.jpg"
    seen = act("frame", path)
    preset, sized, moved = (seen["bodies"][name] for name in ("preset", "sized", "moved"))
    assert preset == {"crop": "true", "crop_margin": "8%", "aspect": "1:1", "bg_color": "ffffff"}
    assert 45 < float(sized["scale"][:-1]) < 70
    assert moved["scale"] == sized["scale"]
    assert moved["position"].endswith(" 100.0%")
    found = Path(seen["saved"]["path"]).read_bytes()
    assert found == library_bytes(path.read_bytes(), seen["saved"]["body"])


def test_a_key_is_asked_for_and_prices_are_said_before(act: Act, tmp_path: Path) -> None:
    database = tmp_path / "keys.sqlite3"
    with contextlib.closing(KeyStore(database)) as store:
        key = store.create("page", credits=3, free_calls=1)
    server = Server(free_port(), "--database", str(database))
    server.start()
    try:
        seen = act("keys", SAMPLES / "raccoon.jpg", base=server.url, API_KEY=key)
    finally:
        server.stop()
    assert seen["wrong"] == "The server does not know this key."
    assert seen["before"][0] == "3 credits"  # the free call has paid for the preview
    assert seen["before"][1].strip() == "Download for 1 credit"
    assert "costs 1 credit once" in seen["before"][2]
    assert seen["after"][0] == "2 credits"
    assert seen["after"][1].strip() == "Download"
    assert key not in seen["kept"]


def test_axe_finds_nothing(act: Act) -> None:
    assert act("accessible", SAMPLES / "cat.jpg")["found"] == []


def test_all_is_within_reach_in_small_windows(act: Act, tmp_path: Path) -> None:
    behind = tmp_path / f"{'a name that goes on ' * 6}.jpg"
    shutil.copyfile(SAMPLES / "dahlia.jpg", behind)
    assert act("small", SAMPLES / "astronaut.jpg", behind)["found"] == []


def test_it_loads_little_once_and_nothing_jumps(act: Act) -> None:
    seen = act("loading", SAMPLES / "cat.jpg")
    sizes = [each["encodedBodySize"] for each in seen["first"]]
    assert 50_000 < sum(sizes) < 300_000
    for each in seen["first"]:
        if each["path"].endswith((".js", ".css", ".json")) or each["path"] == "/":
            assert each["encodedBodySize"] < each["decodedBodySize"], each  # it comes compressed
    files = [each for each in seen["second"] if each["path"].startswith("/page/files/")]
    assert len(files) > 10
    assert sum(each["transferSize"] for each in files) == 0  # kept from the first time
    assert seen["images"] == 0
    assert all(seen["about"])
    assert seen["shifts"] < 0.1


class Other(http.server.BaseHTTPRequestHandler):
    """Another site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>other</title>")

    def log_message(self, *_: object) -> None:
        pass


def test_another_site_cannot_use_it(act: Act) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        # Another port is another origin of the same site, another name another site.
        for host in ("127.0.0.1", "localhost"):
            site = f"http://{host}:{other.server_port}/"
            seen = act("foreign", SAMPLES / "cat.jpg", OTHER_SITE=site)
            assert seen["tries"]["read"] == "TypeError"
            assert seen["tries"]["send"] in {"TypeError", "opaque"}
            assert seen["tries"]["header"] == "TypeError"
            assert seen["tries"]["image"] == "refused"
            assert not seen["tries"]["framed"]
            assert seen["left"] == 1
        other.shutdown()


def test_the_app_opens_and_ends_with_its_last_window(act: Act) -> None:
    command = [sys.executable, "-m", "mattekit", "app", "--no-browser"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        link = re.search(r"(http://127\.0\.0\.1:\d+)(/\?ticket=\S+)", line)
        assert link, line
        seen = act("app", SAMPLES / "cat.jpg", base=link[1], LINK=link[2])
        assert seen["address"] == f"{link[1]}/"
        said = process.stderr.read()
        assert process.wait(30) == 0
    assert "The last window is closed." in said


def test_on_a_phone(act: Act) -> None:
    photo, other, behind = (SAMPLES / name for name in ("cat.jpg", "astronaut.jpg", "coffee.png"))
    seen = act("phone", photo, other, behind)
    assert seen["camera"] == {"many": False, "asks": "environment"}
    assert seen["added"] == {"many": True, "asks": None}
    first, pinched, more = seen["zooms"]
    assert first * 3 < pinched < first * 5
    assert more > pinched * 2
    assert not seen["marks"]  # two fingers draw nothing
    assert "coffee.png" in seen["mine"]
    found = Path(seen["saved"]["path"]).read_bytes()
    options = Options(format="png", bg_image=str(behind))
    expected = mattekit.remove_background(photo.read_bytes(), options)
    assert found == codecs.encode(expected, options).data


def test_folders_are_dropped(act: Act, tmp_path: Path) -> None:
    inner = tmp_path / "holiday" / "second day"
    inner.mkdir(parents=True)
    shutil.copy(SAMPLES / "cat.jpg", inner.parent)
    shutil.copy(SAMPLES / "coffee.png", inner)
    (inner / "notes.txt").write_text("no picture")
    seen = act("folder", inner.parent, SAMPLES / "rocket.jpg")
    assert seen["labels"] == [
        "cat.jpg, Done",
        "coffee.png, Done",
        "notes.txt, Failed",
        "rocket.jpg, Done",
    ]


def two_astronauts(tmp_path: Path) -> Path:
    """Two people who do not touch."""
    path = tmp_path / "two.png"
    whole = Image.new("RGB", (1400, 640), (203, 214, 222))
    with Image.open(SAMPLES / "astronaut.jpg") as image:
        cutout = mattekit.remove_background(image, bg_color="cbd6de").to_pil().convert("RGB")
    for left, width in ((60, 480), (860, 400)):
        size = (width, round(cutout.height * width / cutout.width))
        whole.paste(cutout.resize(size), (left, 640 - size[1]))
    whole.save(path)
    return path


def test_one_of_several_subjects_and_each_by_itself(act: Act, tmp_path: Path) -> None:
    path = two_astronauts(tmp_path)
    seen = act("subjects", path)
    assert seen["hint"] == "Click the subject that is wanted"
    assert (seen["given"], seen["now"]) == ("all", "picked")
    assert re.fullmatch(r"2\d\.\d+% \d+\.\d+%", seen["picked"]["options"]["subjects"])
    clicked = Path(seen["clicked"]["path"]).read_bytes()
    assert clicked == library_bytes(path.read_bytes(), seen["clicked"]["body"])
    alpha = np.asarray(Image.open(io.BytesIO(clicked)).getchannel("A"))
    assert alpha[:, :700].any()
    assert not alpha[:, 700:].any()
    each = Options(format="png")
    parts = mattekit.remove_background_each(path, each)
    assert len(parts) == 2
    with zipfile.ZipFile(seen["archive"]) as archive:
        assert Path(seen["archive"]).name == "two-removebg.zip"
        assert archive.namelist() == ["two-removebg-1.png", "two-removebg-2.png"]
        for name, part in zip(archive.namelist(), parts, strict=True):
            assert archive.read(name) == codecs.encode(part, each).data
    layered = Path(seen["layered"]["path"]).read_bytes()
    assert layered == library_bytes(path.read_bytes(), seen["layered"]["body"])


def test_margins_are_pulled(act: Act) -> None:
    path = SAMPLES / "raccoon.jpg"
    seen = act("margins", path)
    assert not seen["before"]
    top, right, bottom, left = seen["pulled"]["crop_margin"].split()
    assert (top, bottom, left) == ("0.0%", "0.0%", "0.0%")
    assert 18 < float(right[:-1]) < 22
    assert seen["pressed"]["crop_margin"] == f"1.0% {right} 0.0% 0.0%"
    assert seen["named"] == ["Margin at the top", "1 %"]
    found = Path(seen["saved"]["path"]).read_bytes()
    assert found == library_bytes(path.read_bytes(), seen["saved"]["body"])


def test_results_are_rated_and_given_only_with_consent(act: Act, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    server = Server(free_port(), "--no-auth", "--improve-folder", str(kept))
    server.start()
    held: list[list[Path]] = []
    try:
        look = {"kept": lambda: held.append(list(kept.glob("*")) if kept.exists() else [])}
        seen = act("rating", SAMPLES / "cat.jpg", base=server.url, steps=look)
    finally:
        server.stop()
    assert seen["offered"] == [False, True]
    assert "They keep it" in seen["asked"]
    assert held == [[]]
    assert (seen["told"], seen["again"]) == ("Thank you.", False)
    (notes,) = kept.glob("*.json")
    assert json.loads(notes.read_text())["tag"] == "good"
    assert notes.with_suffix(".jpg").read_bytes() == (SAMPLES / "cat.jpg").read_bytes()


def test_a_login_pays(act: Act, tmp_path: Path) -> None:
    modules = CLIENTS / "oidc" / "node_modules"
    if not modules.exists():
        pytest.skip(f"no oidc/node_modules under MATTEKIT_CLIENTS ({CLIENTS})")
    base = f"http://127.0.0.1:{free_port()}"
    issuer = RealIssuer(modules, tmp_path, free_port(), base)
    settings = OidcSettings(
        issuer=issuer.url,
        public_url=base,
        scope="cut",
        client_id="page",
        client_secret="a secret: %&",
        create_accounts=True,
        credits=10,
    )
    running_server = running(
        auth=True,
        database=tmp_path / "keys.sqlite3",
        port=int(base.rpartition(":")[2]),
        oidc=settings,
    )
    with issuer.running(), running_server:
        seen = act("login", SAMPLES / "raccoon.jpg", base=base, ISSUER=issuer.url)
    assert seen["before"].startswith("10 credits")
    assert seen["after"].startswith("9")
    assert "ada" in seen["name"]
    assert seen["address"].startswith(base)
    assert seen["saved"]["name"] == "raccoon-removebg.png"


def heic(tmp_path: Path) -> Path:
    """What pillow-heif writes; it is installed where nothing else sees it."""
    modules = tmp_path / "heif"
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(modules)]
    subprocess.run([*command, "--no-deps", "pillow-heif"], check=True)
    path = tmp_path / "phone.heic"
    script = f"""
import sys; sys.path.insert(0, {str(modules)!r})
import pillow_heif
from PIL import Image
pillow_heif.from_pillow(Image.open({str(SAMPLES / "cat.jpg")!r})).save({str(path)!r}, quality=80)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    return path


def test_apples_format_with_and_without_what_reads_it(act: Act, tmp_path: Path) -> None:
    path = heic(tmp_path)
    without = act("trouble", path)
    assert "Apple's HEIC format" in without["said"]
    assert "Most Compatible" in without["said"]
    server = Server(free_port(), "--no-auth", modules=tmp_path / "heif")
    server.start()
    try:
        seen = act("way", path, base=server.url)
    finally:
        server.stop()
    assert seen["saved"]["name"] == "phone-removebg.png"
    with Image.open(seen["saved"]["path"]) as result:
        assert result.mode == "RGBA"
        assert result.getchannel("A").getextrema() == (0, 255)


def test_what_it_looks_like(act: Act, tmp_path: Path) -> None:
    """Pictures for people to look at; that they are made, and not empty, is all that is checked."""
    act("shots", SAMPLES / "raccoon.jpg", SAMPLES / "astronaut.jpg")
    shots = sorted((tmp_path / "out").glob("*.png"))
    assert len(shots) == 36
    for shot in shots:
        with Image.open(io.BytesIO(shot.read_bytes())) as image:
            seen = image.convert("RGB").resize((64, 64))
            assert len(seen.getcolors(64 * 64) or []) > 20, shot.name
    if folder := os.environ.get("MATTEKIT_SHOTS"):
        for shot in shots:
            shutil.copy(shot, folder)
