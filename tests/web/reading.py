"""What a template reads, followed through its loops, includes and macros, held against the types it is given."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import is_dataclass
from types import UnionType
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, nodes

from portal_embed.cli.contract import facts, models
from portal_embed.web.contract import TEMPLATES, names_of

JINJA = Environment(loader=PackageLoader("portal_embed"), extensions=["jinja2.ext.i18n"], autoescape=True)
GIVEN_TO_ALL = dict.fromkeys(
    ("_", "gettext", "ngettext", "pgettext", "npgettext", "dom_id", "loop", "caller", "range"), Any
)
_WORDS = {"Any": Any, "Callable": Callable, "Literal": Literal}


def misreadings(template: str, source: str | None = None) -> list[str]:
    """One line for each name or attribute that a template (or `source` in its place) reads and is not given."""
    given = {name: resolved(kind) for name, kind in TEMPLATES[template].items()}
    shared = {fact.name: resolved(fact.type) for fact in facts(names_of(template))}
    reader = _Reader(template)
    text = source if source is not None else JINJA.loader.get_source(JINJA, template)[0]
    parsed = JINJA.parse(text)
    reader.macros = {macro.name: macro for macro in parsed.find_all(nodes.Macro)}
    reader.block(parsed.body, {**GIVEN_TO_ALL, **shared, **given})
    return reader.found


def resolved(kind: Any) -> Any:
    """A type from its annotation."""
    return eval(kind, {**_WORDS, **models()}) if isinstance(kind, str) else kind


class _Reader:
    def __init__(self, template: str) -> None:
        self.template = template
        self.found: list[str] = []
        self.macros: dict[str, nodes.Macro] = {}
        self._open: set[str] = set()

    def block(self, body: list[nodes.Node], scope: dict[str, Any]) -> None:
        """Statements one after the other; what one of them sets, the next may read."""
        for node in body:
            self.statement(node, scope)

    def statement(self, node: nodes.Node, scope: dict[str, Any]) -> None:
        """One of them, in its own way if it binds names."""
        for kind in type(node).__mro__:
            if (own := getattr(self, f"_{kind.__name__.lower()}", None)) is not None:
                own(node, scope)
                return
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.Expr):
                self.type_of(child, scope)
            else:
                self.statement(child, scope)

    def _for(self, node: nodes.For, scope: dict[str, Any]) -> None:
        inside = dict(scope)
        self._bind(node.target, _element(self.type_of(node.iter, scope)), inside)
        if node.test is not None:
            self.type_of(node.test, inside)
        self.block(node.body, inside)
        self.block(node.else_, dict(scope))

    def _with(self, node: nodes.With, scope: dict[str, Any]) -> None:
        inside = dict(scope)
        for target, value in zip(node.targets, node.values, strict=True):
            self._bind(target, self.type_of(value, scope), inside)
        self.block(node.body, inside)

    def _assign(self, node: nodes.Assign, scope: dict[str, Any]) -> None:
        self._bind(node.target, self.type_of(node.node, scope), scope)

    def _if(self, node: nodes.If, scope: dict[str, Any]) -> None:
        self.type_of(node.test, scope)
        for part in (node.body, node.elif_, node.else_):
            self.block(part, scope)

    def _block(self, node: nodes.Block, scope: dict[str, Any]) -> None:
        self.block(node.body, dict(scope))

    def _callblock(self, node: nodes.CallBlock, scope: dict[str, Any]) -> None:
        self.type_of(node.call, scope)
        self.block(node.body, dict(scope))

    def _include(self, node: nodes.Include, scope: dict[str, Any]) -> None:
        template = node.template.value
        for name, kind in TEMPLATES[template].items():
            given = _without_none(scope.get(name))
            if given not in {Any, resolved(kind)}:
                self.found.append(f"{self.template}: includes {template}, which needs {name}: {kind}, with {given}")

    def _fromimport(self, node: nodes.FromImport, _scope: dict[str, Any]) -> None:
        template = node.template.value
        parsed = JINJA.parse(JINJA.loader.get_source(JINJA, template)[0])
        for there in parsed.find_all(nodes.FromImport):
            self._fromimport(there, {})
        macros = {macro.name: macro for macro in parsed.find_all(nodes.Macro)}
        self.found += [f"{self.template}: {template} has no macro {name}" for name in node.names if name not in macros]
        self.macros |= macros

    def _macro(self, node: nodes.Macro, scope: dict[str, Any]) -> None:
        """On its own, too: nothing may be read that is neither an argument nor given to every page."""
        self._expand(node, [], scope)

    def type_of(self, node: nodes.Node, scope: dict[str, Any]) -> Any:
        """The type of an expression, `Any` where it does not matter; reads every part of it."""
        if isinstance(node, nodes.Name):
            if node.name not in scope and node.name not in self.macros:
                self.found.append(f"{self.template}: {node.name} is not given")
            return scope.get(node.name, Any)
        if isinstance(node, nodes.Getattr):
            return self._attribute(self.type_of(node.node, scope), node.attr)
        if isinstance(node, nodes.Getitem):
            self.type_of(node.arg, scope)
            return _element(self.type_of(node.node, scope))
        if isinstance(node, nodes.Call):
            return self._called(node, scope)
        if isinstance(node, nodes.CondExpr):
            self.type_of(node.test, scope)
            sides = [self.type_of(side, scope) for side in (node.expr1, node.expr2) if side is not None]
            return sides[0] if all(side == sides[0] for side in sides) else Any
        for child in node.iter_child_nodes():
            self.type_of(child, scope)
        return Any

    def _attribute(self, kind: Any, name: str) -> Any:
        kind = _without_none(kind)
        if kind is Any:
            return Any
        known = {fact.name: fact.type for fact in facts(kind)} if is_dataclass(kind) else {}
        if name not in known:
            self.found.append(f"{self.template}: {getattr(kind, '__name__', kind)} has no {name}")
            return Any
        return resolved(known[name])

    def _called(self, node: nodes.Call, scope: dict[str, Any]) -> Any:
        given = [self.type_of(argument, scope) for argument in node.args]
        for keyword in node.kwargs:
            self.type_of(keyword.value, scope)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if name in self.macros:
            self._expand(self.macros[name], given, scope)
        else:
            self.type_of(node.node, scope)
        return Any

    def _expand(self, macro: nodes.Macro, given: list[Any], scope: dict[str, Any]) -> None:
        if macro.name in self._open:
            return
        self._open.add(macro.name)
        inside = {**scope, **{argument.name: Any for argument in macro.args}}
        inside |= {argument.name: kind for argument, kind in zip(macro.args, given, strict=False)}
        self.block(macro.body, inside)
        self._open.remove(macro.name)

    def _bind(self, target: nodes.Node, kind: Any, scope: dict[str, Any]) -> None:
        if isinstance(target, nodes.Tuple):
            parts = typing.get_args(kind) or (Any,) * len(target.items)
            for item, part in zip(target.items, parts, strict=True):
                self._bind(item, part, scope)
        else:
            scope[target.name] = kind


def _without_none(kind: Any) -> Any:
    if isinstance(kind, UnionType):
        (kind,) = (part for part in typing.get_args(kind) if part is not type(None))
    return kind


def _element(kind: Any) -> Any:
    """What a loop meets, or an index finds."""
    kind = _without_none(kind)
    arguments = typing.get_args(kind)
    return arguments[0] if typing.get_origin(kind) is tuple and arguments[-1] is Ellipsis else Any
