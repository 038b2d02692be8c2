"""Every shipped marker set is recognised by its published names, as they are and as laboratories spell them."""

from __future__ import annotations

import random

import pytest

from gaitload.discovery.marker_sets import FITS_MIN, match, ranked
from gaitload.models.marker_names import key_of
from gaitload.models.markersets import load_marker_set
from gaitload.models.registry import MODELS_DIR
from published_marker_names import PUBLISHED

SETS = [load_marker_set(path) for path in sorted((MODELS_DIR / "rajagopal" / "markersets").glob("*.tsv"))]
BY_NAME = {one.name: one for one in SETS}
SEEDS = range(8)


@pytest.mark.parametrize("published", PUBLISHED)
def test_published_names_are_recognised(published: str) -> None:
    wanted, names = PUBLISHED[published]
    found = match(names, BY_NAME[wanted])
    assert len(found.names) >= 0.95 * len(names), found.strangers
    assert not found.short_segments, "its markers place pelvis and legs"
    best = ranked(names, SETS)[0]
    assert best.fits
    assert _legs(best) == _legs(found), f"{best.marker_set.name} was taken for {wanted}"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("published", PUBLISHED)
def test_perturbed_names_are_recognised_and_never_taken_for_another_place(published: str, seed: int) -> None:
    wanted, names = PUBLISHED[published]
    spelled = _perturbed(names, random.Random(f"{published} {seed}"))
    best = ranked(list(spelled), SETS)[0]
    truth = match(names, BY_NAME[wanted])
    meant = {name: _place(truth, original) for name, original in spelled.items() if original in truth.names}
    told = {name: _place(best, name) for name in best.names}
    wrong = {name: (told[name], meant.get(name)) for name in told if not _agree(told[name], meant.get(name))}
    assert not wrong, f"{best.marker_set.name} instead of {wanted}"
    known = [name for name in spelled if name in meant]
    assert len([name for name in known if name in told]) >= 0.95 * len(known)


@pytest.mark.parametrize("seed", SEEDS)
def test_names_of_no_set_are_of_no_set(seed: int) -> None:
    dice = random.Random(seed)
    names = ["".join(dice.choices("abdeghkmnopstuvwxyz", k=6)) + str(number) for number in range(30)]
    assert not ranked(names, SETS)[0].fits
    assert ranked(names, SETS)[0].score < FITS_MIN


def _legs(found) -> frozenset:
    """Bodies and landmarks that names of pelvis and legs are given."""
    return frozenset(
        one for one in found.meaning if not one[1].startswith(("torso", "humerus", "ulna", "radius", "hand"))
    )


def _place(found, name: str) -> tuple[str, str | None]:
    marker = found.marker_set.by_name[found.names[name]]
    return marker.body, marker.landmark


def _agree(told: tuple[str, str | None], meant: tuple[str, str | None] | None) -> bool:
    """Whether a marker is on its body, and on no landmark but its own; one that is not known may not be given any."""
    return meant is not None and told[0] == meant[0] and (None in (told[1], meant[1]) or told[1] == meant[1])


def _perturbed(names: tuple[str, ...], dice: random.Random) -> dict[str, str]:
    """Perturbed name -> original: prefix, case, side spelling, a fifth missing, a tenth of other names."""
    kept = dice.sample(names, round(0.8 * len(names)))
    prefix = dice.choice(("", "P1:", "Subject_", "S03_trial:", "anna "))
    spell = dice.choice((str, str.lower, str.upper, _side_first, _side_last, _side_word))
    spelled = {prefix + spell(name): name for name in kept}
    strangers = {f"{prefix}qx{number}zw": "" for number in range(round(0.1 * len(kept)))}
    return {**spelled, **strangers}


def _side_first(name: str) -> str:
    side, rest = key_of(name)
    return f"{side.upper()}_{rest}" if side and _is_sided(name) else name


def _side_last(name: str) -> str:
    side, rest = key_of(name)
    return f"{rest}_{side.upper()}" if side and _is_sided(name) else name


def _side_word(name: str) -> str:
    side, rest = key_of(name)
    return f"{'Right' if side == 'r' else 'Left'} {rest}" if side and _is_sided(name) else name


def _is_sided(name: str) -> bool:
    """Lumbar vertebrae and the back marker of one side have no other side."""
    return not name.upper().startswith(("LV", "RBAK"))
