"""The conventions that hold the house together and that no other tool checks (import-linter guards the layers)."""

from __future__ import annotations

import ast
import doctest
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import portal_embed

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "portal_embed"
MODULES = sorted(PACKAGE.rglob("*.py"))
WITH_EXAMPLES = [path for path in MODULES if ">>> " in path.read_text(encoding="utf-8")]
LONGEST_FILE = 400  # lines; from about 200 a file asks to be two

OURS = ("src", "tests", "e2e", "scripts", ".ci")
NOT_OURS = {"__pycache__", "node_modules", "vendor", ".hypothesis"}
# In two halves, so that this file does not find itself.
REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "registry." + "npmjs", "registry." + "yarnpkg")
MACHINES = ("/work" + "/main", "/work" + "/shared", "/root" + "/", "/opt" + "/", "/tmp" + "/bash")


def test_the_shop_window_is_sorted():
    assert list(portal_embed.__all__) == sorted(portal_embed.__all__)


def test_everything_in_the_shop_window_can_be_had():
    assert [name for name in portal_embed.__all__ if not hasattr(portal_embed, name)] == []


def test_importing_the_portal_imports_neither_the_sandbox_nor_the_demo_nor_the_simulator():
    code = (
        "import sys, portal_embed; "
        "print([name for name in sys.modules if 'sandbox' in name or '.demo' in name or 'simulator' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.strip() == "[]"


def test_no_file_has_grown_too_long():
    assert [path for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE] == []


def test_every_module_says_what_it_is_for():
    assert [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_example_in_a_docstring_is_true(path):
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    failed, tried = doctest.testmod(import_module(name))

    assert (failed, tried > 0) == (0, True)


def test_the_sandbox_imports_nothing_of_the_house_around_it():
    imported = {name for path in (PACKAGE / "sandbox").rglob("*.py") for name in imports(path)}
    ours = {name for name in imported if name.split(".")[0] == "portal_embed"}

    assert {name for name in ours if not name.startswith("portal_embed.sandbox")} == set()


def test_tests_that_drive_a_browser_live_in_e2e():
    # Playwright's event loop stays in the main thread, where async tests that come later would trip over it.
    tests = Path(__file__).parent
    driving = [path.name for path in tests.rglob("*.py") if "from " + "playwright" in path.read_text(encoding="utf-8")]

    assert driving == []


def test_no_file_names_a_package_registry():
    assert files_naming(REGISTRIES) == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on():
    assert files_naming(MACHINES) == []


def imports(path: Path) -> set[str]:
    """Return the full names of the modules that a file imports, relative ones resolved."""
    package = ("portal_embed", *path.relative_to(PACKAGE).parent.parts)
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            names.add(".".join([*base, *filter(None, [node.module])]))
    return names


def files_naming(words: tuple[str, ...]) -> list[str]:
    """Return "file: word" for each of our text files that holds one of the words."""
    found = []
    for path in our_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    return found


def our_files() -> list[Path]:
    """Return what is ours to write: the files at the root and below the folders of the fixed top level."""
    below = [path for folder in OURS for path in (ROOT / folder).rglob("*")]
    return [path for path in [*ROOT.glob("*"), *below] if path.is_file() and not NOT_OURS & set(path.parts)]
