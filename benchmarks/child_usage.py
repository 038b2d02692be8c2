"""Runs a command and prints what it used: processor time (s) and greatest resident memory (MB), as JSON.

A process of its own, because a child counts the memory of the parent it was forked from until it has its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys

PER_MB = 2**20 if sys.platform == "darwin" else 2**10

if __name__ == "__main__":
    code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"processor_s": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / PER_MB}))
    sys.exit(code)
