"""Faults of plates in a synthetic recording are reported by the gate that names them, and clean ones pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from benchmarks.faults import force_faults as inject
from benchmarks.faults.situation import Situation
from gaitload.config.motion import Gates, Ingest
from gaitload.ingest.force_gates import judge_lag
from gaitload.ingest.lag import Lag, describe_error, estimate_force_lag, estimate_short_lag
from gaitload.quality import Gate


@pytest.fixture(scope="module")
def situations(marker_set) -> dict[str, Situation]:
    long_walk, long_run = (replace(gait, duration_s=6.0) for gait in (person.TREADMILL_WALK, person.TREADMILL_RUN))
    recordings = {
        "walk": person.recording(long_walk, plates="per_foot"),
        "run": person.recording(long_run, plates="one"),
    }
    return {
        name: Situation(recording, {}, {}, marker_set, ("+x", "+y"), (2.0, 4.0), 70.0, None)
        for name, recording in recordings.items()
    }


@pytest.fixture
def alarms(build, situations):
    """`alarms(activity, change)`: gates that warn or fail of a recording after a change, by their codes."""

    def found(activity: str, change=lambda situation: situation) -> dict[str, Gate]:
        situation = change(situations[activity])
        _, quality = build(situation.motion, activity=activity, treadmill=True)
        return {gate.code: gate for gate in quality.gates if gate.verdict in ("warned", "failed")}

    return found


@pytest.mark.parametrize("activity", ["walk", "run"])
def test_clean_recordings_raise_no_alarm(alarms, activity):
    assert alarms(activity) == {}


@pytest.mark.parametrize(
    ("activity", "change", "code", "words"),
    [
        ("run", lambda s: inject.gained(s, (-1.0, 1.0, 1.0)), "FORCE_DIRECTION_AHEAD", "sign of the fore-aft"),
        ("run", lambda s: inject.gained(s, (2.0, 1.0, 1.0)), "FORCE_DIRECTION_AHEAD", "gain of the fore-aft"),
        ("run", lambda s: inject.gained(s, (0.5, 1.0, 1.0)), "FORCE_DIRECTION_AHEAD", "gain of the fore-aft"),
        ("walk", lambda s: inject.gained(s, (1.0, 1.0, -1.0)), "FORCE_DIRECTION_ASIDE", "sign of the lateral"),
        ("walk", lambda s: inject.gained(s, (1.0, 1.0, 4.0)), "FORCE_SIDEWAYS_GAIN", "gain of the lateral"),
        ("run", lambda s: inject.exchanged_axes(s, 1), "FORCE_DIRECTION_AHEAD", "exchanged"),
        ("run", lambda s: inject.cross_talk(s, 0.05), "FORCE_IMPULSE_AHEAD", "cross-talk"),
        ("run", lambda s: inject.gained(s, (0.0, 1.0, 1.0)), "FORCE_DEAD_BELT", "fore-aft channel is dead"),
        ("run", lambda s: inject.saturated(s, 0.8), "FORCE_SATURATED_BELT", "saturated"),
        ("run", lambda s: inject.lost_samples(s, 0.3), "FORCE_HELD_BELT", "hold their value"),
        ("run", lambda s: inject.drifting(s, 60.0), "FORCE_DRIFT_BELT", "drifts by"),
        ("run", lambda s: inject.drifting_moment(s, 60.0), "FORCE_DRIFT_BELT", "N m within the trial"),
        ("run", lambda s: inject.displaced(s, (0.0, 0.0, 0.04)), "COP_ASIDE", "40 mm to the right"),
        ("run", lambda s: inject.displaced(s, (0.1, 0.0, 0.0)), "FORCE_ORIGIN", "off their place"),
        ("run", lambda s: inject.displaced(s, (0.04, 0.0, 0.0)), "COP_HEADS", "ahead of the metatarsal heads"),
        (
            "walk",
            lambda s: s.with_markers(s.motion.marker_lab_m + np.array([0.0, 0.06, 0.0])),
            "FLOOR_HEIGHT",
            "above the plates",
        ),
        ("run", lambda s: inject.stretched(s, 0.005), "FORCE_CLOCK", "rate is declared wrong"),
    ],
)
def test_a_fault_of_a_plate_is_named(alarms, activity, change, code, words):
    found = alarms(activity, change)
    assert code in found
    assert words in found[code].reason


@pytest.mark.parametrize(("delay_ms", "words"), [(20, "lag behind (are late to)"), (-20, "lead")])
def test_the_lag_that_is_reported_is_that_of_the_forces(alarms, delay_ms, words):
    reason = alarms("run", lambda s: inject.delayed(s, delay_ms / 1e3))["FORCE_LAG"].reason
    assert reason.startswith(f"forces {words} the markers by ")
    # A single run is accurate to 3 ms: 1 ms of each method where the truth is known, and 2 ms between them.
    assert _reported_ms(reason) == pytest.approx(20, abs=3)


def _reported_ms(reason: str) -> float:
    return float(reason.partition(" the markers by ")[2].partition(" ms")[0])


def test_a_clock_of_the_markers_that_runs_wrong_is_named(alarms):
    def slower(situation: Situation) -> Situation:
        motion = situation.motion
        return replace(
            situation,
            motion=replace(motion, marker_time_s=motion.marker_time_s * 0.6, force_time_s=motion.force_time_s * 0.6),
        )

    found = alarms("run", slower)
    assert "rate of the markers is declared 1.6" in found["FORCE_ACCELERATION"].reason


def test_drift_is_taken_off_and_leaves_the_forces_as_they_were(build, situations):
    clean = build(situations["run"].motion, activity="run", treadmill=True)[0]
    drifted = build(inject.drifting(situations["run"], 60.0).motion, activity="run", treadmill=True)[0]
    both = clean.forces.contact & drifted.forces.contact
    apart = np.abs(clean.forces.force_ground_n - drifted.forces.force_ground_n)[both]
    # Straight lines between phases follow an even drift; at the ends, half a stride is constant.
    assert np.percentile(apart, 95) < 6.0


def test_forces_of_another_trial_have_no_lag_and_that_is_said(alarms, situations):
    def unrelated(situation: Situation) -> Situation:
        force_time_s = situation.motion.force_time_s
        return replace(situation, motion=replace(situation.motion, force_time_s=force_time_s + 0.17))

    found = alarms("run", unrelated)
    assert "FORCE_LAG" in found


def test_the_lag_to_set_counts_from_the_recording_whatever_is_set(build, situations):
    late = inject.delayed(situations["run"], 0.02).motion
    _, quality = build(late, activity="run", treadmill=True, settings=Ingest(force_lag=0.01))
    gate = next(gate for gate in quality.gates if gate.code == "FORCE_LAG")
    # Forces that are 20 ms late were delayed by 10 ms more.
    assert _reported_ms(gate.reason) == pytest.approx(30, abs=3)
    assert float(gate.reason.partition("ingest.force_lag to ")[2].split()[0]) == pytest.approx(-0.02, abs=0.003)


@pytest.mark.parametrize(
    ("belt_s", "mean_s", "error_s"),
    [(-0.0087, -0.0067, 0.0023), (-0.01035, -0.0047, 0.0003), (np.nan, -0.0047, 0.0003)],
)
def test_the_belt_counts_where_both_methods_agree_and_widens_the_error(belt_s, mean_s, error_s):
    lag = Lag(-0.0047, 0.0003, belt_s)
    assert (lag.mean_s, lag.error_s) == (pytest.approx(mean_s), pytest.approx(error_s))


def test_no_correction_is_recommended_where_the_belt_contradicts_the_vertical_force():
    (gate,) = judge_lag(Lag(-0.0037, 0.0003, -0.0104), "run", Gates(), delayed_s=0.0)
    assert gate.verdict == "warned"
    assert "-3.7 ms by vertical force, -10.4 ms by the belt, which is ignored" in gate.reason
    assert "ingest.force_lag" not in gate.reason


@pytest.mark.parametrize("duration_s", [1.2, 6.0])
def test_the_lag_of_people_who_stand_is_not_judged(duration_s):
    time_s, force_time_s = np.arange(round(100 * duration_s)) / 100, np.arange(round(1000 * duration_s)) / 1000
    for seed in range(20):
        rng = np.random.default_rng(seed)
        height_m = 1.0 + 0.001 * np.sin(2 * np.pi * 0.4 * time_s) + 0.0003 * rng.normal(size=len(time_s))
        force_n = 700.0 + rng.normal(size=len(force_time_s))
        whole = estimate_force_lag(force_n, force_time_s, height_m, time_s, mass_kg=70.0)
        short = estimate_short_lag(force_n, force_time_s, np.ones(len(force_n), dtype=bool), height_m, time_s)
        assert np.isnan((*whole, *short)).all()
        for activity in ("walk", "other"):
            (gate,) = judge_lag(Lag(*short, np.nan), activity, Gates(), delayed_s=0.0)
            assert gate.verdict == "not_judged"


def test_a_short_trial_whose_forces_do_not_fit_its_motion_does_not_fail():
    time_s, force_time_s = np.arange(120) / 100, np.arange(1200) / 1000
    height_m = 1.0 + 0.02 * np.cos(2 * np.pi * 2 * time_s)
    force_n = 700.0 + 300 * np.sin(2 * np.pi * 5.3 * force_time_s)
    found = estimate_short_lag(force_n, force_time_s, np.ones(1200, dtype=bool), height_m, time_s)
    (gate,) = judge_lag(Lag(*found, np.nan), "walk", Gates(), delayed_s=0.0)
    assert gate.verdict == "not_judged"


def test_a_standard_error_that_is_not_known_is_not_zero():
    assert describe_error(float("nan")) == "standard error not known"
    assert describe_error(0.0003) == "standard error 0.3 ms"


def test_a_walk_over_plates_in_the_floor_tells_gain_and_lag_without_a_whole_trial(build):
    short = person.recording(person.WALK)
    struck = [plate for plate in short.plates if plate.force_lab_n[:, 1].any()]
    plates = tuple(sorted(struck, key=lambda plate: plate.force_lab_n[:, 1].argmax())[1:5])

    def numbers(delay_s=0.0, gain=1.0):
        loud = tuple(
            replace(plate, force_lab_n=gain * plate.force_lab_n, moment_lab_nm=gain * plate.moment_lab_nm)
            for plate in plates
        )
        late = replace(short, plates=loud, force_time_s=short.force_time_s + delay_s)
        return build(late)[1].numbers["forces"]

    assert numbers(gain=1.2)["measured_kg"] == pytest.approx(1.2 * numbers()["measured_kg"], rel=0.02)
    assert numbers()["lag_s"] - numbers(delay_s=0.02)["lag_s"] == pytest.approx(0.02, abs=0.004)
    assert np.isnan(numbers()["lag_se_s"])
