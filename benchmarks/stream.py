"""Time that a stream takes for a sample, its delay, and the memory that predictions of long recordings take.

`python -m benchmarks.stream` takes the shipped estimators and their example, and writes docs/benchmarks/stream.json and
stream.md.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import tables
from gaitload.bundles.command import read_sensors
from gaitload.bundles.file import read_bundle
from gaitload.bundles.stream import Stream

FOLDER = tables.FOLDER.parents[1] / "workflow" / "bundles"
EXAMPLE = FOLDER / "example"
WORN = {"running_pelvis": ("pelvis",), "running_tibia": ("tibia_r", "tibia_l")}
WORN["running_pelvis+tibia"] = (*WORN["running_pelvis"], *WORN["running_tibia"])
REPEATS = 6
"""Times that the example of seven seconds is played."""
SHOWN = ("sensors", "mean_ms", "p99_ms", "worst_ms", "samples_per_s", "delay_median_s", "delay_worst_s")
MINUTES = (1, 10, 60)
_MEASURED = """
import resource, sys
from pathlib import Path
from gaitload.bundles.command import predict_files
predict_files(Path(sys.argv[1]), ["pelvis=" + sys.argv[2] + "#pelvis"], Path(sys.argv[3]), columns=Path(sys.argv[4]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def streamed(name: str) -> dict:
    """Time of each sample (ms) and delays of estimates (s)."""
    words = [f"{body}={EXAMPLE / 'phone.csv'}#{body}" for body in WORN[name]]
    worn = read_sensors(words, columns=EXAMPLE / "columns.yaml")
    first = next(iter(worn.values()))
    stream, took_ms, delays_s = Stream(read_bundle(FOLDER / f"{name}.gaitload"), list(worn), first.rate_hz), [], []
    for frame in np.tile(np.arange(len(first.time_s)), REPEATS):
        sample = {b: (each.acc_sensor_m_per_s2[frame], each.gyr_sensor_rad_per_s[frame]) for b, each in worn.items()}
        began_s = time.process_time()
        loads = stream.push(sample)
        took_ms.append(1000.0 * (time.process_time() - began_s))
        delays_s += [load.delay_s for load in loads]
    took = np.array(took_ms)
    return {
        "sensors": len(worn),
        "rate_hz": first.rate_hz,
        "estimates": len(delays_s),
        "mean_ms": float(took.mean()),
        "p99_ms": float(np.quantile(took, 0.99)),
        "worst_ms": float(took.max()),
        "samples_per_s": float(1000.0 / took.mean()),
        "delay_median_s": float(np.median(delays_s)),
        "delay_worst_s": float(np.max(delays_s)),
    }


def predicted(minutes: int, folder: Path) -> dict:
    """Peak memory (MB) and time (s) of a prediction of so many minutes, in a process of its own."""
    once = pd.read_csv(EXAMPLE / "phone.csv")
    table = pd.concat([once] * math.ceil(3600 * minutes / len(once)), ignore_index=True)
    table["seconds"] = (np.arange(len(table)) / 60.0).round(4)
    path = folder / "long.csv"
    table.to_csv(path, index=False)
    began_s = time.perf_counter()
    bundle = FOLDER / "running_pelvis.gaitload"
    words = [str(bundle), str(path), str(folder / "out"), str(EXAMPLE / "columns.yaml")]
    said = subprocess.run([sys.executable, "-c", _MEASURED, *words], capture_output=True, text=True, check=True)
    return {
        "file_mb": path.stat().st_size / 1e6,
        "peak_mb": float(said.stdout.split()[-1]),
        "wall_s": time.perf_counter() - began_s,
    }


def report(found: dict) -> str:
    """Markdown of what was measured."""
    streams = [[name, *(one[key] for key in SHOWN)] for name, one in found["streams"].items()]
    longs = [[f"{minutes} min", *one.values()] for minutes, one in found["recordings"].items()]
    return tables.document(
        "Streams and long recordings",
        found["machine"],
        [
            (
                "Processor time of one sample of all sensors at 60 Hz, on one core, and the delay of estimates behind "
                "the end of what is estimated (a stance and its margin).",
                tables.table(
                    [
                        "bundle",
                        "sensors",
                        "mean (ms)",
                        "99 % (ms)",
                        "worst (ms)",
                        "samples a second",
                        "delay (s)",
                        "worst delay (s)",
                    ],
                    streams,
                ),
            ),
            (
                "`gaitload predict` on the example of four sensors, repeated: peak memory and wall time.",
                tables.table(["recording", "file (MB)", "peak memory (MB)", "time (s)"], longs),
            ),
        ],
    )


def main() -> int:
    """Measure and write."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    found: dict = {"streams": {name: streamed(name) for name in WORN}}
    with tempfile.TemporaryDirectory(prefix="gaitload-") as folder:
        found["recordings"] = {minutes: predicted(minutes, Path(folder)) for minutes in MINUTES}
    found["machine"] = tables.machine()
    tables.write("stream", found, report(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
