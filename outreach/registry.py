"""Find one-file extensions: the modules of a package that define a given attribute."""

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def discover(package: ModuleType, attribute: str, kind: type[T]) -> dict[str, T]:
    """Collect ``module.attribute`` from every module directly inside ``package``.

    Parameters
    ----------
    package
        An imported package, such as ``outreach.exporters``.
    attribute
        The name that each extension defines at module level, such as ``"EXPORTER"``.
    kind
        The type that each must be.

    Returns
    -------
    dict
        Module name to extension, in alphabetical order. A module without the attribute is support
        code and is skipped.

    Raises
    ------
    TypeError
        A module defines the attribute with another type.
    """
    extensions: dict[str, T] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        extension = getattr(module, attribute, None)
        if extension is None:
            continue
        if not isinstance(extension, kind):
            raise TypeError(
                f"{module.__name__}.{attribute} must be a {kind.__name__}, not"
                f" {type(extension).__name__}."
            )
        extensions[info.name] = extension
    return extensions
