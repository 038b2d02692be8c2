"""Files added to a registry's folder as docs/extend.md says, without writing to the package."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "extend.md"


def example_of(kind: str) -> str:
    """Text of the only block of docs/extend.md that is fenced with a kind: `python floor`."""
    (text,) = re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return text


@contextmanager
def added(package: str, name: str, text: str, folder: Path) -> Iterator[None]:
    """Within the context a package has one more file `<name>.py`, which lies in a folder of its own."""
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    path = importlib.import_module(package).__path__
    path.append(str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        path.remove(str(folder))
        sys.modules.pop(f"{package}.{name}", None)
        vars(sys.modules[package]).pop(name, None)
