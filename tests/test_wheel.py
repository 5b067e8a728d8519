"""The package as a host gets it: the wheel alone, with the dependencies it declares and nothing else."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from importlib import metadata
from pathlib import Path
from urllib.parse import urljoin

import pytest
from packaging.requirements import Requirement
from uv import find_uv_bin

from tests.serving import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 100


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel, built from this working tree."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def contents(wheel):
    """The names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="session")
def fresh(wheel, tmp_path_factory):
    """The `bin` folder of a fresh environment that holds the wheel and what it declares to need."""
    environment = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    python = str(programs / "python")
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    link_dependencies(Path(site))
    run(find_uv_bin(), "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, str(wheel))
    return programs


@pytest.mark.parametrize(
    "pattern",
    [
        r"portal_embed/py\.typed",
        r"portal_embed/templates/layout\.html",
        r"portal_embed/templates/invoices/.+\.html",
        r"portal_embed/static/css/.+\.css",
        r"portal_embed/static/js/.+\.js",
        r"portal_embed/static/vendor/htmx.+\.js",
        r"portal_embed/i18n/locale/portal_embed\.pot",
        r"portal_embed/sandbox/stripe_js/.+\.js",
        r"portal_embed-.+\.dist-info/licenses/LICENSE",
    ],
)
def test_the_wheel_contains(contents, pattern):
    assert any(re.fullmatch(pattern, name) for name in contents)


def test_the_wheel_contains_every_file_of_the_package_and_no_test(contents):
    package = ROOT / "src" / "portal_embed"
    wanted = {f"portal_embed/{path.relative_to(package).as_posix()}" for path in package.rglob("*") if path.is_file()}
    wanted = {name for name in wanted if "__pycache__" not in name}

    assert wanted == {name for name in contents if not name.startswith("portal_embed-")}


def test_the_installed_wheel_opens_a_page_with_its_stylesheet(fresh, tmp_path):
    port = free_port()
    base_url = f"http://localhost:{port}/billing"
    with serving(fresh, port, settings(base_url), tmp_path):
        status, page = get(f"{base_url}/")
        stylesheets = re.findall(r'<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"', page)
        answers = [get(urljoin(f"{base_url}/", address))[0] for address in stylesheets]

    assert status == 401
    assert re.search(r"<title>.*expired.*</title>", page, re.IGNORECASE | re.DOTALL)
    assert set(answers) == {200}


def settings(base_url: str) -> dict[str, str]:
    """Return the least that a portal needs to start, with keys that open nothing."""
    return {
        "STRIPE_SECRET_KEY": "sk_test_wheel",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_wheel",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "STRIPE_JS_URL": "http://127.0.0.1:9/stripe.js",
        "PORTAL_SECRET_KEYS": "an-example-key-of-forty-letters-and-more",
        "PORTAL_BASE_URL": base_url,
    }


@contextlib.contextmanager
def serving(programs: Path, port: int, variables: dict[str, str], cwd: Path):
    """Run `portal-embed serve` from the fresh environment until the block ends."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "STRIPE_", "PORTAL_"))
    }
    command = [str(programs / "portal-embed"), "serve", "--port", str(port)]
    log = cwd / "serve.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=cwd, env={**inherited, **variables}, stdout=output, stderr=output)
    try:
        wait_until_it_answers(server, port, log)
        yield
    finally:
        server.terminate()
        server.wait(timeout=60)


def wait_until_it_answers(server: subprocess.Popen, port: int, log: Path) -> None:
    """Return when the port accepts a connection; fail with the server's own words if it ends or takes too long."""
    for _ in range(START_SECONDS * 20):
        with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.05)
            break
    pytest.fail(f"`portal-embed serve` did not start:\n{log.read_text()}")


def link_dependencies(site: Path) -> None:
    """Put exactly the distributions that `portal-embed` declares, and what they need, into `site` by links."""
    waiting, seen = ["portal-embed"], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        distribution = metadata.distribution(name)
        needed = [Requirement(text) for text in distribution.requires or []]
        waiting += [need.name.lower() for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})]
        if name == "portal-embed":
            continue
        for top in {path.parts[0] for path in distribution.files or [] if path.parts[0] not in ("..", "__pycache__")}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(distribution.locate_file(top))))


def get(url: str) -> tuple[int, str]:
    """Return the status and the text of an answer, whatever the status."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a command that must succeed and return what it printed; a failure shows what it said."""
    done = subprocess.run(command, check=False, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout
