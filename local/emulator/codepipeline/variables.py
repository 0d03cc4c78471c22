"""`#{Namespace.Variable}` in the configuration of actions."""

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"#\{([A-Za-z0-9_-]+)\.([^}]+)\}")


class UnresolvedVariable(ValueError):
    """A configuration refers to a variable that no earlier action has given."""


def resolve(
    configuration: Mapping[str, str], known: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Return the configuration with every reference replaced.

    Args:
        configuration: An action's configuration.
        known: The variables given so far: namespace -> name -> value.

    Raises:
        UnresolvedVariable: Naming the reference.
    """

    def value(match: re.Match[str]) -> str:
        namespace, name = match.groups()
        try:
            return known[namespace][name]
        except KeyError as missing:
            raise UnresolvedVariable(
                f"the variable {match.group(0)} is not known: no action before this one in the"
                f" namespace {namespace!r} has exported {name!r}"
            ) from missing

    return {key: _REFERENCE.sub(value, text) for key, text in configuration.items()}
