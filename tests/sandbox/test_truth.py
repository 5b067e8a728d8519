"""What the sandbox says of itself: where its behaviour comes from, and what may be expanded."""

import io
from importlib import import_module
from pkgutil import walk_packages

import stripe

import portal_embed.sandbox
from portal_embed.sandbox import print_truth
from portal_embed.sandbox.endpoints import known
from portal_embed.sandbox.truth import rows
from portal_embed.sandbox.wire.references import REFERENCES
from portal_embed.sandbox.wire.router import all_routes
from tests.sandbox.counts import README, counted


def test_every_row_says_how_we_know_and_from_where():
    for module, (behaviour, kind, source) in rows():
        assert kind in ("recorded", "documented", "assumed"), f"{module}: {behaviour}"
        assert behaviour
        assert source


def test_every_module_with_endpoints_says_where_its_behaviour_comes_from():
    with_endpoints = {route.handler.__module__ for route in all_routes()}
    assert [name for name in sorted(with_endpoints) if not getattr(import_module(name), "TRUTH", None)] == []


def test_every_endpoint_says_how_it_is_known_and_none_is_named_that_is_not_built():
    assert {f"{route.method} {route.pattern}" for route in all_routes()} == set(known())


WITHOUT_RULES = {"agenda", "bodies"}
"""Modules of the engine that decide nothing: a calendar of moments, and empty objects to be filled."""


def test_every_module_of_the_engine_says_where_its_rules_come_from():
    package = import_module("portal_embed.sandbox.engine")
    modules = {module.name for module in walk_packages(package.__path__)} - WITHOUT_RULES
    silent = [name for name in modules if not getattr(import_module(f"{package.__name__}.{name}"), "TRUTH", None)]
    assert sorted(silent) == []


def test_the_readme_tells_the_counts():
    readme = README.read_text("utf-8")
    assert readme == counted(readme), "run: python -m tests.sandbox.counts"


def test_the_printed_table_ends_with_its_counts():
    out = io.StringIO()
    print_truth(out)
    assert out.getvalue().rstrip().splitlines()[-1].count(",") == 2


def test_no_source_names_a_path_of_ours():
    modules = [
        import_module(module.name) for module in walk_packages(portal_embed.sandbox.__path__, "portal_embed.sandbox.")
    ]
    assert [row for module in modules for row in getattr(module, "TRUTH", []) if "/work" in "".join(row)] == []


def test_what_may_be_expanded_is_what_the_sdk_declares():
    kinds = {"customer": stripe.Customer, "invoice": stripe.Invoice, "subscription": stripe.Subscription}
    for kind, path in REFERENCES:
        if kind in kinds and "." not in path:
            assert "ExpandableField" in _source(kinds[kind], path), f"{kind}.{path}"


def _source(cls, field):
    """The annotation of a field as the SDK's source writes it."""
    import inspect

    lines = inspect.getsource(cls).splitlines()
    start = max(number for number, line in enumerate(lines) if line.startswith(f"    {field}:"))
    return " ".join(lines[start : start + 3])
