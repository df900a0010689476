# SPDX-License-Identifier: Apache-2.0
"""Results that checkouts share: SCons' cache in a folder, ccache, sccache and distcc before the compiler."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.build.scons_checkout import Checkout, clone

FOLDER = "build/cortex-m7/mnist"
KERNEL = "kernels/arm_dsp/sx_conv2d_packed_s8_onnx.c"
PRINTS = ["BUDGET mnist/budget.json"]
"""The step that prints the report, which is for that not in the cache."""


@pytest.fixture(scope="module")
def cache(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an up to date checkout has, in a cache; not to be changed."""
    folder = tmp_path_factory.mktemp("shared")
    checkout = clone(built, folder / "first")
    outcome = checkout.build("--cache-populate", f"cache={folder / 'cache'}", "firmware", "report", "verify")
    assert outcome.steps == []
    return folder / "cache"


def contents(cache: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in cache.rglob("*") if path.is_file()}


def test_another_checkout_retrieves_everything(
    built: Checkout, cache: Path, fresh_checkout: Callable[[str], Checkout]
) -> None:
    """Also where the folder has another name and Python hashes otherwise: no signature has a place of this machine."""
    other = fresh_checkout("elsewhere/ü 'and' $dollar")
    start = int(time.time())
    environment = {"SCONNX_CACHE": os.path.relpath(cache, other.root), "PYTHONHASHSEED": "4242"}
    outcome = other.scons(environment=environment)
    assert (outcome.status, outcome.steps) == (0, PRINTS)
    report = other.path(f"{FOLDER}/report.txt").read_text().rstrip("\n")
    assert outcome.output.endswith(report + "\n")
    times = [path.stat().st_mtime for path in other.path(FOLDER).iterdir() if path.is_file()]
    assert min(times) >= start, "as new as files that were built"
    verified = other.scons("verify", environment=environment)
    assert verified.steps == []
    assert "mnist on mps2-an500: bit-exact" in verified.output
    assert other.built() == built.built()
    assert other.build().steps == []


def test_what_one_builds_the_other_has(built: Checkout, cache: Path, tmp_path: Path) -> None:
    shared = shutil.copytree(cache, tmp_path / "cache")
    outcomes = []
    for name in ("one", "two"):
        checkout = clone(built, tmp_path / name)
        checkout.append(KERNEL, "/* a comment */\n")
        outcomes.append(checkout.build(f"cache={shared}").steps)
    assert outcomes == [[f"CC {KERNEL.replace('.c', '.o')}"], []]


def test_a_step_comes_whole_or_runs(built: Checkout, cache: Path, fresh_checkout: Callable[[str], Checkout]) -> None:
    other = fresh_checkout("other")
    shared = shutil.copytree(cache, other.path("cache"))
    lost = other.path("cache") / next(path for path in shared.rglob("*") if path.is_file() and is_params(path, built))
    lost.unlink()
    outcome = other.build("cache=cache", "graph")
    assert outcome.steps == ["IMPORT mnist/graph.json"]
    names = ("graph.json", "params.npz", "interface.json")
    assert [other.path(f"{FOLDER}/{name}").read_bytes() for name in names] == [
        built.path(f"{FOLDER}/{name}").read_bytes() for name in names
    ]
    assert lost.is_file(), "what was built is in the cache again"


def is_params(path: Path, built: Checkout) -> bool:
    return path.read_bytes() == built.path(f"{FOLDER}/params.npz").read_bytes()


def test_a_cache_that_is_only_read(checkout: Checkout, cache: Path, tmp_path: Path) -> None:
    shared = shutil.copytree(cache, tmp_path / "cache")
    # Who may write waits for this lock; who only reads needs no right to write one.
    (shared / "config.lock").touch()
    before = contents(shared)
    checkout.append(KERNEL, "/* a comment */\n")
    checkout.path(f"{FOLDER}/lowered.json").unlink()
    outcome = checkout.build("--cache-readonly", f"cache={shared}")
    assert outcome.steps == [f"CC {KERNEL.replace('.c', '.o')}"]
    assert "Retrieved `build/cortex-m7/mnist/lowered.json' from cache" in outcome.output
    assert contents(shared) == before


def test_other_options_of_scons(cache: Path, fresh_checkout: Callable[[str], Checkout]) -> None:
    other = fresh_checkout("other")
    assert other.build(f"cache={cache}", "--cache-disable", "-n", "graph").steps == ["IMPORT mnist/graph.json"]
    outcome = other.build(f"cache={cache}", "-n", "schedule")
    retrieved = [f"Retrieved `{FOLDER}/{name}.json' from cache" for name in ("graph", "lowered", "schedule")]
    assert outcome.output.splitlines() == retrieved
    assert other.built() == {}
    shown = other.build(f"cache={cache}", "--cache-show", "library")
    assert {"IMPORT mnist/graph.json", "CC mnist/mnist.o", "ARCHIVE mnist/libmnist.a"} <= set(shown.steps)
    assert "from cache" not in shown.output


def test_what_is_no_cache(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    named = checkout.scons("cache=$HOME")
    assert named.output == "error[E702]: cache=$HOME: SCons takes no $ in the path of its cache\n"
    made = checkout.scons(f"cache={tmp_path}/file")
    assert made.output == "file: error[E105]: cannot make the cache folder: it is a file\n"
    read = checkout.scons("--cache-readonly", f"cache={tmp_path}")
    why = "--cache-readonly needs a folder that a build without it has filled"
    assert read.output == f"error[E101]: cache={tmp_path} is no cache: {why}\n"
    assert named.status == made.status == read.status == 2


def needs(*programs: str) -> None:
    """Skip without them; `.ci/run` installs all of them."""
    missing = [program for program in (*programs, "arm-none-eabi-gcc") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


@pytest.fixture(scope="module")
def compiled(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose library is compiled by gcc, with no launcher; not to be changed."""
    needs()
    checkout = clone(built, tmp_path_factory.mktemp("gcc") / "checkout")
    checkout.build("toolchain=gcc", "library")
    return checkout


def recompile(checkout: Checkout, **environment: str) -> Callable[[str], None]:
    """A function to compile the two objects of the model again, by a launcher; they must be as before."""

    def run(launcher: str) -> None:
        arguments = ("toolchain=gcc", f"launcher={launcher}", "library")
        assert checkout.scons(*arguments, environment=environment).steps == [], "a launcher invalidates nothing"
        before = checkout.built()
        for name in ("mnist.o", "mnist_params.o"):
            checkout.path(f"{FOLDER}/{name}").unlink()
        outcome = checkout.scons(*arguments, environment=environment)
        assert (outcome.status, sorted(outcome.steps)) == (0, ["CC mnist/mnist.o", "CC mnist/mnist_params.o"])
        assert checkout.built() == before

    return run


def test_ccache_in_two_checkouts(compiled: Checkout, tmp_path: Path) -> None:
    needs("ccache")
    environment = {"CCACHE_DIR": str(tmp_path / "ccache"), "CCACHE_TEMPDIR": str(tmp_path / "tmp")}
    for name in ("one", "two"):
        recompile(clone(compiled, tmp_path / name), **environment)("ccache")
    assert {line: stats(environment)[line] for line in ("cache_miss", "direct_cache_hit")} == {
        "cache_miss": 2,
        "direct_cache_hit": 2,
    }


def stats(environment: dict[str, str]) -> dict[str, int]:
    done = subprocess.run(
        ["ccache", "--print-stats"], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return {name: int(value) for name, value in (line.split("\t") for line in done.stdout.splitlines())}


def test_sccache(compiled: Checkout, tmp_path: Path) -> None:
    needs("sccache")
    environment = {
        "SCCACHE_DIR": str(tmp_path / "sccache"),
        "SCCACHE_SERVER_PORT": str(free_port()),
        "SCCACHE_IDLE_TIMEOUT": "60",
    }
    checkout = clone(compiled, tmp_path / "checkout")
    server = {**os.environ, **environment}
    try:
        recompile(checkout, **environment)("sccache")
        said = subprocess.run(["sccache", "--show-stats"], env=server, capture_output=True, text=True, check=True)
    finally:
        subprocess.run(["sccache", "--stop-server"], env=server, capture_output=True, check=False)
    assert ["Compile requests executed", "2"] in [line.rsplit(None, 1) for line in said.stdout.splitlines()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def distccd(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The host of a daemon on this machine, and its log."""
    needs("distcc", "distccd")
    log, port = tmp_path / "distccd.log", free_port()
    words = ["distccd", "--no-detach", "--daemon", "--listen", "127.0.0.1", "--allow", "127.0.0.1", "--port", str(port)]
    # It gives up the rights of root, and must still write its log and temporary files.
    log.touch()
    log.chmod(0o666)
    with log.open("a") as output:
        daemon = subprocess.Popen([*words, "--jobs", "2", "--log-stderr"], stderr=output)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"127.0.0.1:{port}/2", log
    finally:
        daemon.terminate()
        daemon.wait()


def test_distcc_on_loopback(compiled: Checkout, distccd: tuple[str, Path], tmp_path: Path) -> None:
    host, log = distccd
    (tmp_path / "distcc").mkdir()
    environment = {"DISTCC_HOSTS": host, "DISTCC_DIR": str(tmp_path / "distcc"), "DISTCC_FALLBACK": "0"}
    recompile(clone(compiled, tmp_path / "checkout"), **environment)("distcc")
    assert log.read_text().count("COMPILE_OK") == 2


def test_a_launcher_that_cannot_be(built: Checkout) -> None:
    lines = {
        "launcher=discc": "error[E601]: launcher=discc is not installed: 'discc' is not on PATH "
        "(help: install it with your system's packages, or leave launcher= out)\n",
        "launcher=distcc": "error[E702]: launcher=distcc cannot start the compiler of toolchain=zig "
        "(help: toolchain=gcc, or launcher=ccache)\n",
    }
    for argument, line in lines.items():
        outcome = built.scons(argument)
        assert (outcome.status, outcome.output) == (2, line)


def test_ccache_starts_zig(checkout: Checkout, tmp_path: Path) -> None:
    needs("ccache")
    environment = {"CCACHE_DIR": str(tmp_path / "ccache")}
    before = checkout.built()
    checkout.path(f"{FOLDER}/mnist.o").unlink()
    outcome = checkout.scons("launcher=ccache", environment=environment)
    assert outcome.steps == ["CC mnist/mnist.o"]
    assert checkout.built() == before
    assert stats(environment)["cache_miss"] == 1
