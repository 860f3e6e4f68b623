r"""Custodiet finds the vulnerabilities that AI assistants write, and explains each from source to sink.

What a program may use stands here; all other modules may change from one version to the next.

    >>> from custodiet import scan_texts
    >>> report = scan_texts({"shop/views.py": b"import os\n\nos.system(input())\n"})
    >>> for finding in report.findings:
    ...     print(f"{finding.place.path}:{finding.place.line}: {finding.rule} ({finding.severity})")
    shop/views.py:3: command-injection (medium)

`Scan(Config(), root=...).run(paths)` reads files instead. Names are imported when they are first used, so that
`import custodiet` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from custodiet.config import Config
    from custodiet.domain.finding import Finding
    from custodiet.domain.report import Report
    from custodiet.domain.rule import Rule
    from custodiet.scan import Scan, scan_texts

    __version__: str

_HOMES: Final = {
    "Config": "custodiet.config",
    "Finding": "custodiet.domain.finding",
    "Report": "custodiet.domain.report",
    "Rule": "custodiet.domain.rule",
    "Scan": "custodiet.scan",
    "scan_texts": "custodiet.scan",
}


def __getattr__(name: str) -> object:
    """The public name, imported now (PEP 562); `__version__` is that of the installed package, `0+unknown` without one.

    Raises:
        AttributeError: the package has no such public name.
    """
    value: object
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    elif name == "__version__":
        from importlib.metadata import PackageNotFoundError, version  # late: costs 10 ms

        try:
            value = version(__name__)
        except PackageNotFoundError:
            value = "0+unknown"
    else:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = ["Config", "Finding", "Report", "Rule", "Scan", "__version__", "scan_texts"]
