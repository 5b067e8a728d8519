"""Templates are compiled once for all languages and portals; a host that changes one sees the change."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from portal_embed.config import PortalConfig
from portal_embed.web.rendering import environment


def config(folder):
    return PortalConfig(
        stripe_secret_key="sk_test_1",
        stripe_publishable_key="pk_test_1",
        secret_keys=("k" * 32,),
        base_url="https://acme.example/billing",
        templates_dir=folder,
    )


@pytest.fixture
def compiled(monkeypatch):
    names = []
    original = Environment.compile

    def compile(self, source, name=None, *more, **options):
        names.append(name)
        return original(self, source, name, *more, **options)

    monkeypatch.setattr(Environment, "compile", compile)
    return names


def test_a_template_is_compiled_once_for_all_languages_and_portals(tmp_path, compiled):
    (tmp_path / "greeting.html").write_text("Hello")

    assert [environment(config(tmp_path)).get_template("greeting.html").render() for _ in "123"] == ["Hello"] * 3
    assert compiled == ["greeting.html"]


def test_a_changed_template_is_compiled_anew(tmp_path):
    (tmp_path / "greeting.html").write_text("Hello")
    assert environment(config(tmp_path)).get_template("greeting.html").render() == "Hello"
    (tmp_path / "greeting.html").write_text("Good morning")

    assert environment(config(tmp_path)).get_template("greeting.html").render() == "Good morning"


def test_two_hosts_with_a_template_of_one_name_never_meet(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "greeting.html").write_text(name)

    shown = [
        environment(config(tmp_path / name)).get_template("greeting.html").render() for name in ("one", "two", "one")
    ]
    assert shown == ["one", "two", "one"]
