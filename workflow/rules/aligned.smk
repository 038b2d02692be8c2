"""Labels, sensors, baselines and external columns of a trial to one table on one clock; measured and virtual sensors to tables of their own."""


rule align_sensors:
    """Put sensors, baselines and labels of a shard into one table a trial."""
    message:
        "Putting labels, sensors and external columns of {params.trials} of {wildcards.cohort}/{wildcards.participant} in one table"
    input:
        manifests=of_shard("scale", "labels", "external", "emg_loads", "sensors", "sync", "imu_kinematics", "imu_loads"),
        models=MODEL_FILES,
    output:
        manifest=manifest("aligned", "{shard}"),
    log:
        log_of("aligned", "{shard}"),
    benchmark:
        benchmark_of("aligned", "{shard}")
    params:
        lost=lost(manifest("aligned", "{shard}")),
        stage="aligned",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "loads", "external", "emg"),
        code=code_of("gaitload.stages.aligned"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(5, per_trial=2),
    script:
        "../scripts/run_stage.py"


rule align_virtual_sensors:
    """Put virtual sensors beside the labels of a shard, into one table a trial."""
    message:
        "Putting virtual sensors beside the labels of {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        model=rules.scale_model.output.manifest,
        loads=rules.solve_loads.output.manifest,
        labels=rules.make_labels.output.manifest,
        external=of_shard("external", "emg_loads"),
        models=MODEL_FILES,
    output:
        manifest=manifest("aligned_virtual", "{shard}"),
    log:
        log_of("aligned_virtual", "{shard}"),
    benchmark:
        benchmark_of("aligned_virtual", "{shard}")
    params:
        lost=lost(manifest("aligned_virtual", "{shard}")),
        stage="aligned_virtual",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "aligned", "external", "emg"),
        code=code_of("gaitload.stages.aligned_virtual"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(5, per_trial=2),
    script:
        "../scripts/run_stage.py"
