"""Real clients of the remove.bg API that nobody here wrote, unmodified, against a running server.

They believe to talk to https://api.remove.bg: see `proxy`. `install_clients.py` installs them.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from mattekit_server.keys import KeyStore
from support.helpers import ROOT
from support.server.pictures import blank, opened, picture
from support.server.program import running
from support.server.proxy import HOST, make_certificates, way_to

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here"),
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX programs"),
]

CLIENTS = Path(os.environ.get("MATTEKIT_CLIENTS", "/nowhere"))
API = f"https://{HOST}/v1.0"


def require(*parts: str) -> str:
    path = CLIENTS.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no {'/'.join(parts)} under MATTEKIT_CLIENTS ({CLIENTS})")
    return str(path)


class World(NamedTuple):
    """The stand-in for the internet, and a key."""

    key: str
    environment: dict[str, str]
    tls_port: int
    authority: Path
    seen: list[str]
    keys: KeyStore


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    authority = make_certificates(folder)
    store = KeyStore(folder / "keys.sqlite3")
    key = store.create("clients", credits=200, free_calls=0)
    seen: list[str] = []
    with (
        running(auth=True, database=folder / "keys.sqlite3") as program,
        way_to(program.port, folder, seen) as (proxy, tls_port),
    ):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "HTTPS_PROXY": proxy,
            "https_proxy": proxy,
            "REQUESTS_CA_BUNDLE": str(authority),
            "CURL_CA_BUNDLE": str(authority),
            "NODE_EXTRA_CA_CERTS": str(authority),
            "REMOVE_BG_API_KEY": key,
        }
        yield World(key, environment, tls_port, authority, seen, store)
    store.close()


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    """Run a program in a folder that holds the pictures."""
    (tmp_path / "file.jpg").write_bytes(picture(400, 300, "JPEG"))
    (tmp_path / "file.png").write_bytes(picture(1000, 800))
    (tmp_path / "empty.png").write_bytes(blank())
    world.seen.clear()

    def call(*command: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            command,
            cwd=tmp_path,
            env=world.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (result.returncode == 0) == ok, result.stdout + result.stderr
        return result

    return call


def check(path: Path, size: tuple[int, int] = (400, 300), mode: str = "RGBA") -> None:
    image = opened(path.read_bytes())
    assert (image.mode, image.size) == (mode, size)
    if mode == "RGBA":
        assert image.getpixel((2, 2)) == (0, 0, 0, 0)
        assert image.getpixel((size[0] // 2, size[1] // 2))[3] == 255


# -- curl -----------------------------------------------------------------------------------------


def test_curl_file(run: Run, world: World, tmp_path: Path) -> None:
    run(
        *("curl", "-sS", "-H", f"X-API-Key: {world.key}", "-F", "image_file=@file.jpg"),
        *("-F", "size=auto", "-f", f"{API}/removebg", "-o", "no-bg.png"),
    )
    check(tmp_path / "no-bg.png")
    assert world.seen == [f"{HOST}:443"]


def test_curl_large_body_waits_for_the_server(run: Run, world: World, tmp_path: Path) -> None:
    # Above 1 MB curl sends Expect: 100-continue by itself.
    (tmp_path / "large.png").write_bytes(picture() + bytes(2_000_000))
    result = run(
        *("curl", "-sv", "-H", f"X-API-Key: {world.key}", "-F", "image_file=@large.png"),
        *("-F", "size=auto", "-f", f"{API}/removebg", "-o", "no-bg.png"),
    )
    assert "100 Continue" in result.stderr
    check(tmp_path / "no-bg.png", (128, 96))


def test_curl_errors(run: Run) -> None:
    result = run("curl", "-sS", "-H", "X-API-Key: wrong", "-F", "size=auto", f"{API}/removebg")
    assert json.loads(result.stdout) == {
        "errors": [{"title": "API Key invalid", "code": "auth_failed"}]
    }


# -- Python ----------------------------------------------------------------------------------------


def test_python_requests(run: Run, world: World, tmp_path: Path) -> None:
    """The way of the API page: a file part, a field, the key in a header."""
    script = f"""
import requests
answer = requests.post(
    "{API}/removebg",
    files={{"image_file": open("file.jpg", "rb")}},
    data={{"size": "auto"}},
    headers={{"X-Api-Key": "{world.key}"}},
)
assert answer.status_code == requests.codes.ok, answer.text
open("no-bg.png", "wb").write(answer.content)
"""
    run(require("py/bin/python"), "-c", script)
    check(tmp_path / "no-bg.png")


def test_removebg(run: Run, world: World, tmp_path: Path) -> None:
    text = base64.b64encode((tmp_path / "file.jpg").read_bytes()).decode()
    (tmp_path / "b64").write_text(text)
    script = f"""
from removebg import RemoveBg
client = RemoveBg("{world.key}", "error.log")
client.remove_background_from_img_file("file.jpg")
client.remove_background_from_img_file("file.png", size="hd", bg_color="81d4fa")
client.remove_background_from_base64_img(open("b64").read(), new_file_name="b64.png")
try:
    client.remove_background_from_img_url("http://169.254.169.254/x.jpg")
except Exception as error:
    assert "400" in str(error), error
else:
    raise SystemExit("fetched")
"""
    run(require("py/bin/python"), "-c", script)
    check(tmp_path / "file.jpg_no_bg.png")
    check(tmp_path / "file.png_no_bg.png", (1000, 800), "RGB")
    check(tmp_path / "b64.png")


def test_removebg_cli(run: Run, tmp_path: Path) -> None:
    command = (require("py/bin/python"), require("py/bin/removebg"))
    run(*command, "file.jpg")
    check(tmp_path / "file-nobg.png")


def test_remove_bg_api(run: Run, world: World, tmp_path: Path) -> None:
    script = f"""
from remove_bg_api import RemoveBg
client = RemoveBg("{world.key}")
before = client.account.balance()
options = {{"size": "full", "crop": "true", "format": "png"}}
assert client.remove_bg_file("file.png", "out.png", raw=False, data=options) == "out.png"
assert client.account.balance() == before - 1
client.account.refresh_balance()
assert client.account.balance() == before - 1
open("bytes.png", "wb").write(
    client.remove_bg_bytes(open("file.jpg", "rb").read(), data={{"size": "4k"}})
)
try:
    client.remove_bg_file("empty.png", data={{"size": "full"}})
except Exception as error:
    assert "400" in type(error).__name__, error
else:
    raise SystemExit("found something")
"""
    run(require("py/bin/python"), "-c", script)
    width, height = opened((tmp_path / "out.png").read_bytes()).size
    assert 500 < width < 620
    assert 500 < height < 620
    check(tmp_path / "bytes.png")


def test_removebgplus(run: Run, world: World, tmp_path: Path) -> None:
    script = f"""
from removebgplus.removebg import APIError, RemoveBg
client = RemoveBg("{world.key}")
assert client.remove_from_file("file.jpg", "no-bg.png") == "no-bg.png"
try:
    client.remove_from_file("empty.png", "none.png")
except APIError as error:
    assert str(error).startswith("400 - ") and "unknown_foreground" in str(error), error
else:
    raise SystemExit("found something")
"""
    run(require("py/bin/python"), "-c", script)
    check(tmp_path / "no-bg.png")


def test_rembgpy(run: Run, world: World) -> None:
    """It names every field, and can send addresses only: one that is not fetched from."""
    script = f"""
import requests
from rembgpy import RemBg
try:
    RemBg("{world.key}", "error.log").remove_img("http://169.254.169.254/x.jpg", crop="5%")
except requests.HTTPError as error:
    said = error.response.text
    assert error.response.json()["errors"][0]["code"] == "failed_image_download", said
else:
    raise SystemExit("fetched")
"""
    run(require("py/bin/python"), "-c", script)


# -- Node -----------------------------------------------------------------------------------------

#: For Node clients that know no proxy: TLS to `HOST` goes to the endpoint on this machine.
PRELOAD = """
const tls = require("tls"), net = require("net"), https = require("https");
const original = https.globalAgent.createConnection;
https.Agent.prototype.createConnection = function (options, callback) {
  if (options.host === "%s") options = { ...options, host: "127.0.0.1", port: %d,
                                         servername: "%s", lookup: undefined };
  return original.call(this, options, callback);
};
"""


def node(run: Run, world: World, tmp_path: Path, script: str) -> None:
    modules = require("node/node_modules")
    if shutil.which("node") is None:
        pytest.skip("node is not here")
    (tmp_path / "preload.js").write_text(PRELOAD % (HOST, world.tls_port, HOST))
    (tmp_path / "node_modules").symlink_to(modules)
    (tmp_path / "script.js").write_text(script)
    run("node", "--no-deprecation", "-r", "./preload.js", "script.js")


def test_node_request(run: Run, world: World, tmp_path: Path) -> None:
    """The way of the API page with the package `request`, which knows proxies."""
    script = f"""
const request = require("request"), fs = require("fs");
request.post({{
  url: "{API}/removebg",
  formData: {{ image_file: fs.createReadStream("file.jpg"), size: "auto" }},
  headers: {{ "X-Api-Key": "{world.key}" }},
  encoding: null,
}}, (error, response, body) => {{
  if (error || response.statusCode != 200) throw error || new Error(body.toString());
  fs.writeFileSync("no-bg.png", body);
}});
"""
    node(run, world, tmp_path, script)
    check(tmp_path / "no-bg.png")


def test_npm_remove_bg(run: Run, world: World, tmp_path: Path) -> None:
    script = f"""
const api = require("remove.bg"), fs = require("fs");
const common = {{ apiKey: "{world.key}", size: "regular", type: "auto" }};
(async () => {{
  const file = await api.removeBackgroundFromImageFile({{
    ...common, path: "file.jpg", outputFile: "a.png", crop: true, scale: "50%",
    position: "center", roi: "0% 0% 100% 100%", crop_margin: "0", bg_color: "",
    bg_image_url: "", channels: "rgba", add_shadow: "false" }});
  if (file.resultWidth < 100 || file.creditsCharged != "0.25" || !file.detectedType)
    throw new Error(JSON.stringify(Object.entries(file).slice(1)));
  await api.removeBackgroundFromImageBase64({{
    ...common, base64img: fs.readFileSync("file.jpg").toString("base64"), outputFile: "b.png" }});
  let refused = null;
  try {{ await api.removeBackgroundFromImageUrl({{ ...common, url: "http://127.0.0.1/x.jpg" }}); }}
  catch (errors) {{ refused = errors; }}
  if (refused === null || refused[0].code !== "failed_image_download")
    throw new Error(JSON.stringify(refused));
}})().catch(error => {{ console.error(error); process.exit(1); }});
"""
    node(run, world, tmp_path, script)
    assert opened((tmp_path / "a.png").read_bytes()).mode == "RGBA"
    check(tmp_path / "b.png")


def test_npm_removebg_wrapper(run: Run, world: World, tmp_path: Path) -> None:
    node(
        run,
        world,
        tmp_path,
        f"""
require("removebg-wrapper").rbFromImageFile("file.jpg", "{world.key}");
""",
    )
    check(tmp_path / "output.png")


# -- Java -----------------------------------------------------------------------------------------


def test_java_fluent(run: Run, world: World, tmp_path: Path) -> None:
    """The way of the API page, with Apache's fluent-hc, which knows no proxy by itself."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        pytest.skip("no JDK is here")
    keytool = Path(java).resolve().with_name("keytool")
    names = ("fluent-hc", "httpclient", "httpcore", "httpmime", "commons-logging", "commons-codec")
    jars = [require(f"java/usr/share/java/{name}.jar") for name in names]
    trust = ("-keystore", "trust", "-storepass", "changeit")
    run(
        *(str(keytool), "-importcert", "-noprompt", "-alias", "test", *trust),
        *("-file", str(world.authority)),
    )
    proxy = world.environment["HTTPS_PROXY"].removeprefix("http://")
    (tmp_path / "Script.java").write_text(f"""
import java.io.File;
import org.apache.http.HttpHost;
import org.apache.http.client.HttpResponseException;
import org.apache.http.client.fluent.*;
import org.apache.http.entity.mime.MultipartEntityBuilder;

public class Script {{
    static Response post(String name) throws Exception {{
        return Request.Post("{API}/removebg")
            .viaProxy(HttpHost.create("http://{proxy}"))
            .addHeader("X-Api-Key", "{world.key}")
            .body(MultipartEntityBuilder.create()
                .addBinaryBody("image_file", new File(name))
                .addTextBody("size", "auto")
                .build())
            .execute();
    }}

    public static void main(String[] arguments) throws Exception {{
        post("file.jpg").saveContent(new File("no-bg.png"));
        try {{
            post("empty.png").saveContent(new File("none.png"));
            System.exit(2);
        }} catch (HttpResponseException refusal) {{
            if (refusal.getStatusCode() != 400) throw refusal;
        }}
    }}
}}
""")
    run(
        *(java, "-cp", os.pathsep.join(jars), "-Djavax.net.ssl.trustStore=trust"),
        *("-Djavax.net.ssl.trustStorePassword=changeit", "Script.java"),
    )
    check(tmp_path / "no-bg.png")
    assert world.seen == [f"{HOST}:443"]


# -- Go -------------------------------------------------------------------------------------------


def test_go(run: Run, world: World, tmp_path: Path) -> None:
    """A replay of the official command, with the library that it stands on, Go's own.

    It asks for a ZIP in the place of a PNG, whose mask it takes for nothing but plain grey.
    """
    root = Path(require("go/usr/lib/go-1.19/bin/go")).parents[1]
    (tmp_path / "script.go").write_text(f"""
package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
)

func expect(good bool, what ...any) {{
	if !good {{
		panic(fmt.Sprint(what...))
	}}
}}

func post(name string, fields map[string]string) (*http.Response, []byte) {{
	body := &bytes.Buffer{{}}
	form := multipart.NewWriter(body)
	file, _ := form.CreateFormFile("image_file", name)
	data, _ := os.ReadFile(name)
	file.Write(data)
	for key, value := range fields {{
		form.WriteField(key, value)
	}}
	form.Close()
	request, _ := http.NewRequest("POST", "{API}/removebg", body)
	request.Header.Add("X-Api-Key", os.Getenv("REMOVE_BG_API_KEY"))
	request.Header.Add("Content-Type", form.FormDataContentType())
	answer, problem := http.DefaultClient.Do(request)
	expect(problem == nil, problem)
	defer answer.Body.Close()
	content, _ := io.ReadAll(answer.Body)
	return answer, content
}}

func main() {{
	answer, content := post("file.jpg", map[string]string{{"size": "auto", "format": "zip"}})
	expect(answer.StatusCode == 200, string(content))
	expect(strings.Contains(answer.Header.Get("Content-Type"), "application/zip"))
	archive, problem := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	expect(problem == nil, problem)
	for _, entry := range archive.File {{
		opened, _ := entry.Open()
		picture, _, problem := image.Decode(opened)
		expect(problem == nil && picture.Bounds().Size() == image.Pt(400, 300), problem)
		_, grey := picture.(*image.Gray)
		expect(grey == (entry.Name == "alpha.png"), entry.Name)
	}}
	answer, content = post("file.jpg", map[string]string{{"size": "auto"}})
	expect(answer.StatusCode == 200, string(content))
	os.WriteFile("no-bg.png", content, 0o644)
	answer, content = post("empty.png", nil)
	var refused struct{{ Errors []struct{{ Title string }} }}
	expect(answer.StatusCode == 400 && json.Unmarshal(content, &refused) == nil, string(content))
	expect(strings.HasPrefix(refused.Errors[0].Title, "Could not identify foreground"))
}}
""")
    own = {
        "GOROOT": str(root),
        "GOCACHE": str(tmp_path / "cache"),
        "GO111MODULE": "off",
        "CGO_ENABLED": "0",
        "SSL_CERT_FILE": str(world.authority),
    }
    world.environment.update(own)
    try:
        run(str(root / "bin/go"), "run", "script.go")
    finally:
        for name in own:
            del world.environment[name]
    check(tmp_path / "no-bg.png")


# -- C# -------------------------------------------------------------------------------------------


def test_csharp(run: Run, world: World, tmp_path: Path) -> None:
    """The way of the API page, with HttpClient and a form whose own headers hold the key."""
    root = Path(require("mono/usr"))
    runtime = str(root / "bin/mono-sgen")
    library = root / "lib/mono/4.5"
    (tmp_path / "script.cs").write_text(f"""
using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Security.Cryptography.X509Certificates;

class Script {{
    static HttpResponseMessage Post(HttpClient client, string name) {{
        var form = new MultipartFormDataContent();
        form.Headers.Add("X-Api-Key", "{world.key}");
        form.Add(new ByteArrayContent(File.ReadAllBytes(name)), "image_file", name);
        form.Add(new StringContent("auto"), "size");
        return client.PostAsync("{API}/removebg", form).Result;
    }}

    static int Main() {{
        var authority = new X509Certificate2("{world.authority}");
        var way = new HttpClientHandler();
        way.ServerCertificateCustomValidationCallback =
            (message, certificate, chain, problems) => certificate.Issuer == authority.Subject;
        way.Proxy = new WebProxy("{world.environment["HTTPS_PROXY"]}");
        using (var client = new HttpClient(way)) {{
            var answer = Post(client, "file.jpg");
            if (!answer.IsSuccessStatusCode) {{
                Console.WriteLine(answer.Content.ReadAsStringAsync().Result);
                return 2;
            }}
            using (var file = new FileStream("no-bg.png", FileMode.Create))
                answer.Content.CopyToAsync(file).Wait();
            return Post(client, "empty.png").StatusCode == HttpStatusCode.BadRequest ? 0 : 3;
        }}
    }}
}}
""")
    own = {
        "MONO_PATH": str(library),
        "MONO_CFG_DIR": str(root.parent / "etc"),
        "LD_LIBRARY_PATH": str(root / "lib"),
    }
    world.environment.update(own)
    try:
        run(
            *(runtime, str(library / "mcs.exe"), "-nostdlib", "-noconfig"),
            *(f"-r:{library}/{name}.dll" for name in ("mscorlib", "System", "System.Net.Http")),
            "script.cs",
        )
        run(runtime, "script.exe")
    finally:
        for name in own:
            del world.environment[name]
    check(tmp_path / "no-bg.png")


# -- Ruby -----------------------------------------------------------------------------------------


def test_ruby_faraday(run: Run, world: World, tmp_path: Path) -> None:
    """A replay of the official gem, which no registry here has: its library, set up as it does.

    It posts a form with Faraday (multipart, retries, ten seconds, the answer in pieces) and asks
    for a ZIP in the place of a PNG.
    """
    ruby = require("ruby/usr/bin/ruby3.1")
    root, machine = Path(require("ruby/usr")), "x86_64-linux-gnu"
    gems = root / "share" / "rubygems-integration" / "all" / "gems"
    library = root / "lib" / "ruby"
    folders = [library / "3.1.0", root / "lib" / machine / "ruby" / "3.1.0", *gems.glob("*/lib")]
    (tmp_path / "script.rb").write_text(f"""
require "faraday"
require "json"
site = Faraday.new("https://{HOST}", request: {{ timeout: 10, open_timeout: 10 }}) do |way|
  way.request :multipart
  way.request :url_encoded
  way.request :retry, max: 2, interval: 0.2, backoff_factor: 2, methods: [:post]
  way.adapter :net_http
end
post = lambda do |name, type, fields|
  body = String.new
  file = Faraday::FilePart.new(name, type)
  answer = site.post("/v1.0/removebg", fields.merge(image_file: file)) do |request|
    request.headers["X-Api-Key"] = "{world.key}"
    request.options.on_data = proc {{ |piece, _| body << piece }}
  end
  [answer, body]
end
answer, body = post.call("file.jpg", "image/jpeg", size: "auto", crop: true)
raise body unless answer.status == 200 && answer.headers["X-Width"].to_i > 0
File.binwrite("no-bg.png", body)
answer, body = post.call("file.png", "image/png", size: "auto", format: "zip")
raise body unless answer.headers["Content-Type"].include?("application/zip")
File.binwrite("no-bg.zip", body)
answer, body = post.call("empty.png", "image/png", size: "auto")
raise body unless answer.status == 400 && JSON.parse(body)["errors"].first["title"]
account = site.get("/v1.0/account") {{ |request| request.headers["X-Api-Key"] = "{world.key}" }}
raise account.body unless JSON.parse(account.body)["data"]["attributes"]["credits"]["total"]
""")
    own = {
        "RUBYLIB": os.pathsep.join(map(str, folders)),
        "LD_LIBRARY_PATH": str(root / "lib" / machine),
        "SSL_CERT_FILE": str(world.authority),
    }
    world.environment.update(own)
    try:
        run(ruby, "--disable-gems", "script.rb")
    finally:
        for name in own:
            del world.environment[name]
    assert opened((tmp_path / "no-bg.png").read_bytes()).mode == "RGBA"
    with zipfile.ZipFile(tmp_path / "no-bg.zip") as archive:
        assert set(archive.namelist()) == {"color.jpg", "alpha.png"}


# -- PHP -----------------------------------------------------------------------------------------


def test_php_guzzle(run: Run, world: World, tmp_path: Path) -> None:
    """The way of the API page, with Guzzle."""
    php = require("php/usr/bin/php8.2")
    extensions = next(Path(require("php/usr/lib/php")).glob("20*"))
    world.environment["LD_LIBRARY_PATH"] = require("php/usr/lib/x86_64-linux-gnu")
    script = f"""<?php
set_include_path("{require("php/usr/share/php")}");
require "GuzzleHttp/autoload.php";
$client = new GuzzleHttp\\Client();
$answer = $client->post("{API}/removebg", [
    "multipart" => [
        ["name" => "image_file", "contents" => fopen("file.jpg", "r")],
        ["name" => "size", "contents" => "auto"],
        ["name" => "crop", "contents" => false],
        ["name" => "semitransparency", "contents" => true],
    ],
    "headers" => ["X-Api-Key" => "{world.key}"],
]);
file_put_contents("no-bg.png", $answer->getBody());
"""
    (tmp_path / "script.php").write_text(script)
    try:
        run(
            *(php, "-n", "-d", f"extension_dir={extensions}", "-d", "extension=curl"),
            *("-d", f"curl.cainfo={world.authority}", "-d", f"openssl.cafile={world.authority}"),
            "script.php",
        )
    finally:
        del world.environment["LD_LIBRARY_PATH"]
    check(tmp_path / "no-bg.png")


# -- the balance at the end -----------------------------------------------------------------------


def test_account_by_curl(run: Run, world: World) -> None:
    result = run("curl", "-sS", "-H", f"X-API-Key: {world.key}", f"{API}/account")
    attributes = json.loads(result.stdout)["data"]["attributes"]
    assert set(attributes["credits"]) == {"subscription", "payg", "enterprise", "total"}
    assert set(attributes["api"]) == {"free_calls", "sizes"}
    assert attributes["credits"]["total"] == world.keys.records()[0].credits


def test_the_address_that_wordpress_exchanges(tmp_path: Path) -> None:
    """The snippet of docs/from-remove-bg.md, between stand-ins for WordPress's own functions."""
    php = require("php/usr/bin/php8.2")
    text = (ROOT / "docs/from-remove-bg.md").read_text("utf-8")
    snippet = text.partition("```php\n<?php\n")[2].partition("```")[0]
    assert snippet
    (tmp_path / "script.php").write_text(
        """<?php
function add_filter($name, $function, $priority, $count) { $GLOBALS[$name] = $function; }
function wp_remote_request($url, $args) { return $url . " " . json_encode($args); }
"""
        + snippet
        + """
foreach (["https://api.remove.bg/v1.0/removebg", "https://api.remove.bg.example/"] as $url) {
    echo json_encode($pre_http_request(false, ["method" => "POST"], $url)), "\\n";
}
"""
    )
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": str(require("php/usr/lib/x86_64-linux-gnu")),
    }
    done = subprocess.run(
        [php, "-n", tmp_path / "script.php"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    exchanged, left = map(json.loads, done.stdout.splitlines())
    assert exchanged == 'https://matte.example/v1.0/removebg {"method":"POST"}'
    assert left is False
