# SPDX-License-Identifier: Apache-2.0
"""The wrapper, with stand-ins for Python and pip: no network, and nothing but the standard tools on PATH."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "cat", "cp", "grep", "mkdir", "readlink", "rm", "sed", "sleep", "tail")

# A Python whose version, venv and pip do as the environment says. It notes installs; a venv is a copy of it.
STAND_IN = f"""#!/bin/sh
case "$1 $2" in
"-c "*)
    exec "{sys.executable}" -I -S -c '
import sys
sys.executable = sys.argv[1]
sys.version_info = tuple(map(int, sys.argv[2].split("."))) + ("final", 0)
if sys.argv[3]:
    sys.modules[sys.argv[3]] = None
code, sys.argv = sys.argv[4], sys.argv[4:]
exec(code)
' "$0" "${{FAKE_VERSION:-3.11.0}}" "${{FAKE_MISSING:-}}" "$2" "$3" ;;
"-m venv")
    mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
    [ -z "${{FAKE_VENV:-}}" ] || {{ echo "$FAKE_VENV"; exit 1; }} ;;
"-m pip")
    echo "$*" >>installs
    eval "${{FAKE_PIP:-}}" ;;
"-m SCons")
    shift 2
    pwd
    printf '<%s>\\n' "$@" ;;
esac
"""

SETTING_UP = "sconsw: setting up .venv (once, about a minute)\n"
ADDING_TESTS = "sconsw: adding what the tests need to .venv (once, about a minute)\n"
ADDING_QUANTIZER = "sconsw: adding the quantizer to .venv (once, about a minute)\n"
NEEDS = "sconsw: error: needs Python 3.11 or newer"
INSTALL_IT = ": install it, or name it in SCONNX_PYTHON\n"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with sconsw and its locks, and a folder of commands, which is the whole PATH."""

    root: Path
    commands: Path

    def start(self, *arguments: str, script: Path | None = None, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(script or self.root / "sconsw"), *arguments],
            cwd=self.commands,
            env={"PATH": str(self.commands), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, script: Path | None = None, **environment: str) -> tuple[int, str, str]:
        """Exit status, standard output and standard error of one call."""
        process = self.start(*arguments, script=script, **environment)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    def command(self, name: str, script: str = STAND_IN) -> Path:
        path = self.commands / name
        path.unlink(missing_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        return path

    def installs(self) -> list[str]:
        """The lock that each call of pip installed."""
        notes = self.root / "installs"
        return [line.split()[-1] for line in notes.read_text().splitlines()] if notes.exists() else []

    def leftovers(self) -> set[str]:
        return {path.name for path in self.root.iterdir() if path.name.startswith(".venv")}


@pytest.fixture
def bare(tmp_path: Path) -> Checkout:
    """A checkout on a machine without Python."""
    checkout = Checkout(tmp_path / "check out", tmp_path / "commands")
    checkout.root.mkdir()
    checkout.commands.mkdir()
    shutil.copy2(REPO / "sconsw", checkout.root)
    (checkout.root / "requirements.lock").write_text("scons==1\n")
    (checkout.root / "requirements-test.lock").write_text("pytest==1\n")
    (checkout.root / "requirements-quantize.lock").write_text("onnxruntime==1\n")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"{tool} is missing"
        (checkout.commands / tool).symlink_to(found)
    return checkout


@pytest.fixture
def checkout(bare: Checkout) -> Checkout:
    """A checkout on a machine with a fitting python3."""
    bare.command("python3")
    return bare


def test_first_call_sets_up_and_runs_scons_in_its_own_folder(checkout: Checkout) -> None:
    status, output, errors = checkout.run("model=../a b.onnx", "", "-j2", "$HOME *")
    assert (status, errors) == (0, SETTING_UP)
    assert output == f"{checkout.root}\n<-Q>\n<model=../a b.onnx>\n<>\n<-j2>\n<$HOME *>\n"
    assert (checkout.root / "installs").read_text() == (
        "-m pip install --no-input --no-cache-dir --no-deps --only-binary :all: --require-hashes -r requirements.lock\n"
    )
    assert checkout.leftovers() == {".venv"}


def test_later_calls_install_nothing(checkout: Checkout) -> None:
    checkout.run()
    assert checkout.run("-n") == (0, f"{checkout.root}\n<-Q>\n<-n>\n", "")
    assert checkout.installs() == ["requirements.lock"]


def test_changed_lock_makes_a_new_venv(checkout: Checkout) -> None:
    checkout.run("test")
    (checkout.root / ".venv" / "old").touch()
    (checkout.root / "requirements.lock").write_text("scons==2\n")
    assert checkout.run()[2] == SETTING_UP
    assert not (checkout.root / ".venv" / "old").exists()
    assert checkout.installs() == ["requirements.lock", "requirements-test.lock", "requirements.lock"]


def test_test_target_adds_the_test_lock_once(checkout: Checkout) -> None:
    assert checkout.run("tests/x")[2] == SETTING_UP
    assert checkout.run("-k", "test")[2] == ADDING_TESTS
    assert checkout.run("test")[2] == ""
    assert checkout.installs() == ["requirements.lock", "requirements-test.lock"]


def test_quantize_adds_the_quantizer_once(checkout: Checkout) -> None:
    assert checkout.run("quantize=", "quantize")[2] == SETTING_UP
    assert checkout.run("quantize=a.npz")[2] == ADDING_QUANTIZER
    assert checkout.run("quantize=b.npz")[2] == ""
    assert checkout.installs() == ["requirements.lock", "requirements-quantize.lock"]


def test_the_tests_bring_the_quantizer(checkout: Checkout) -> None:
    checkout.run("test")
    assert checkout.run("quantize=a.npz")[2] == ""


def test_failed_test_install_leaves_the_build_working(checkout: Checkout) -> None:
    checkout.run()
    reason = "No matching distribution found for pytest==1"
    status, output, errors = checkout.run("test", FAKE_PIP=f"echo 'ERROR: {reason}'; exit 1")
    assert (status, output) == (2, "")
    assert errors == (
        f"{ADDING_TESTS}sconsw: error: cannot install requirements-test.lock: {reason} (all of it: .venv-setup.log)\n"
    )
    assert checkout.run("all") == (0, f"{checkout.root}\n<-Q>\n<all>\n", "")
    assert checkout.run("test")[2] == ADDING_TESTS
    assert checkout.leftovers() == {".venv"}


def test_symbolic_link_leads_to_the_checkout(checkout: Checkout) -> None:
    (checkout.commands / "absolute").symlink_to(checkout.root / "sconsw")
    (checkout.commands / "relative").symlink_to("absolute")
    status, output, _ = checkout.run("x", script=checkout.commands / "relative")
    assert (status, output) == (0, f"{checkout.root}\n<-Q>\n<x>\n")


def test_no_python(bare: Checkout) -> None:
    assert bare.run() == (2, "", f"{NEEDS}; found none{INSTALL_IT}")
    assert bare.leftovers() == set()


def test_old_pythons_are_all_named(checkout: Checkout) -> None:
    checkout.command("python")
    errors = f"{NEEDS}; python3 is Python 3.10.14; python is Python 3.10.14{INSTALL_IT}"
    assert checkout.run(FAKE_VERSION="3.10.14") == (2, "", errors)
    assert checkout.leftovers() == set()


def test_newer_python_under_another_name_is_found(bare: Checkout) -> None:
    bare.command("python3", "#!/bin/sh\necho is Python 3.9.2\nexit 1\n")
    bare.command("python3.12")
    assert bare.run()[::2] == (0, SETTING_UP)


def test_python_without_venv_module(checkout: Checkout) -> None:
    without = "; python3 is Python 3.11.0 without venv (Debian: apt install python3-venv)"
    assert checkout.run(FAKE_MISSING="ensurepip") == (2, "", f"{NEEDS}{without}{INSTALL_IT}")
    assert checkout.leftovers() == set()


def test_named_python_is_the_only_one_tried(checkout: Checkout) -> None:
    errors = f"{NEEDS}; ./nowhere/python does not run{INSTALL_IT}".replace("./", f"{checkout.commands}/./")
    assert checkout.run(SCONNX_PYTHON="./nowhere/python") == (2, "", errors)
    checkout.command("own-python")
    assert checkout.run(SCONNX_PYTHON="./own-python")[::2] == (0, SETTING_UP)
    assert checkout.run(SCONNX_PYTHON="./own-python")[::2] == (0, "")
    assert checkout.run()[::2] == (0, "")
    assert checkout.run(SCONNX_PYTHON="python3")[::2] == (0, SETTING_UP)


@pytest.mark.parametrize(
    ("pip_says", "reason"),
    [
        ("ERROR: first\nERROR: No space left on device\nnotice", "No space left on device"),
        ("Traceback\nValueError: x", "ValueError: x"),
        (
            "WARNING: Retrying (Retry(total=4)) after that\nERROR: No matching distribution found",
            "the package index cannot be reached, check the network",
        ),
    ],
)
def test_failed_install_leaves_no_venv(checkout: Checkout, pip_says: str, reason: str) -> None:
    status, output, errors = checkout.run("test", FAKE_PIP=f"echo '{pip_says}'; exit 1")
    error = f"sconsw: error: cannot install requirements.lock: {reason} (all of it: .venv-setup.log)\n"
    assert (status, output, errors) == (2, "", SETTING_UP + error)
    assert checkout.leftovers() == {".venv-setup.log"}
    assert (checkout.root / ".venv-setup.log").read_text() == f"{pip_says}\n"
    assert checkout.run()[::2] == (0, SETTING_UP)
    assert checkout.leftovers() == {".venv"}


def test_failed_venv_leaves_none(checkout: Checkout) -> None:
    status, _, errors = checkout.run(FAKE_VENV="Error: disk on fire")
    python = checkout.commands / "python3"
    error = f"sconsw: error: cannot make .venv with {python}: Error: disk on fire (all of it: .venv-setup.log)\n"
    assert (status, errors) == (2, SETTING_UP + error)
    assert checkout.leftovers() == {".venv-setup.log"}


@pytest.mark.parametrize(("signal", "status"), [("HUP", 129), ("INT", 130), ("TERM", 143)])
def test_interrupted_setup_leaves_no_venv(checkout: Checkout, signal: str, status: int) -> None:
    assert checkout.run(FAKE_PIP=f"kill -s {signal} $PPID") == (status, "", SETTING_UP)
    assert checkout.leftovers() <= {".venv-setup.log"}


def test_killed_setup_is_made_good(checkout: Checkout) -> None:
    assert checkout.run(FAKE_PIP="kill -s KILL $PPID")[0] == -9
    assert checkout.leftovers() == {".venv", ".venv.lock", ".venv-setup.log"}
    assert checkout.run() == (0, f"{checkout.root}\n<-Q>\n", SETTING_UP)
    assert checkout.leftovers() == {".venv"}


def test_calls_at_once_set_up_once(checkout: Checkout) -> None:
    calls = [checkout.start("test", FAKE_PIP="sleep 0.2") for _ in range(3)]
    errors = [call.communicate(timeout=60)[1] for call in calls]
    assert [call.returncode for call in calls] == [0, 0, 0]
    assert checkout.installs() == ["requirements.lock", "requirements-test.lock"]
    waiting = "sconsw: waiting for another sconsw, which is setting up .venv\n"
    assert set(errors) <= {SETTING_UP + ADDING_TESTS, waiting, ""}
    assert checkout.leftovers() == {".venv"}


def test_foreign_venv_is_kept(checkout: Checkout) -> None:
    (checkout.root / ".venv").mkdir()
    (checkout.root / ".venv" / "mine").touch()
    assert checkout.run() == (2, "", "sconsw: error: .venv was not made by sconsw: move it away\n")
    assert (checkout.root / ".venv" / "mine").exists()
    assert checkout.leftovers() == {".venv"}


def test_checkout_that_cannot_be_written(checkout: Checkout) -> None:
    checkout.command("mkdir", "#!/bin/sh\necho \"mkdir: cannot create '$1': Read-only file system\" >&2\nexit 1\n")
    assert checkout.run() == (
        2,
        "",
        f"sconsw: error: cannot write to {checkout.root}: Read-only file system\n",
    )


def pins(name: str) -> dict[str, str]:
    """Each pinned package of a requirements file: its version, marker and hashes, as written."""
    text = re.sub(r"(?m)^#.*\n|^-r .*\n", "", (REPO / name).read_text())
    return dict(re.findall(r"(?m)^([\w-]+)==((?:.|\n(?= ))+)", text))


@pytest.mark.parametrize("stem", ["requirements", "requirements-test", "requirements-quantize"])
def test_locks_hold_hashed_pins_of_all_that_is_asked_for(stem: str) -> None:
    lock = pins(f"{stem}.lock")
    assert all(re.search(r"\\\n    --hash=sha256:[0-9a-f]{64}", pin) for pin in lock.values())
    assert "://" not in (REPO / f"{stem}.lock").read_text()
    asked = {name: pin.split()[0] for name, pin in pins(f"{stem}.in").items()}
    assert asked == {name: pin.split()[0] for name, pin in lock.items() if name in asked}


def test_further_locks_repeat_the_lock() -> None:
    lock, quantize, tests = (pins(f"requirements{which}.lock") for which in ("", "-quantize", "-test"))
    assert {name: quantize[name] for name in lock} == lock
    assert {name: tests[name] for name in quantize} == quantize
