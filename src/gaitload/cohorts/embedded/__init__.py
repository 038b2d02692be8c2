"""The embedded cohort: synthetic participants, about whom everything is known.

Its recordings are files as a laboratory would have them; beside each lies the truth it was made from, which no stage
reads but the check at the end. Bodies and motions are made here by numpy and the compiled kernels; OpenSim scales the
models of the people in `gaitload.opensim.virtual_person`, and `gaitload.stages.made` writes the files.

`trials`
    What is done in each trial, by its id.
`people`
    Proportions, and where markers were stuck.
`templates`
    How people walk and run: means and spreads of recorded people.
`gait`
    What somebody sets out to do: a template in their own manner.
`possible`
    The motion nearest to that which the ground and gravity allow, and the forces on the feet.
`spline_fit`
    Splines that meet many demands best, by which it is found.
`standing`
    The posture of the static trial.
`laboratory`
    What cameras and force plates make of a motion: axes, plates, skin, noise, gaps.
`sensors`
    How inertial sensors are worn, and their clock.
"""
