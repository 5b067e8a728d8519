"""Form bodies and query strings with Stripe's bracket notation, decoded to nested dictionaries of strings."""

import re
from typing import Any
from urllib.parse import parse_qsl

_PART = re.compile(r"\[([^\]]*)\]")


def decode(text: str) -> dict[str, Any]:
    """`items[0][price]=p&expand[]=a` → `{"items": {"0": {"price": "p"}}, "expand": {"0": "a"}}`.

    Lists stay dictionaries with digit keys here: only the endpoint's own declaration knows what is a list.
    """
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, bracket, _ = name.partition("[")
        path = [first, *_PART.findall(name)] if bracket else [first]
        node = tree
        for position, part in enumerate(path):
            key = str(len(node)) if part == "" and position else part
            if position == len(path) - 1:
                node[key] = value
            else:
                below = node.get(key)
                if not isinstance(below, dict):
                    below = node[key] = {}
                node = below
    return tree
