"""What the engines cost beside OpenSim's tools: `python -m benchmarks.loads` and `python -m benchmarks.ik`."""
