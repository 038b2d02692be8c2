"""One way from joint angles to joint loads per file; the configuration's `engine` is the name of the file.

An engine module holds `solve`, called with keywords:

`model : str`
    Scaled and actuated model (`gaitload.opensim.actuation`).
`family : Family`
`folder : Path`
    Holds `coordinates.mot`, `forces.mot` and `external_loads.xml`, all filtered, on one clock.
`spans_s : list of (float, float)`
    Parts to solve, ends included, in order.
`settings : dict`
    Fields of `gaitload.config.motion.Loads`, and `label_mode` and `muscles` (fields of
    `gaitload.config.motion.Muscles`), see `gaitload.opensim.label_modes`.
`where : str`

It returns a dict of `Table`, over the frames of all spans, and the times (s) at which the muscles' redundancy was not
solved:

`inverse_dynamics`
    Every coordinate (N m or N).
`muscle_forces`, `passive_forces`, `activations`
    Every muscle (N along the tendon); passive force is the part of it that stretched fibres bear without activation.
`reserves`, `actuators`
    Reserves by their coordinates, the model's own coordinate actuators by their names (N m or N).
`joint_reactions`
    `<joint>_on_<child>_in_<child>_{fx,fy,fz,mx,my,mz}` of the joints whose reactions are labels (N, N m).
`joint_resultants`
    Those reactions as they would be if no muscle pulled. Engine `tools` does not know them.
"""
