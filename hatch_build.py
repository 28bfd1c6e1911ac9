"""Builds the compiled kernels for this machine, or for the platform that MATTEKIT_PLATFORM names.

A C compiler on the path does it (`CC`, else cc, gcc or clang). Where there is none, and for other
platforms, it is Zig's, which pip installs for the time of the build.
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("core/mattekit/kernels")
#: Rounding and its order are part of what is tested: nothing may be fused or reordered.
FLAGS = [
    "-std=c11",
    "-O3",
    "-g0",
    "-fPIC",
    "-fvisibility=hidden",
    "-ffp-contract=off",
    "-fno-math-errno",
]
FLAGS += ["-fno-trapping-math", "-Wall", "-Wextra", "-Werror"]
# Loops are made wide where a compiler can; clang, which Zig is too, would fail where it cannot.
FLAGS += ["-Wno-pass-failed"]
#: Zig's name and the library's suffix, by the tag of a wheel.
PLATFORMS = {
    "manylinux_2_17_x86_64": ("x86_64-linux-gnu.2.17", ".so"),
    "manylinux_2_17_aarch64": ("aarch64-linux-gnu.2.17", ".so"),
    "musllinux_1_2_x86_64": ("x86_64-linux-musl", ".so"),
    "musllinux_1_2_aarch64": ("aarch64-linux-musl", ".so"),
    "macosx_11_0_x86_64": ("x86_64-macos.11.0", ".dylib"),
    "macosx_11_0_arm64": ("aarch64-macos.11.0", ".dylib"),
    "win_amd64": ("x86_64-windows-gnu", ".dll"),
    "win_arm64": ("aarch64-windows-gnu", ".dll"),
}


def compiler() -> list[str]:
    """Return the command of a C compiler of this machine; empty where there is none."""
    named = os.environ.get("CC", "").split()
    if named:
        # Sources are compiled in their own folder: a path that was meant from here still counts.
        program = Path(named[0])
        return [named[0] if program.name == named[0] else str(program.absolute()), *named[1:]]
    return next(([found] for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), [])


class Kernels(BuildHookInterface[Any]):
    """Compile `core/mattekit/kernels/*.c` into one library beside them."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Zig, where nothing else can compile for the platform that is meant."""
        return [] if compiler() and not self._platform() else ["ziglang>=0.13"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the library, and say for which platform the wheel is."""
        platform = self._platform()
        if platform and platform not in PLATFORMS:
            raise ValueError(
                f"MATTEKIT_PLATFORM = {platform!r}; expected one of {', '.join(PLATFORMS)}"
            )
        target, suffix = PLATFORMS.get(platform, ("", _suffix()))
        command = compiler()
        if platform or not command:
            if importlib.util.find_spec("ziglang") is None:
                raise RuntimeError("no C compiler was found: install one, or `pip install ziglang`")
            command = [sys.executable, "-m", "ziglang", "cc"]
        if target:
            command += ["-target", target]
        x86 = "x86_64" in platform or platform == "win_amd64"
        if not platform:
            x86 = sysconfig.get_platform().endswith(("x86_64", "amd64"))
        sources = Path(self.root) / SOURCES
        library = sources / f"_kernels{suffix}"
        if platform:
            library = Path(tempfile.mkdtemp(prefix="mattekit-")) / library.name
        build(command, sources, library, x86=x86)
        build_data["pure_python"] = False
        tag = platform or sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{tag}"
        build_data["force_include"][str(library)] = f"mattekit/kernels/{library.name}"

    def _platform(self) -> str:
        return os.environ.get("MATTEKIT_PLATFORM", "")


def _suffix() -> str:
    return {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")


def build(command: list[str], sources: Path, library: Path, *, x86: bool) -> None:
    """Compile all sources once per variant and link them; the library appears at once or not."""
    # One unit per variant. Paths are relative: a cache of compilers knows them again elsewhere.
    *others, last = sorted(path.name for path in sources.glob("*.c") if path.stem != "processor")
    unit = [*(word for name in others for word in ("-include", name)), last]
    digest = runpy.run_path(str(sources / "sources.py"))["digest"](sources)
    objects = {"kernels.o": unit, "processor.o": [f'-DSOURCES="{digest}"', "processor.c"]}
    if x86:
        objects["avx2.o"] = ["-DVARIANT=_avx2", "-mavx2", *unit]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        made = {str(Path(folder) / name): words for name, words in objects.items()}
        compile_ = [*command, *FLAGS, "-c"]
        list(pool.map(lambda to: _run([*compile_, *made[to], "-o", to], sources), made))
        linked = Path(folder) / library.name
        _run([*command, *FLAGS, "-shared", "-s", *made, "-o", str(linked)], sources)
        # Beside the library, so that it replaces what a running process has loaded, not its pages.
        beside = library.with_name(f".{library.name}.{os.getpid()}")
        shutil.copyfile(linked, beside)
        beside.replace(library)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.stdout.write("\n".join(PLATFORMS) + "\n")  # for scripts/release
