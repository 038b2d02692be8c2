"""The embedded cohort: people who do not exist, so that everything about them is known.

Its recordings are files as a laboratory would have them; beside each lies the truth it was made from, which no stage
reads but the check at the end. What is made here needs numpy alone; postures and the forces that a motion demands come
from a model and are in `gaitload.opensim.virtual_*`.

`people`
    Proportions, and where markers were stuck.
`squat`
    The motion: joint angles that are chosen over time. Another motion is another file here, and an entry in
    `gaitload.opensim.virtual_motion.MOTIONS`.
`laboratory`
    What the instruments make of a motion: axes, plates, noise, gaps.
"""
