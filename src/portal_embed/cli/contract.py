"""What a template may read, in lines: read off the dataclasses and their docstrings, so that it cannot say anything else."""

from __future__ import annotations

import inspect
import pkgutil
import re
from dataclasses import dataclass, fields, is_dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import import_module
from typing import Any, get_args

from jinja2 import Environment, PackageLoader, nodes

from portal_embed import view_models
from portal_embed.config import features, mails
from portal_embed.config.deciding import NavLink
from portal_embed.web.contract import TEMPLATES, names_of
from portal_embed.web.rendering import dom_id

_NAME = re.compile(r"[A-Z]\w+")
_QUOTED = re.compile(r"`([^`]+)`")
_CLAUSE_END = re.compile(r"(?<=[.;])\s+(?![^(]*\))")
_WIDTH = 22


@dataclass(frozen=True)
class Fact:
    """One name that a template may read: `type` as it is annotated, `meaning` in a line ("" where nothing is said)."""

    name: str
    type: str
    meaning: str


def context(template: str) -> str:
    """All that a template may read, to print."""
    own = [Fact(name, _type_name(kind), _summary_of(_type_name(kind))) for name, kind in TEMPLATES[template].items()]
    shared = names_of(template)
    blocks = [_block(f"{template} may read", own)] if own else []
    blocks.append(
        _block("Every mail may read" if template.startswith("mail/") else "Every page may read", facts(shared))
    )
    blocks += [_block(f"{cls.__name__}: {summary(cls)}", facts(cls)) for cls in classes(template)]
    blocks += [f"{name}: {kind}\n" for name, kind in words(template).items()]
    return "\n".join(filter(None, [*blocks, _macros(template), _EVERYWHERE]))


_EVERYWHERE = f"""Everywhere
  _(text), ngettext(one, many, n), {{% trans %}}   a text in the reader's language, see translations_dir
  {dom_id.__name__}{inspect.signature(dom_id, eval_str=False)}   {(dom_id.__doc__ or "").partition(". ")[0]}
  "@portal/<name>"   the original of a template, to extend, include or import from
""".replace("'str'", "str")


def facts(cls: type) -> tuple[Fact, ...]:
    """The fields and properties of a dataclass."""
    said = _clauses(inspect.getdoc(cls) or "")
    found = [Fact(field.name, str(field.type), _meaning(field.name, str(field.type), said)) for field in fields(cls)]
    for name, value in vars(cls).items():
        if isinstance(value, property) and value.fget is not None:
            kind = str(value.fget.__annotations__["return"])
            found.append(Fact(name, kind, _one_line(inspect.getdoc(value) or "")))
    return tuple(found)


def classes(template: str) -> tuple[type, ...]:
    """The dataclasses that can be reached from a template's names, each once, in the order they are met."""
    waiting = [_type_name(kind) for kind in TEMPLATES[template].values()]
    waiting += [fact.type for fact in facts(names_of(template))]
    found: dict[str, type] = {}
    while waiting:
        for name in _NAME.findall(waiting.pop(0)):
            cls = models().get(name)
            if isinstance(cls, type) and name not in found:
                found[name] = cls
                waiting += [fact.type for fact in facts(cls)]
    return tuple(found.values())


def summary(cls: type) -> str:
    """The first sentence about a dataclass, "" where its docstring begins with its fields."""
    first = _one_line((inspect.getdoc(cls) or "").partition("\n\n")[0])
    said = re.split(r"(?<=[.])\s", first)[0]
    return "" if said.startswith("`") else said


@lru_cache(maxsize=1)
def models() -> dict[str, Any]:
    """The dataclasses of the view models and the names for a choice of words, by name."""
    found: dict[str, Any] = {"NavLink": NavLink}  # the one class of the settings that a page shows as it is
    modules = [
        import_module(f"{view_models.__name__}.{each.name}") for each in pkgutil.iter_modules(view_models.__path__)
    ]
    for inside in (*modules, features, mails):
        for name, value in vars(inside).items():
            is_own = is_dataclass(value) and getattr(value, "__module__", "") == inside.__name__
            if (is_own and inside in modules) or "Literal[" in str(value)[:15]:
                found[name] = value
    return found


def words(template: str) -> dict[str, str]:
    """The types that are a choice of words, by name: {"Tone": "one of 'neutral', …"}."""
    types = " ".join(fact.type for cls in (*classes(template), names_of(template)) for fact in facts(cls))
    known = {name: models()[name] for name in sorted(set(_NAME.findall(types))) if name in models()}
    return {
        name: f"one of {', '.join(map(repr, get_args(kind)))}"
        for name, kind in known.items()
        if not isinstance(kind, type)
    }


def _macros(template: str) -> str:
    """What can be imported from a template: its macros with their arguments."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    source = PackageLoader("portal_embed").get_source(environment, template)[0]
    found = [
        f"  {macro.name}({', '.join(str(argument.name) for argument in macro.args)})"
        for macro in environment.parse(source).find_all(nodes.Macro)
    ]
    return "\n".join(["Macros to import from it", *found, ""]) if found else ""


def _block(title: str, names: list[Fact] | tuple[Fact, ...]) -> str:
    lines = [
        f"  {fact.name:<{_WIDTH}} {fact.type}" + (f"\n      {fact.meaning}" if fact.meaning else "") for fact in names
    ]
    return "\n".join([title.removesuffix(": "), *lines, ""])


def _type_name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _meaning(name: str, kind: str, said: list[str]) -> str:
    for clause in said:
        named = [quoted.partition("(")[0] for quoted in _QUOTED.findall(clause)]
        if any(fnmatchcase(name, pattern) for pattern in named):
            # `name`: meaning, or `name` "for example"; a sentence that goes on from the name keeps it.
            return re.sub(rf'^`{name}(?:\([^)]*\))?`(?::\s*| (?="))', "", clause).rstrip(".;")
    return _summary_of(kind)


def _summary_of(kind: str) -> str:
    """What the type itself says, for a name that needs no more words."""
    found = next((models()[name] for name in _NAME.findall(kind) if isinstance(models().get(name), type)), None)
    return summary(found).rstrip(".") if found is not None else ""


def _clauses(docstring: str) -> list[str]:
    """What is said of each name: up to the next full stop or semicolon, unless no other name stands behind that one."""
    found: list[str] = []
    for clause in _CLAUSE_END.split(_one_line(docstring)):
        if found and found[-1].endswith(";") and not clause.startswith("`"):
            found[-1] += f" {clause}"
        else:
            found.append(clause)
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())
