"""External signals of a trial: columns of other files, declared in the cohort's tables, on the clock of the trial.

They were measured or computed by others: electromyograms, forces of an implant, insoles, encoders, angles of another
laboratory. Declared, checked and aligned, they are inputs or targets of studies.
"""
