"""The command as a process of its own: streams, signals, pipes, exit codes, start-up."""

from __future__ import annotations

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from support.tiers import slow

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes are others there")


def listing(folder="."):
    return sorted(path.name for path in Path(folder).iterdir())


def finish(process, data=None, timeout=60):
    out, err = process.communicate(data, timeout)
    assert b"Traceback" not in err, err.decode()
    return process.returncode, out, err.decode()


def test_a_filter_passes_bytes_unchanged(program, photo):
    data = Path(photo("a.jpg")).read_bytes()
    code, out, err = finish(program("remove", "-", stdin=subprocess.PIPE), data)
    assert (code, err) == (0, "")
    assert out.startswith(b"\x89PNG")
    assert out.endswith(b"IEND\xaeB`\x82")


@pytest.mark.slow
def test_exit_codes(program, photo):
    photo("a.png")
    assert finish(program("remove", "a.png"))[0] == 0
    assert finish(program("remove", "a.png", "nope.png"))[0] == 1
    assert finish(program("remove", "--nope"))[0] == 2


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


@pytest.mark.slow
@posix
def test_interrupting_leaves_no_half_file_and_says_how_many_are_done(program, photo):
    """The first picture is quick; the others would take minutes."""
    for number in range(6):
        photo(f"{number}.png")
    each = "time.sleep(0 if threading.current_thread().name.endswith('_0') and not globals()" \
           ".setdefault('seen', []) and not seen.append(1) else 300)"  # fmt: skip
    process = program("remove", "*.png", "--jobs", "2", "--no-zoom", each=each)
    wait_for(lambda: Path("0-removebg.png").exists() or Path("1-removebg.png").exists())
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process, timeout=100)  # of the 300 s that each would take
    assert code == 130
    assert err.endswith("mattekit: interrupted: 1 of 6 pictures are done and complete.\n")
    assert len(listing()) == 7


@pytest.mark.slow
@posix
def test_interrupting_again_and_again_never_leaves_half_a_file(program, photo):
    from PIL import Image

    for number in range(4):
        photo(f"{number}.png")
    for delay in (0.0, 0.05, 0.1):
        process = program("remove", "*.png", "--reprocess-existing", each="time.sleep(0.01)")
        wait_for(lambda: list(Path().glob("*-removebg.png")))
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        code = finish(process)[0]
        # Too late, in the last moments of the interpreter, the signal itself ends it.
        complete = len(listing()) == 8
        assert code == 130 or (code in {0, -signal.SIGINT} and complete)
        for name in listing():
            assert name.endswith(".png"), name
            with Image.open(name) as image:
                image.load()
            if "removebg" in name:
                Path(name).unlink()


@posix
@pytest.mark.slow
def test_interrupted_at_any_moment_it_says_so_and_nothing_else(photo):
    """The real command, from its first import to the end of its interpreter.

    MATTEKIT_INTERRUPTS says at how many moments, if not at 30.
    """
    photo("0.png")
    command = [sys.executable, "-m", "mattekit_cli", "remove", "0.png", "--reprocess-existing"]
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    whole = time.monotonic() - started
    chance = random.Random(0)
    for _ in range(int(os.environ.get("MATTEKIT_INTERRUPTS", "30"))):
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        time.sleep(0.1 + chance.random() * whole)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        # Before the interpreter listens the signal itself ends it, which shells call 130 as well.
        assert process.returncode in {0, 130, -signal.SIGINT}, (process.returncode, out, err)
        assert "Traceback" not in err
        assert "Exception ignored" not in err
        if process.returncode:
            assert err == "" or (err.startswith("mattekit: interrupted") and err.count("\n") == 1)


@pytest.mark.slow
@posix
def test_a_reader_that_goes_away_ends_the_work_quietly(program, photo):
    for number in range(30):
        photo(f"{number}.png")
    process = program("remove", "*.png", "--jobs", "1", each="time.sleep(0.02)", bufsize=0)
    assert process.stdout.readline().endswith(b" s\n")
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert process.returncode == 141
    assert err == b""
    assert len(listing()) < 60


@pytest.mark.slow
@posix
def test_a_picture_for_a_reader_that_went_away(program, photo):
    photo("a.png")
    read, write = os.pipe()
    os.close(read)
    process = program("remove", "a.png", "-o", "-", stdout=write)
    os.close(write)
    assert finish(process)[0::2] == (141, "")


def shell(code):
    """Run the real command in a shell, as `$MATTEKIT`; returns exit code and standard error."""
    words = f"{shlex.quote(sys.executable)} -m mattekit_cli"
    result = subprocess.run(
        ["sh", "-c", code.replace("$MATTEKIT", words)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    return result.returncode, result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "arguments",
    ["--help", *map(slow, ["options", "remove 0.png -o -", "remove 0.png --json", "doctor"])],
)
@pytest.mark.parametrize("where", [">/dev/full", slow(">&-")])
def test_standard_output_that_takes_nothing(photo, arguments, where):
    photo("0.png")
    code, err = shell(f"$MATTEKIT {arguments} {where}")
    assert code == 1
    assert err.startswith("mattekit: standard output: cannot be written (")
    assert err.count("\n") == 1


@pytest.mark.slow
@posix
@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_nobody_to_be_told_what_is_wrong(where):
    """The exit code still tells."""
    assert shell(f"$MATTEKIT remove --nonsense 2{where}") == (2, "")
    assert shell(f"$MATTEKIT remove nothing.jpg 2{where}") == (1, "")


@pytest.mark.slow
@posix
def test_standard_input_that_is_closed():
    code, err = shell("$MATTEKIT remove - -o a.png <&-")
    assert code == 1
    assert err == "mattekit: standard input: it is empty (0 bytes). Save or download it again.\n"


@pytest.mark.slow
@posix
def test_a_name_that_is_no_text(program, photo):
    name = os.fsdecode(b"caf\xe9.png")
    try:
        photo(name)
    except OSError:
        pytest.skip("the file system refuses such names")
    code, out, err = finish(program("remove", name, "--json"))
    assert (code, err) == (0, "")
    assert json.loads(out)["input"] == name
    code, out, err = finish(program("remove", name, "--reprocess-existing"))
    assert code == 0
    assert b"caf\\udce9.png -> " in out


@pytest.mark.slow
@posix
def test_a_full_disk(program, photo, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        with suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1024))
        photo("a.png")
        code, _, err = finish(
            program("remove", "a.png", "--output-directory", disk, "--format", "tiff")
        )
        assert code == 1
        assert "is full" in err
        assert err.count("\n") == 1
        assert listing(disk) == ["filler"]
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
@posix
def test_a_read_only_disk(program, photo, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a read-only disk needs root")
    try:
        photo("a.png")
        code, _, err = finish(program("remove", "a.png", "--output-directory", disk))
        assert code == 1
        assert "read-only" in err
        code, _, err = finish(program("remove", "a.png", "--output-directory", disk / "deeper"))
        assert code == 1
        assert err.count("\n") == 1
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
def test_no_traceback_unless_it_is_asked_for(photo):
    code = "import mattekit.codecs as c\ndef f(*a, **k): raise KeyError('a bug')\nc.decode = f\n" \
           "from mattekit_cli import main; main()"  # fmt: skip
    photo("a.png")
    command = [sys.executable, "-c", code, "remove", "a.png"]
    plain = subprocess.run(command, capture_output=True, text=True, check=False)
    assert plain.returncode == 1
    assert "unexpected KeyError: 'a bug'" in plain.stderr
    assert "Traceback" not in plain.stderr
    shown = subprocess.run([*command, "--debug"], capture_output=True, text=True, check=False)
    assert "Traceback" in shown.stderr
    environment = os.environ | {"MATTEKIT_DEBUG": "1"}
    shown = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert "Traceback" in shown.stderr


HEAVY = {"numpy", "PIL", "onnxruntime", "rich", "httpx", "skimage", "imagecodecs", "scipy"}


@pytest.mark.parametrize("arguments", [["--help"], ["remove", "--help"], ["models", "--help"],
                                       ["--version"], ["completion", "zsh"]])  # fmt: skip
def test_help_loads_nothing_heavy(arguments):
    code = (
        "import sys, atexit; from mattekit_cli import main\n"
        f"atexit.register(lambda: print(*sorted({HEAVY} & set(sys.modules)), file=sys.stderr))\n"
        "main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0
    assert result.stdout
    assert result.stderr.split() == []
