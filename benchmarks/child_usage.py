"""Asks a command for one line; prints its answer and what it used: processor time (s), greatest resident memory (MB).

`child_usage.py REQUEST COMMAND...`; all that is said is JSON. A process of its own, because a child counts the memory
of the parent it was forked from until it has its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys

PER_MB = 2**20 if sys.platform == "darwin" else 2**10

if __name__ == "__main__":
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    asked = subprocess.Popen(sys.argv[2:], text=True, **pipes)
    asked.stdin.write(f"{sys.argv[1]}\n")
    asked.stdin.flush()
    answer = asked.stdout.readline()
    asked.communicate()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = {"processor_s": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / PER_MB}
    print(json.dumps({"answer": json.loads(answer or "{}"), "usage": used}))
