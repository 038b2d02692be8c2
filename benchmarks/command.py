"""The options that benchmarks of engines have in common, and what they say while they measure."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import tables


@contextmanager
def measuring(name: str, description: str) -> Iterator[tuple[argparse.Namespace, Callable[[str], None]]]:
    """Options of the command line, and what tells the progress; says in the end where the tables are."""
    options = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    options.add_argument("--repeats", type=int, default=3, help="rounds that the median is taken of")
    options.add_argument("--frames", type=int, default=45, help="frames of the long span")
    options.add_argument("--results", type=Path, default=Path("results/benchmark_trials"), help="where trials are kept")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen, begun = options.parse_args(), time.perf_counter()

    def say(line: str) -> None:
        print(f"{time.perf_counter() - begun:6.0f} s  {line}", file=sys.stderr, flush=True)

    yield chosen, say
    say(f"written to {chosen.out}")
