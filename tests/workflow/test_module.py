"""The workflow in another one, as a module."""

from __future__ import annotations

from dataclasses import replace

SNAKEFILE = """
module loads:
    snakefile: "{root}/Snakefile"
    config: {{"cohorts": "toy", "shard_trials": 2, "results_dir": "gait"}}

use rule * from loads as loads_*

rule lengths:
    default_target: True
    input: expand("gait/labels/toy/anna/{{trial}}.txt", trial=["walk1", "walk2"])
    output: "lengths.txt"
    shell: "wc -c {{input}} > {{output}}"
"""


def test_another_workflow_asks_for_labels_by_their_paths(project, tmp_path) -> None:
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(root=project.root))
    other = replace(project, config={"theirs": "1"}, folder=tmp_path)
    other.snakemake()
    assert "walk2.txt" in (tmp_path / "lengths.txt").read_text()
    for trial in ("walk1", "walk2"):
        made = (tmp_path / f"gait/labels/toy/anna/{trial}.txt").read_bytes()
        assert made == (project.root / f"results/labels/toy/anna/{trial}.txt").read_bytes()
    assert other.planned() == {}
    (tmp_path / "gait/labels/toy/anna/walk2.txt").unlink()
    assert other.planned() == {"loads_make_labels": 1, "loads_product": 2, "lengths": 1}
