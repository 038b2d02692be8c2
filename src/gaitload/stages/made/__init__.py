"""Making the recordings of somebody who does not exist: what is done, what instruments write of it, and what is true.

`person`
    All recordings of one person: the front door.
`performance`
    What really happens in a trial.
`instruments`
    The files that cameras, force plates and inertial sensors leave.
`truth`
    Labels of what really happened, and what synchronisation has to find.
"""
