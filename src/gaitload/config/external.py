"""External columns of trials, and what becomes of electromyograms among them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from gaitload.section import NonNegative, Positive, Section, Share


class External(Section):
    """Columns of other files on the clock of the trial; method in docs/external.md."""

    rate_hz: Positive = Field(
        200.0, description="Clock on which they are kept; faster signals pass a low-pass of 0.4 of it first."
    )
    gap_max_s: NonNegative = Field(0.1, description="Gaps up to this are bridged by straight lines.")
    missing_max: Share = Field(
        0.2, description="A column fails above this share of missing samples, or of samples outside of its range."
    )
    overlap_min: Share = Field(
        0.5, description="Least share of the trial that a column on its clock covers; below it the clock is doubted."
    )


class Emg(Section):
    """Electromyograms: processing, quality, and muscle forces that follow them; method in docs/external.md."""

    band_hz: tuple[Positive, Positive] = Field(
        (30.0, 400.0),
        description="Band-pass (Butterworth, second order, zero lag). Lower: motion artefacts of walking come in; "
        "higher: less of the signal, whose power lies at 50 to 150 Hz. 20 Hz for slow movements (De Luca et al. 2010).",
    )
    envelope_hz: Positive = Field(
        6.0,
        description="Low-pass of the rectified signal (Butterworth, second order, zero lag), as in Lloyd & Besier "
        "2003. Lower: smoother and flatter; higher: bursts of single motor units.",
    )
    delay_s: NonNegative = Field(
        0.05,
        description="Electromechanical delay: a force comes so long after its electromyogram. 0.03 to 0.1 s (Cavanagh "
        "& Komi 1979).",
    )
    reference_trials: Annotated[int, Field(gt=0)] = Field(
        10,
        description="Where trials.tsv marks no trial by emg_reference: an envelope is divided by its largest value in "
        "up to so many other motions of the participant, never its own.",
    )
    mains_max: Share = Field(
        0.3, description="Largest share of the power of a channel at 50 or 60 Hz and their multiples; above: warned."
    )
    clipped_max: Share = Field(
        0.01, description="Largest share of samples at the ends of the range of a channel; above: warned."
    )
    modulation_min: Positive = Field(
        2.0,
        description="Least ratio of the 95th to the 5th percentile of an envelope; below, the channel is dead and "
        "fails. Noise alone gives 1.5; muscles in walking 5 to 40.",
    )
    crosstalk_max: Share = Field(
        0.5,
        description="Largest correlation of two channels before rectification, at lags up to 10 ms; above, both are "
        "warned: one muscle is seen by two electrodes (0.3 to 0.5 in Winter et al. 1994 for neighbours).",
    )
    informed: bool = Field(
        False,
        description="Solve muscle forces that follow the electromyograms, beside those of the labels (columns "
        "`emg_informed_...` in the aligned tables).",
    )
    uncertainty: Positive = Field(
        0.2,
        description="Standard deviation of an activation about its envelope, of full activation. Smaller: activations "
        "follow the envelopes closer, against the criterion of sharing; larger: only where muscles can choose freely.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Emg:
        if self.band_hz[0] >= self.band_hz[1]:
            raise ValueError(f"band_hz {self.band_hz} does not rise")
        return self
