"""Limitations are the assumptions that the code makes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gaitload.report.limitations import SOURCE, assumptions


def test_a_comment_is_read_to_its_end(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "a.py").write_text(
        "# ASSUME: feet\n# are flat.\nx = 1  # not this\n    # ASSUME: hands rest.\n\n# nor this\n"
    )
    (package / "b.py").write_text("# ASSUME: hands rest.\n")
    found = assumptions(package)
    assert [each.text for each in found] == ["feet are flat.", "hands rest."]
    assert found[0].module == "package.a"


def test_none_is_missed() -> None:
    said = subprocess.run(
        ["grep", "-rhoE", "# ASSUME:.*", "--include=*.py", str(SOURCE)], capture_output=True, text=True
    )
    begun = {line.removeprefix("# ASSUME: ") for line in said.stdout.splitlines() if line.startswith("# ASSUME: ")}
    texts = [each.text for each in assumptions()]
    assert len(texts) >= 10
    assert all(any(text.startswith(line) for text in texts) for line in begun if "\\s" not in line)
