"""Damages files of every format and prints what became of them: `python -m tests.fuzz --cases 10000`."""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import tempfile
import time
from pathlib import Path

from tests.fuzz.cases import counts, run
from tests.fuzz.targets import TARGETS

HANGS_AFTER_S = 60
SHARE = {"model": 10}
"""OpenSim opens every case of these anew."""


def main() -> int:
    """Run the cases; 1 if there is a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="a reader; a tenth of it for models (default 10000)")
    parser.add_argument("--reader", choices=sorted(TARGETS), action="append", help="only this one; may be repeated")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--key", default="gaitload", help="another one gives other cases")
    parser.add_argument("--keep", type=Path, help="folder for the damaged files of findings")
    asked = parser.parse_args()
    faulthandler.enable()
    shared = Path(os.environ.get("GAITLOAD_SHARED", Path(__file__).resolve().parents[3] / "shared" / "data"))
    found = 0
    for name in asked.reader or TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            count = asked.cases // SHARE.get(name, 1)
            cases = range(asked.first, asked.first + count)
            began = time.perf_counter()
            outcomes = run(TARGETS[name], cases, Path(folder), shared if shared.is_dir() else None, key=asked.key)
            seen, findings, slowest = counts(_watched(outcomes))
        figures = {"reader": name, "cases": count, "seconds": round(time.perf_counter() - began, 1)}
        print(json.dumps(figures | {"slowest_s": round(slowest, 3), "outcomes": dict(seen.most_common())}), flush=True)
        for finding in findings:
            found += 1
            print(f"  {name} {finding.seed} {'+'.join(finding.done)}: {finding.what}", flush=True)
            if asked.keep:
                asked.keep.mkdir(parents=True, exist_ok=True)
                (asked.keep / f"{name}_{found}").write_bytes(finding.content)
    return 1 if found else 0


def _watched(outcomes):
    # A hang inside of compiled code, which no alarm of Python's ends, ends the process with a traceback.
    for outcome in outcomes:
        faulthandler.dump_traceback_later(HANGS_AFTER_S, exit=True)
        yield outcome
    faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    raise SystemExit(main())
