"""Finds the browsers for the tests, or gets them: a Chromium for all of them, and a Firefox for what browsers differ in.

The order: `PORTAL_BROWSER` (a path), Playwright's own build, the system's. When there is none, Playwright's download is
tried, then `apt-get` where this process may use it, and then one sentence says what to do.
Run as `python -m e2e.browser` it makes sure of both.

Firefox is the system's (`PORTAL_FIREFOX`, `firefox-esr`, `firefox`): it is driven over WebDriver BiDi, which Playwright can up
to 1.64.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import playwright

SYSTEM_NAMES = (
    "chromium-headless-shell",  # first: it starts and clicks about twice as fast as the full browser
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "chrome",
)
MAC_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
# Keep the browser off the network: it has nothing to fetch but our own loopback servers.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
ADVICE = (
    "There is no browser for the end-to-end tests: run `python -m playwright install chromium`"
    " or `sudo apt-get install chromium`, or set PORTAL_BROWSER to the path of a Chromium or Chrome."
)
FIREFOX_ADVICE = (
    "There is no Firefox for the tests of frames: run `sudo apt-get install firefox-esr`,"
    " or set PORTAL_FIREFOX to the path of a Firefox."
)
DOWNLOAD_SECONDS = 600


class NoBrowser(RuntimeError):
    """There is no browser, and none could be had. The message says what to do."""


def launch_options() -> dict[str, object]:
    """Options for Playwright's `launch`: which browser, and the flags it needs here."""
    flags = [*QUIET, "--no-sandbox"] if _is_root() else list(QUIET)
    options: dict[str, object] = {"args": flags}
    if path := find():
        options["executable_path"] = path
    return options


def find() -> str | None:
    """Return the path of the browser to drive, or None for Playwright's own build; `NoBrowser` if there is none."""
    if chosen := os.environ.get("PORTAL_BROWSER"):
        if path := shutil.which(chosen):
            return path
        message = f"PORTAL_BROWSER is {chosen!r}, and there is no program of that name."
        raise NoBrowser(message)
    if _has_own_build():
        return None
    for name in SYSTEM_NAMES:
        if path := shutil.which(name):
            return path
    for path in MAC_PATHS:
        if Path(path).exists():
            return path
    raise NoBrowser(ADVICE)


def ensure() -> str | None:
    """Return what `find` returns, getting a browser first where there is none."""
    try:
        return find()
    except NoBrowser:
        if os.environ.get("PORTAL_BROWSER"):
            raise
    if not _download() and _may_use_apt():
        _apt_get("update", "-qq")
        for package in ("chromium-headless-shell", "chromium"):
            if _apt_get("install", "-y", "-qq", "--no-install-recommends", package, "fonts-liberation"):
                break
    return find()


def firefox_options(**preferences: object) -> dict[str, object]:
    """Options for Playwright's `firefox.launch`, with settings of about:config.

    Without Fission, because with it clicks within a frame of another site do nothing when they come from a test.
    """
    path = find_firefox()
    if path is None:
        raise NoBrowser(FIREFOX_ADVICE)
    settings = {"fission.autostart": False, **preferences}
    return {"channel": "moz-firefox", "executable_path": path, "firefox_user_prefs": settings}


def find_firefox() -> str | None:
    """Return the path of the Firefox to drive, None if there is none."""
    names = (os.environ.get("PORTAL_FIREFOX"), "firefox-esr", "firefox")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def ensure_firefox() -> str:
    """Return what `find_firefox` returns, getting one first where there is none."""
    if find_firefox() is None and _may_use_apt():
        _apt_get("update", "-qq")
        _apt_get("install", "-y", "-qq", "--no-install-recommends", "firefox-esr")
    path = find_firefox()
    if path is None:
        raise NoBrowser(FIREFOX_ADVICE)
    return path


def _has_own_build() -> bool:
    """Say whether the build that this Playwright wants lies in its cache (asking Playwright would start Node)."""
    known = json.loads((Path(playwright.__file__).parent / "driver/package/browsers.json").read_text(encoding="utf-8"))
    revisions = {entry["name"]: entry["revision"] for entry in known["browsers"]}
    folder = f"chromium_headless_shell-{revisions['chromium-headless-shell']}"
    return any((cache / folder / "INSTALLATION_COMPLETE").exists() for cache in _caches())


def _caches() -> list[Path]:
    """Return the folders where Playwright keeps browsers, by its documentation."""
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen == "0":
        return [Path(playwright.__file__).parent / "driver/package/.local-browsers"]
    if chosen:
        return [Path(chosen)]
    home = Path.home()
    return [
        home / ".cache/ms-playwright",
        home / "Library/Caches/ms-playwright",
        home / "AppData/Local/ms-playwright",
    ]


def _download() -> bool:
    """Try Playwright's download, with the system libraries it needs where they may be installed."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    print("There is no browser yet: trying Playwright's download, then the system's packages.", file=sys.stderr)
    try:
        # Its complaint is a page long, and there is a second way: so it is not shown.
        done = subprocess.run(command, check=False, timeout=DOWNLOAD_SECONDS, stderr=subprocess.DEVNULL).returncode == 0
    except subprocess.TimeoutExpired:
        return False
    if done and _may_use_apt():
        subprocess.run([sys.executable, "-m", "playwright", "install-deps", "chromium"], check=False)
    return done


def _apt_get(*arguments: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(["apt-get", *arguments], check=False, env=environment).returncode == 0


def _may_use_apt() -> bool:
    return shutil.which("apt-get") is not None and _is_root()


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


if __name__ == "__main__":
    try:
        ensure()
        ensure_firefox()
    except NoBrowser as problem:
        sys.exit(str(problem))
