"""Any single file by its path: the job that makes it is run, if it is not there."""


rule product:
    """Make one file of a stage, or of the recordings of a synthetic participant."""
    localrule: True
    message:
        "Asked for: {output.product}"
    input:
        manifest=manifest_of_product,
    output:
        product=update(f"{RESULTS}/{{stage}}/{{cohort}}/{{participant}}/{{product}}"),
    log:
        f"{RESULTS}/logs/products/{{stage}}/{{cohort}}/{{participant}}/{{product}}.log",
    script:
        "../scripts/require_product.py"


rule prediction:
    """Make one file of estimates, or one trained network, of a study."""
    localrule: True
    message:
        "Asked for: {output.product}"
    input:
        manifest=manifest_of_estimates,
    output:
        product=update(f"{RESULTS}/{{kind}}/{{variant}}/{{sensor_set}}/{{estimator}}/{{product}}"),
    log:
        f"{RESULTS}/logs/products/{{kind}}/{{variant}}/{{sensor_set}}/{{estimator}}/{{product}}.log",
    script:
        "../scripts/require_product.py"
