"""Differences of RajagopalLaiUhlrich2023.osim from the Rajagopal2015.osim of an installed package, as a table.

`python -m derivations.rajagopal2023 RajagopalLaiUhlrich2023.osim opensim_models/rajagopal2023/changes.tsv`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import opensim

from gaitload.models.registry import find_model
from gaitload.opensim.model import open_model

Row = tuple[str, str, str, str]
MUSCLE = "Millard2012EquilibriumMuscle"
LENGTHS = ("optimal_fiber_length", "tendon_slack_length")
CURVE = (
    "strain_at_zero_force",
    "strain_at_one_norm_force",
    "stiffness_at_low_force",
    "stiffness_at_one_norm_force",
    "curviness",
)
FIGURES = ".5g"
"""Left and right were calibrated apart; with five figures they are the same."""
AXES = ("rotation1", "rotation2", "rotation3", "translation1", "translation2", "translation3")
SOURCES = {
    MUSCLE: "Lai et al. 2017 (knee and ankle muscles), Uhlrich et al. 2022 (hip muscles, passive curves)",
    "PathPoint": "Lai et al. 2017 (knee and ankle muscles), Uhlrich et al. 2022 (hip abductors)",
    "WrapCylinder": "Lai et al. 2017",
    "CustomJoint": "Lai et al. 2017",
    "Coordinate": "Lai et al. 2017",
}


def differences(old: opensim.Model, new: opensim.Model) -> Iterator[Row]:
    """Element, name, property and new value of all that differs and counts for motion and muscles."""
    yield from _wraps(old, new)
    yield from _joints(old, new)
    for muscle in new.getMuscles():
        yield from _muscle(old.getMuscles().get(muscle.getName()), muscle)


def _wraps(old: opensim.Model, new: opensim.Model) -> Iterator[Row]:
    for body in new.getBodySet():
        known = {wrap.getName(): wrap for wrap in old.getBodySet().get(body.getName()).getWrapObjectSet()}
        for wrap in body.getWrapObjectSet():
            name, model = wrap.getName(), known.get(wrap.getName())
            if model is None:
                template = _template(name, known)
                yield ("WrapCylinder", name, "copy_of", template)
                model = known[template]
            for part in ("radius", "xyz_body_rotation", "translation"):
                if _text(model, part) != _text(wrap, part):
                    yield ("WrapCylinder", name, part, _text(wrap, part))


def _template(name: str, known: dict) -> str:
    side = name[-2:]
    return {"GasLat_at_condyles": "Gastroc_at_condyles", "GasMed_at_condyles": "Gastroc_at_condyles"}.get(
        name[:-2], "KnExt_at_fem"
    ) + side


def _joints(old: opensim.Model, new: opensim.Model) -> Iterator[Row]:
    for joint in new.getJointSet():
        was = old.getJointSet().get(joint.getName())
        custom, before = (opensim.CustomJoint.safeDownCast(one) for one in (joint, was))
        if custom is not None and joint.getName().startswith("walker_knee"):
            place = _text(opensim.PhysicalOffsetFrame.safeDownCast(joint.getParentFrame()), "translation")
            if place != _text(opensim.PhysicalOffsetFrame.safeDownCast(was.getParentFrame()), "translation"):
                yield ("CustomJoint", joint.getName(), "location_in_parent", place)
            yield from _axes(joint.getName(), before.getSpatialTransform(), custom.getSpatialTransform())
        for index in range(joint.numCoordinates()):
            coordinate, earlier = joint.get_coordinates(index), was.get_coordinates(index)
            if coordinate.getName().startswith(("knee_angle", "ankle_angle", "subtalar_angle", "mtp_angle")):
                ends = [(one.getRangeMin(), one.getRangeMax()) for one in (earlier, coordinate)]
                if abs(ends[0][0] - ends[1][0]) + abs(ends[0][1] - ends[1][1]) > 1e-4:
                    yield ("Coordinate", coordinate.getName(), "range", f"{ends[1][0]:.9g} {ends[1][1]:.9g}")


def _axes(name: str, old: opensim.SpatialTransform, new: opensim.SpatialTransform) -> Iterator[Row]:
    for label in AXES:
        was, now = (getattr(one, f"get_{label}")() for one in (old, new))
        place = f"SpatialTransform/TransformAxis[@name='{label}']"
        polynomial = opensim.PolynomialFunction.safeDownCast(now.getFunction())
        if _text(was, "axis") != _text(now, "axis"):
            yield ("CustomJoint", name, f"{place}/axis", _text(now, "axis"))
        if polynomial is None:
            continue
        yield ("CustomJoint", name, f"{place}/coordinates", now.get_coordinates(0))
        terms = polynomial.getCoefficients()
        values = " ".join(repr(terms.get(index)) for index in range(terms.size()))
        yield ("CustomJoint", name, f"{place}/function", f"PolynomialFunction {values}")


def _muscle(old: opensim.Muscle, new: opensim.Muscle) -> Iterator[Row]:
    name = new.getName()
    for part in LENGTHS:
        if f"{_number(old, part):{FIGURES}}" != f"{_number(new, part):{FIGURES}}":
            yield (MUSCLE, name, part, f"{_number(new, part):{FIGURES}}")
    curve = opensim.Millard2012EquilibriumMuscle.safeDownCast(new).getFiberForceLengthCurve()
    for part in CURVE:
        yield (MUSCLE, name, f"FiberForceLengthCurve/{part}", f"{_rounded(_number(curve, part)):{FIGURES}}")
    paths = [opensim.GeometryPath.safeDownCast(muscle.getPath()) for muscle in (old, new)]
    for was, now in zip(*(path.getPathPointSet() for path in paths), strict=True):
        places = [_text(opensim.PathPoint.safeDownCast(point), "location") for point in (was, now)]
        if places[0] != places[1]:
            yield ("PathPoint", was.getName(), "location", places[1])
    for was, now in zip(*(path.getWrapSet() for path in paths), strict=True):
        around = [wrap.getWrapObjectName() for wrap in (was, now)]
        if around[0] != around[1]:
            place = f"GeometryPath/PathWrapSet/objects/PathWrap[wrap_object='{around[0]}']/wrap_object"
            yield (MUSCLE, name, place, around[1])


def _rounded(value: float) -> float:
    """Left and right were calibrated apart and differ behind the fourth decimal place."""
    return round(value, 4) + 0.0


def _number(of: opensim.Object, name: str) -> float:
    return opensim.PropertyHelper.getValueDouble(of.getPropertyByName(name))


def _text(of: opensim.Object, name: str) -> str:
    """Value of a property: a number, or three."""
    found = of.getPropertyByName(name)
    if name in ("radius",):
        return f"{opensim.PropertyHelper.getValueDouble(found):.9g}"
    vector = getattr(of, f"get_{name}")()
    return " ".join(f"{vector.get(index):.9g}" for index in range(3))


def folded(rows: list[Row]) -> list[Row]:
    """Rows of both sides that say the same as one, with `{side}`; the others as they are."""
    known, done, out = set(rows), set(), []
    for row in rows:
        if row in done:
            continue
        other = tuple(_other(text) for text in row)
        if other != row and other in known:
            done |= {row, other}
            out.append(tuple(_other(text, "{side}") for text in row))
        else:
            out.append(row)
    return out


def _other(text: str, side: str | None = None) -> str:
    """A text with `_r` for `_l` and the other way round, or with something else for either."""
    for here, there in (("_r", "_l"), ("_l", "_r")):
        for end in ("", "-", "'"):
            mark = f"{here}{end}"
            if text.endswith(mark) if not end else mark in text:
                return text.replace(here + end, f"_{side}{end}" if side else there + end)
    return text


def main() -> None:
    """Write the table."""
    published, out = sys.argv[1:]
    rows = folded(list(differences(open_model(find_model("rajagopal2015").path), open_model(Path(published)))))
    lines = ["element\tname\tproperty\tvalue\tsource", *("\t".join((*row, SOURCES[row[0]])) for row in rows)]
    Path(out).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
