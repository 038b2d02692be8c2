"""The error that names a feature of a model which compiled kernels do not know."""

from __future__ import annotations

import opensim

from gaitload.errors import ConfigError

CODE = "MODEL_FEATURE"


def unknown_feature(what: str, component: opensim.Object) -> ConfigError:
    """An error to be raised; `what` says of which kind the component is."""
    return ConfigError(
        expected="a model of the features that the compiled engine knows",
        found=f"{what} {component.getName()} ({component.getConcreteClassName()})",
        where="engine: compiled",
        do="Choose engine: tools and label_mode: opensim, which take every model that OpenSim takes.",
        code=CODE,
    )
