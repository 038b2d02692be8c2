"""Renamed trajectories, told as swaps and misnomers."""

from __future__ import annotations

from gaitload.ingest.faults import Change, relabelling_faults


def change(old, new, *, proven=True):
    return Change(old, new, 30.0, 2.0, proven, "fits" if proven else "not repaired: it does not fit")


def test_a_ring_of_names_is_a_swap_and_a_chain_a_misnomer():
    (swap, misnomer), renamed = relabelling_faults([change("A", "B"), change("B", "A"), change("X", "C")], repair=True)
    assert (swap.kind, swap.markers) == ("swapped", ("A", "B"))
    assert (misnomer.kind, misnomer.markers) == ("misnamed", ("X",))
    assert renamed == {"A": "B", "B": "A", "X": "C", "C": "unlabelled (C)"}


def test_half_a_swap_is_not_repaired():
    (fault,), renamed = relabelling_faults([change("A", "B"), change("B", "A", proven=False)], repair=True)
    assert (fault.repaired, renamed) == (False, {})
    assert "it does not fit" in fault.reason


def test_a_chain_that_takes_a_name_over_leaves_nobody_else_with_it():
    _, renamed = relabelling_faults([change("X", "B"), change("B", "A")], repair=True)
    names = [renamed.get(name, name) for name in ("X", "B", "A")]
    assert names == ["B", "A", "unlabelled (A)"]


def test_nothing_is_renamed_when_repairs_are_off():
    (fault,), renamed = relabelling_faults([change("A", "B"), change("B", "A")], repair=False)
    assert (fault.repaired, renamed) == (False, {})
    assert fault.reason.endswith("repairs are switched off")
