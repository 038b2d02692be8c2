"""What the same sensors would have given without learning, by physics."""

IMU_ID = "imu_id"
"""IMU-driven inverse dynamics."""
GIVEN = {IMU_ID: "given the measured ground reaction"}
"""What a baseline is told beside its sensors, to stand wherever it is compared with what has sensors alone."""
