"""What the same sensors would have given without learning, by physics."""

IMU_ID = "imu_id"
"""IMU-driven inverse dynamics."""
EMG_INFORMED = "emg_informed"
"""Labels by muscle forces that follow electromyograms."""
LABELS = "labels"
"""Labels themselves, where an external column measures the same quantity."""
GIVEN = {
    IMU_ID: "given the measured ground reaction",
    EMG_INFORMED: "given markers, force plates and electromyograms",
    LABELS: "given markers and force plates",
}
"""What a baseline is told beside its sensors, to stand wherever it is compared with what has sensors alone."""
