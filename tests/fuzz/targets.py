"""What is fuzzed: one function per parser of bytes or text that may come from outside.

A target takes any bytes, and raises only where mattekit is wrong: an error outside the family that
the parser promises, a result beyond the limits, or two ways in that disagree. Nothing here knows a
fuzzer; `worker` feeds these functions by coverage, `test_targets` with a few fixed mutations.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import json
import math
import os
import re
import ssl
import sys
import tempfile
import warnings
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fuzz import seeds
from mattekit import codecs
from mattekit.codecs import archive, metadata
from mattekit.codecs.facts import Facts, facts_of
from mattekit.codecs.source import Limits
from mattekit.cutout import Cutout
from mattekit.errors import InputError, MattekitError, OptionError, OutputError
from mattekit.options import OPTIONS, Options
from mattekit.photo import Photo
from mattekit.picture import Metadata

__all__ = ["TARGETS", "Target"]

LIMITS = Limits(max_bytes=1 << 16, max_pixels=1 << 14)
_FORMATS = ("png", "jpg", "webp", "tiff", "zip", "ora", "psd", "pfm")


class Target(NamedTuple):
    """One function to be fuzzed.

    Attributes
    ----------
    run : callable
        Takes bytes; raises where mattekit is wrong.
    seeds : callable
        Returns the inputs to start from.
    libraries : tuple of str
        Packages whose Python code is measured besides mattekit's.
    words : tuple of bytes
        What the format's grammar is made of.
    longest : int
        Bytes of the longest input that is tried.
    """

    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    libraries: tuple[str, ...] = ()
    words: tuple[bytes, ...] = ()
    longest: int = 2048


# -- pictures ----------------------------------------------------------------------------------


def picture(data: bytes) -> None:
    """Decode as every way in does, and write what comes out."""
    turn = zlib.crc32(data)
    decoded = _decoded(data)
    if turn % 16 == 0:
        _same(decoded, _decoded(io.BytesIO(data)), "an open file")
    elif turn % 16 == 1:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            _same(decoded, _decoded(file.name), "a path")
    elif turn % 16 == 2:
        _probed(data, decoded)
    if isinstance(decoded, Photo) and turn % 5 == 0:
        _written(decoded, _FORMATS[turn // 5 % len(_FORMATS)])


def _decoded(source: Any) -> Photo | InputError:
    try:
        photo = codecs.decode(source, limits=LIMITS, name="picture")
    except InputError as error:
        return error
    color, alpha = photo.color, photo.alpha
    height, width = color.shape[:2]
    assert color.shape == (height, width, 3)
    assert color.dtype in (np.uint8, np.uint16)
    assert color.flags.c_contiguous
    assert color.flags.writeable
    assert 0 < width * height <= LIMITS.max_pixels
    assert alpha is None or (alpha.shape == (height, width) and alpha.dtype == color.dtype)
    _stated(photo.metadata)
    return photo


def _stated(facts: Metadata | Facts) -> None:
    assert facts.dpi is None or all(0 < each < math.inf for each in facts.dpi)
    assert facts.exif is None or metadata.stated_orientation(facts.exif) in (0, 1)


def _same(one: Photo | InputError, other: Photo | InputError, way: str) -> None:
    if isinstance(one, InputError) or isinstance(other, InputError):
        assert type(one) is type(other), (way, one, other)
        assert str(one) == str(other), way
        return
    assert np.array_equal(one.color, other.color), way
    assert (one.alpha is None) == (other.alpha is None), way
    assert one.alpha is None or np.array_equal(one.alpha, other.alpha), way
    assert one.metadata == other.metadata, way


def _probed(data: bytes, decoded: Photo | InputError) -> None:
    """What the server believes of a header must hold for the picture."""
    from mattekit_server.engine import ACCEPTED_LOCAL, probe

    try:
        size = probe(data, ACCEPTED_LOCAL, limit=LIMITS.max_pixels)
    except MattekitError:
        return
    assert 0 < size.area <= LIMITS.max_pixels
    if isinstance(decoded, Photo):
        assert sorted(decoded.size) == sorted(size), (decoded.size, size)


def _written(photo: Photo, format_: str) -> None:
    """What could be read can be written, and read again."""
    height, width = photo.color.shape[:2]
    alpha = photo.alpha
    if alpha is None:
        alpha = np.full((height, width), np.iinfo(photo.color.dtype).max, photo.color.dtype)
        alpha[:1, :1] = 0
    cutout = Cutout(photo.color, alpha, photo.metadata)
    try:
        encoded = codecs.encode(cutout, Options(format=format_, keep_color=True))
    except (OptionError, OutputError):
        return  # wider than the format allows
    if format_ in ("png", "tiff"):
        again = codecs.decode(encoded.data)
        assert np.array_equal(again.color, photo.color), format_
        full = np.iinfo(alpha.dtype).max
        kept = np.full_like(alpha, full) if again.alpha is None else again.alpha
        assert np.array_equal(kept, alpha), format_
        assert again.metadata.icc_profile == photo.metadata.icc_profile, format_


def zipped(data: bytes) -> None:
    """The two entries of a ZIP, and the picture made of them."""
    try:
        color, alpha = archive.unpack(data, 1 << 14, "archive")
    except InputError:
        return
    assert max(len(color), len(alpha)) <= 1 << 14
    packed = archive.pack({archive.COLOR: color, archive.MATTE: alpha})
    assert archive.unpack(packed, 1 << 14, "archive") == (color, alpha)


def bridge_netpbm(data: bytes) -> None:
    """What a host reads of a worker's answer; the library reads the same."""
    from mattekit_bridge import netpbm

    try:
        found = netpbm.read(data)
    except ValueError:
        return
    assert found.width >= 0 and found.height >= 0  # noqa: PT018 - one fact
    step = 1 if found.maximum < 256 else 2
    assert len(found.samples) == found.width * found.height * found.channels * step
    if found.channels in (1, 2, 3, 4) and found.maximum in (255, 65535):
        again = netpbm.read(netpbm.header(found) + bytes(found.samples))
        assert again == found
        if 0 < found.width * found.height <= LIMITS.max_pixels and found.channels in (1, 3):
            decoded = _decoded(netpbm.header(found) + bytes(found.samples))
            assert isinstance(decoded, Photo), decoded
            assert decoded.size == (found.width, found.height)


def exif(data: bytes) -> None:
    """Blocks of EXIF, cleaned and carried into a TIFF."""
    gathered = facts_of([data], data, texts={"Raw profile type exif": data})
    assert gathered.orientation in range(1, 9)
    _stated(gathered)
    cleaned = metadata.clean_exif(data)
    if cleaned is not None:
        assert metadata.stated_orientation(cleaned) in (0, 1)
        assert metadata.clean_exif(cleaned) == cleaned
        metadata.append_exif(_TIFF[metadata.exif_byte_order(cleaned)], cleaned)
    found = metadata.exif_of_tiff(data)
    if found is not None:
        metadata.clean_exif(found)


def _tiffs() -> dict[str, bytes]:
    import support.codecs as samples

    small = samples.ramp(2, 3, 3)
    return {order: samples.tiff(small, byteorder=order) for order in "<>"}


_TIFF = _tiffs()


# -- text --------------------------------------------------------------------------------------


def options(data: bytes) -> None:
    """An option's text: accepted and unambiguous, or refused by its own error."""
    name, _, rest = data.partition(b"=")
    option = OPTIONS.get(name.decode("latin-1"))
    if option is None:
        option = list(OPTIONS.values())[len(data) % len(OPTIONS)]
    text = rest.decode("utf-8", "surrogateescape")
    try:
        value = option.parse(text)
    except OptionError:
        return
    written = option.grammar.format(value)
    assert option.parse(written) == value, (option.name, text, written)
    assert option.parse(value) == value, (option.name, text)


def _option_seeds() -> Iterator[bytes]:
    for name, option in OPTIONS.items():
        yield f"{name}={option.default_text}".encode()
        for word in option.grammar.schema().get("enum", []):
            yield f"{name}={word}".encode()
    for name, text in (
        ("roi", "10% 0px 90% 100%"),
        ("crop_margin", "10% 20px 5% 1.5px"),
        ("position", "10% 90%"),
        ("scale", "80%"),
        ("bg_color", "#81d4faff"),
        ("bg_color", "rebeccapurple"),
        ("shadow_type", "car: drop, none"),
        ("bg_image", "https://example.org/a.jpg"),
    ):
        yield f"{name}={text}".encode()


def urls(data: bytes) -> None:
    """Addresses: what core and server make of one, and where they let it lead."""
    from mattekit.models.urls import allowed, may_lead_to
    from mattekit_server.fetching import parse_url

    text = data.decode("utf-8", "surrogateescape")
    if allowed(text):
        assert text.lower().startswith(("https:", "http:"))
        may_lead_to(text, "https://example.org/")
    may_lead_to("https://example.org/", text)
    url = parse_url(text)
    if url is not None:
        assert url.scheme in ("http", "https")
        assert not url.userinfo
    _run(_fetch(text))


async def _fetch(text: str) -> None:
    from mattekit_server.fetching import Fetcher
    from mattekit_server.problems import Problem

    async def nowhere(host: str, port: int) -> list[Any]:
        raise OSError("nowhere")

    try:
        await Fetcher(100, resolver=nowhere, context=_context()).fetch(text)
    except Problem as error:
        status = error.status
    else:
        status = 200
    assert status == 400, status


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def _run(awaited: Coroutine[Any, Any, Any]) -> Any:
    """Run it in one loop for all executions: a loop for each would cost more than the parsing."""
    return _loop().run_until_complete(awaited)


def _url_seeds() -> Iterator[bytes]:
    yield from (
        b"https://example.org/a.jpg",
        b"http://127.0.0.1:8000/x?y=1#z",
        b"http://[::1]/",
        b"http://xn--a/",
        b"http://xn--ls8h.la/",
        b"https://user:word@host/",
        "http://bücher.example/ü".encode(),
        b"data:image/png;base64,AAAA",
        b"file:///etc/passwd",
        b"http://0x7f.1/",
        b"HTTPS://EXAMPLE.ORG:443",
    )


# -- bodies and headers ------------------------------------------------------------------------


def multipart(data: bytes) -> None:
    """Bodies of the server: the same fields however they are cut, and nothing stays held."""
    kinds = ("multipart/form-data; boundary=B", "application/x-www-form-urlencoded",
             "application/json", "")  # fmt: skip
    kind = kinds[data[0] % len(kinds)] if data else ""
    body = data[1:]
    whole, pieces = _fields(kind, [body]), _fields(kind, _cut(body))
    assert whole == pieces, (whole, pieces)


def _cut(body: bytes) -> list[bytes]:
    step = 1 + zlib.crc32(body) % 13 + len(body) // 64  # a thousand pieces tell no more than 64
    return [body[at : at + step] for at in range(0, len(body), step)]


def _fields(kind: str, parts: list[bytes]) -> Mapping[str, Any] | str:
    from mattekit_server import bodies, parameters
    from mattekit_server.problems import problem_of

    memory = bodies.MemoryLimit(1 << 20)
    lease = bodies.MemoryLease(memory)

    async def chunks() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    async def read() -> Any:
        return await bodies.read_fields(
            kind,
            None,
            chunks(),
            limits=bodies.Limits(1 << 12, 1 << 13, 60.0),
            lease=lease,
            known=bodies.known_names(parameters.REMOVE_FIELDS),
        )

    try:
        fields: Mapping[str, Any] = _run(read())
        for local in (False, True):
            parameters.read_request(fields, file_limit=1 << 12, local=local)
    except MattekitError as error:
        problem = problem_of(error)
    else:
        return fields
    finally:
        lease.release()
        assert memory.used == 0
    # Whatever a client writes is never the server's fault.
    assert 400 <= problem.status < 500, problem
    return f"{problem.status} {problem.code}"


def _body_seeds() -> Iterator[bytes]:
    part = b'--B\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    end = b"--B--\r\n"
    file = b'; filename="a.jpg"\r\nContent-Type: image/jpeg'
    yield (
        b"\0" + part % (b"image_file", file, b"\xff\xd8\xff") + part % (b"size", b"", b"auto") + end
    )
    yield b"\0" + part % (b"image_url", b"", b"http://xn--a/") + end
    yield b"\0" + part % (b"shadow_type[car]", b"", b"drop") + end
    yield b"\1image_url=http%3A%2F%2Fa&size=auto&crop=true&bg_color=fff&roi=0%25+0%25+1px+1px"
    yield b"\1image_file_b64=data:image/png;base64,iVBORw0KGgo&channels=alpha"
    yield b'\2{"image_url": "http://a/", "size": "auto", "shadow_type": {"car": "drop"}}'
    yield b'\2{"image_file_b64": "AAAA", "crop_margin": "10%", "crop": true, "scale": 1e400}'
    yield b"\3nothing"


def edits(data: bytes) -> None:
    """What the page asks for: refused as the client's fault, or hints that fit the picture."""
    from mattekit.geometry import Size
    from mattekit.hints import refuse_contradictions
    from mattekit_server.marks import hints_of
    from mattekit_server.page.edits import read_edit
    from mattekit_server.problems import problem_of

    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(body, dict):
        return
    try:
        edit = read_edit(body, {})
    except MattekitError as error:
        refusal = problem_of(error)
    else:
        refusal = None
    if refusal is not None:
        assert 400 <= refusal.status < 500, refusal
        return
    for size in (Size(24, 16), Size(1, 3)):
        hints = hints_of(edit.scaled(size.width / 24).marks, size)
        if hints is not None:
            refuse_contradictions(hints, size.box)


def _edit_seeds() -> Iterator[bytes]:
    yield b'{"options": {"crop": "true", "crop_margin": "9px 5%", "aspect": "1:1"}}'
    yield b'{"options": {"edge_shift": "-2px", "bg_color": "ffffff"}, "background": "1"}'
    mark = b'{"keep": true, "shape": "%s", "points": [%s], "size": 4}'
    marks = [(b"stroke", b"3, 4, 9.5, 8"), (b"point", b"3, 4"), (b"box", b"2, 2, 9, 9")]
    kept = [mark % each for each in marks]
    removed = [each.replace(b"true", b"false") for each in kept]
    for some in (kept, removed, kept + removed, [*removed, kept[1]]):
        yield b'{"marks": [' + b", ".join(some) + b"]}"


def tokens(data: bytes) -> None:
    """An access token, as it is and as what a good signature holds: refused, or read whole."""
    from joserfc import jws

    from mattekit_server.problems import Problem

    verifier, key = _verifier()
    signed = not data.startswith(b"eyJ")
    text = data.decode("latin-1")
    if signed:
        header = {"alg": "ES256", "kid": "k", "typ": "at+jwt"}
        text = jws.serialize_compact(header, data, key)
    try:
        subject = _run(verifier.access(text))
    except Problem as error:
        refusal = error
    else:
        refusal = None
    if refusal is not None:
        assert refusal.status in {401, 403}, refusal
        challenge = refusal.headers["WWW-Authenticate"]
        assert challenge.isascii()
        assert challenge.isprintable()
        return
    assert signed, "nobody has signed this"
    assert subject.id.isprintable()
    assert subject.name.isprintable()
    assert subject.id.encode()


@cache
def _verifier() -> tuple[Any, Any]:
    from joserfc.jwk import ECKey

    from mattekit_server.identity import OidcSettings
    from mattekit_server.tokens import TokenVerifier

    class Issuer:
        """Has one key, whatever it is called."""

        async def key(self, kid: str, algorithm: str) -> Any:
            return key if algorithm == "ES256" else None

    key = ECKey.generate_key("P-256", {"kid": "k"})
    settings = OidcSettings(issuer="https://i", public_url="https://m", scope="cut")
    return TokenVerifier(settings, Issuer(), clock=lambda: 1000.0), key  # type: ignore[arg-type]


def _token_seeds() -> Iterator[bytes]:
    claims = b'"iss":"https://i","aud":%s,"sub":"s","exp":1100,"iat":990,"scope":"cut"'
    for audience in (b'"https://m"', b'["a","https://m"]'):
        yield b"{" + claims % audience + b',"name":"n","nbf":990.5}'
    yield b"eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJhdCtqd3QifQ.e30.AAAA"
    yield b"eyJhbGciOiJub25lIn0.e30."


def issuers(data: bytes) -> None:
    """An issuer's document and keys: refused, or addresses that are safe and keys that verify."""
    import warnings

    from mattekit.models.urls import allowed
    from mattekit_server.issuer import IssuerError, read_keys, read_metadata

    with contextlib.suppress(IssuerError):
        metadata = read_metadata("https://i", data)
        assert all(allowed(url) for url in metadata[:4] if url)
    with contextlib.suppress(IssuerError), warnings.catch_warnings():
        warnings.simplefilter("error")
        for key in read_keys(data).values():
            assert key.key_type in {"RSA", "EC", "OKP"}
            key.as_pem(private=False)  # type: ignore[union-attr]


def _issuer_seeds() -> Iterator[bytes]:
    yield (
        b'{"issuer":"https://i","jwks_uri":"https://i/k","token_endpoint":"https://i/t",'
        b'"token_endpoint_auth_methods_supported":["client_secret_post"]}'
    )
    point = (
        b"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        b"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    )
    yield b'{"keys":[{"kty":"EC","crv":"P-256","x":"%s","y":"%s","kid":"e","use":"sig"}]}' % point
    yield b'{"keys":[{"kty":"RSA","n":"%s","e":"AQAB","alg":"RS256"}]}' % (b"x" * 342)
    yield b'{"keys":[{"kty":"OKP","crv":"Ed25519","x":"%s","key_ops":["verify"]}]}' % point[0]


def answers(data: bytes) -> None:
    """What our client makes of a server's answer: status, headers, JSON or anything."""
    import httpx

    from mattekit.errors import ServerError
    from mattekit_client import Client

    status, _, rest = data.partition(b"\n")
    head, _, body = rest.partition(b"\n\n")
    number = int(status) if status[:3].isdigit() and len(status) == 3 else 200
    pairs = [tuple(line.partition(b":")[::2]) for line in head.splitlines() if b":" in line]
    skipped = {b"content-length", b"content-encoding", b"transfer-encoding", b"location"}
    headers = [(name, value) for name, value in pairs if name.strip().lower() not in skipped]
    waits: list[float] = []

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(max(200, min(599, number)), headers=headers, content=body)

    with Client(
        "http://server", tries=2, transport=httpx.MockTransport(reply), sleep=waits.append
    ) as client:
        with contextlib.suppress(ServerError):
            client.remove_background(b"picture")
        with contextlib.suppress(ServerError):
            client.account()
    assert all(0 <= wait < 7 * 86400 for wait in waits), waits


def _answer_seeds() -> Iterator[bytes]:
    yield b"200\nx-width: 4\nx-height: 3\nx-foreground-left: 1\nx-foreground-top: 1\n" + (
        b"x-foreground-width: 2\nx-foreground-height: 1\nx-credits-charged: 0.25\n\nPNG"
    )
    yield b'200\ncontent-type: application/json\n\n{"data": {"attributes": {"credits": {}}}}'
    yield b"429\nretry-after: 3\n\n" + b'{"errors": [{"title": "a", "code": "b"}]}'
    yield b"503\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT\n\n{}"
    yield b'400\n\n{"errors": [{"title": "a", "code": "b", "detail": "c"}]}'
    yield b"502\n\n<html>Bad gateway</html>"


def refusals(data: bytes) -> None:
    """What a host makes of a worker's answer that is no picture."""
    from mattekit_bridge import calls
    from mattekit_bridge.errors import Refused

    error = calls._refusal(500, data)
    assert isinstance(error, Refused)
    assert all(isinstance(text, str) for text in (error.code, error.title, error.detail))


def _refusal_seeds() -> Iterator[bytes]:
    yield from (b'{"errors": [{"title": "a", "code": "b", "detail": "c"}]}', b"[]", b"")


def cards(data: bytes) -> None:
    """A model's card: read, or refused by its own error."""
    from mattekit.errors import ModelCardError
    from mattekit.models import manifest

    text = data.decode("utf-8", "replace")
    for read in (
        partial(manifest.parse_manifest, where="cards"),
        partial(manifest.parse_card, network=_NETWORK),
    ):
        with contextlib.suppress(ModelCardError):
            read(text)


_NETWORK = Path("network.onnx")


def _card_seeds() -> Iterator[bytes]:
    from mattekit.models import manifest

    text = manifest.MANIFEST.read_text("utf-8")
    yield from (f"[[model]]{part}".encode() for part in text.split("[[model]]")[1:])
    yield (
        b'[input]\nsize = [320, 320]\ndivide = "max"\nmean = [0.5, 0.5, 0.5]\n'
        b'std = [1, 1, 1]\n[output]\nactivation = "sigmoid"\n'
    )


def margins(data: bytes) -> None:
    """The hosts' margins, which they read without the library, are the library's."""
    from mattekit.geometry import Margins
    from mattekit_bridge import geometry

    text = data.decode("utf-8", "replace")
    try:
        found = geometry.margins(text)
    except ValueError:
        return
    core = Margins.parse(text)
    assert found == tuple(
        (each.value, each.unit) for each in (core.top, core.right, core.bottom, core.left)
    )


def _margin_seeds() -> Iterator[bytes]:
    yield from (b"0", b"10px", b"5% 1px", b"1px 2px 3px 4px", b"1.5%")


def python2(data: bytes) -> None:
    """gimpfu's habits of Python 2, against what Python 2 did."""
    sys.path.insert(0, str(_GIMPFU))
    try:
        from _gimpfu import python2 as habits
    finally:
        sys.path.remove(str(_GIMPFU))
    text, old, new, deleted, *_ = (*data.decode("latin-1").split("\0"), "", "", "", "")
    table = habits._maketrans(old, new)
    swaps = dict(zip(old, new, strict=False))
    kept = [each for each in text if each not in deleted]
    assert habits._translate(text, table, deleted) == "".join(swaps.get(c, c) for c in kept)
    assert habits._translate(text, None, deleted) == "".join(kept)
    assert habits._Array("c", text).tostring() == text.encode("latin-1")
    assert habits.lenient_sorted(text, habits._cmp) == sorted(text)
    assert habits.lenient_sorted(text, key=ord, reverse=1) == sorted(text, reverse=True)
    assert [habits.lenient_ord(each) for each in (*text, *data)] == [*map(ord, text), *data]
    joined = habits._join(text.encode("latin-1"), new.encode("latin-1"))
    assert os.fsencode(
        habits._join(os.fsdecode(text.encode("latin-1")), new.encode("latin-1"))
    ) == (joined)
    count = float(len(text))
    assert habits.lenient_range(count) == range(len(text))


def python2_source(data: bytes) -> None:
    """Python 2 for Python 3: every line stays, and what Python 3 reads it still reads."""
    sys.path.insert(0, str(_GIMPFU))
    try:
        from _gimpfu import translating
    finally:
        sys.path.remove(str(_GIMPFU))
    text = translating.decode(data)
    done = translating.translate(text)
    assert done.text.count("\n") == text.count("\n")
    assert done.changes or done.text == text
    if re.search(r"\b(async|await|nonlocal|print)\b|\f", text):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            before = ast.dump(ast.parse(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        after = ast.parse(done.text)
    assert done.changes or ast.dump(after) == before


def _python2_source_seeds() -> Iterator[bytes]:
    yield from (
        b"print 'a', b,\nprint >>f, 1; exec c in d\n",
        b"try: raise E, 'a'\nexcept (A, B), (c, d): pass\n",
        b"def f(a, (b, (c, d))=1): return lambda (e, f), g: `e <> 0777`\n",
        b"[x for x in 1, 2 if x] + ur'\\u0041\\d' + 'c:\\users'\n",
        b"if 1:\n\tx = (1,\n 2)  # \xe9\n        y = 10L\n",
    )


_GIMPFU = Path(__file__).parents[2] / "packages/gimpfu/src/gimpfu_host/modules"


def _python2_seeds() -> Iterator[bytes]:
    yield from (b"hello\0el\0ip\0o", b"/a/b\0\0c/d", b"\xe9\0\xe9\0e", b"")


#: By name, in the order in which a campaign takes them.
TARGETS: dict[str, Target] = {
    "options": Target(options, _option_seeds, words=(b"px", b"%", b"auto", b"#"), longest=128),
    "urls": Target(
        urls,
        _url_seeds,
        libraries=("httpx._urls", "httpx._urlparse", "idna"),
        words=(b"xn--", b"://", b"[::", b"@"),
        longest=96,
    ),
    "multipart": Target(
        multipart,
        _body_seeds,
        libraries=("python_multipart",),
        words=(b"\r\n", b"--B", b"--B--", b'name="', b"Content-Disposition: form-data"),
        longest=700,
    ),
    "edits": Target(
        edits,
        _edit_seeds,
        words=(b'"shape"', b'"points"', b'"keep"', b"stroke", b"point", b"box", b"1e9"),
        longest=400,
    ),
    "tokens": Target(
        tokens,
        _token_seeds,
        libraries=("joserfc",),
        words=(b'"iss"', b'"aud"', b'"exp"', b'"sub"', b"1e400", b"NaN", b"\\ud800", b"true"),
        longest=500,
    ),
    "issuers": Target(
        issuers,
        _issuer_seeds,
        libraries=("joserfc",),
        words=(b'"kty"', b'"crv"', b'"key_ops"', b'"use"', b"https://", b"null", b"[]"),
        longest=600,
    ),
    "answers": Target(answers, _answer_seeds, words=(b"retry-after:", b"\n\n"), longest=400),
    "refusals": Target(refusals, _refusal_seeds, longest=200),
    "cards": Target(
        cards, _card_seeds, words=(b"[input]", b"[output]", b"[[model]]"), longest=1500
    ),
    "python2": Target(python2, _python2_seeds, longest=60),
    "python2_source": Target(
        python2_source,
        _python2_source_seeds,
        words=(
            b"print ",
            b"exec ",
            b"except ",
            b"raise ",
            b"lambda",
            b"def f(",
            b"for x in ",
            b"ur'",
        ),
        longest=160,
    ),
    "margins": Target(margins, _margin_seeds, words=(b"px", b"%"), longest=40),
    "exif": Target(exif, seeds.exif, words=(b"II*\0", b"MM\0*", b"Exif\0\0"), longest=600),
    "bridge_netpbm": Target(
        bridge_netpbm, seeds.netpbm, words=(b"P5", b"P7\n", b"WIDTH ", b"ENDHDR\n"), longest=200
    ),
    "netpbm": Target(
        picture, seeds.netpbm, words=(b"P6", b"P7\n", b"MAXVAL ", b"ENDHDR\n"), longest=200
    ),
    "pfm": Target(
        picture, seeds.pfm, words=(b"Pf", b"PF", b"-1.0\n", b"\0\0\xc0\x7f"), longest=100
    ),
    "zip": Target(
        zipped, seeds.zips, words=(b"PK\3\4", b"PK\1\2", b"PK\5\6", b"color.jpg"), longest=3000
    ),
    "jpg": Target(
        picture, seeds.jpg, words=(b"\xff\xd8", b"\xff\xc0", b"\xff\xda", b"\xff\xe1"), longest=1500
    ),
    "png": Target(picture, seeds.png, words=(b"IHDR", b"IDAT", b"iCCP", b"eXIf"), longest=1200),
    "webp": Target(picture, seeds.webp, words=(b"VP8X", b"VP8L", b"VP8 ", b"ALPH"), longest=1200),
    "tiff": Target(picture, seeds.tiff, libraries=("tifffile",), words=(b"II*\0", b"MM\0*")),
    "gif": Target(
        picture, seeds.gif, libraries=("PIL.GifImagePlugin",), words=(b"GIF89a",), longest=800
    ),
    "bmp": Target(picture, seeds.bmp, libraries=("PIL.BmpImagePlugin",), longest=600),
    "ico": Target(
        picture, seeds.ico, libraries=("PIL.IcoImagePlugin", "PIL.BmpImagePlugin"), longest=1500
    ),
    "psd": Target(picture, seeds.psd, libraries=("PIL.PsdImagePlugin",), words=(b"8BPS", b"8BIM")),
    "qoi": Target(picture, seeds.qoi, libraries=("PIL.QoiImagePlugin",), longest=200),
    "avif": Target(picture, seeds.avif, words=(b"ftyp", b"iloc", b"ipco", b"mdat"), longest=1000),
    "jp2": Target(picture, seeds.jp2, libraries=("PIL.Jpeg2KImagePlugin",), longest=1000),
    "others": Target(
        picture, seeds.others, libraries=("PIL",), words=(b"DDS ", b"icns", b"SIMPLE"), longest=4000
    ),
}
