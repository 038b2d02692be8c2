"""Faults of laboratories, injected one at a time into clean recordings: what the workflow reports, repairs and misses.

`python -m benchmarks.faults` writes docs/benchmarks/faults.json and faults.md.

`situation`
    What a fault is, and what it changes: recordings, participants and rows of tables.
`force_faults`, `participant_faults`, `marker_faults`, `laboratory_faults`
    The faults by what they concern; each module holds a table `FAULTS`, or its `_catalogue` does.
`unseen_faults`, `unseen_catalogue`
    Faults that were written after the checks.
`sensor_faults`, `sensor_catalogue`, `sensor_signals`, `sensor_scores`
    Faults of inertial sensors, and what the files show of them.
`clean`
    Trials without known faults, by name.
`workflow`
    Brings a situation through `gaitload check` and the stages up to its labels.
`scoring`
    Effects on labels, what was reported, and whether the first reason names the cause.
`full_length`
    Alarms, times and lags of clean recordings in full length.
`report`, `known_limits`
    The page of the documentation, and why some faults are missed.
"""
