"""Sensors turned on their segments: what mounting does to a signal, anew for every window of a batch."""

from __future__ import annotations

import torch


def turned(
    inputs: torch.Tensor, vectors: tuple[tuple[tuple[str, int], ...], ...], sd_rad: float, *, upright: bool
) -> torch.Tensor:
    """Windows, shape (B, T, C), with each sensor turned by a random rotation that is constant over the window.

    Parameters
    ----------
    vectors
        For each sensor, kind and first channel of what turns with it: `acc` and `gyr` (three components each), `six_d`
        (two columns of the matrix from sensor to earth).
    sd_rad
        Standard deviation of the rotation vector's components.
    upright
        Vectors are in an upright frame already: a mounting changes their heading alone, and orientations as ever.
    """
    inputs = inputs.clone()
    for sensor in vectors:
        vector = sd_rad * torch.randn(len(inputs), 3, dtype=inputs.dtype, device=inputs.device)
        mounting = rotations(vector)  # (B, 3, 3)
        heading = rotations(vector * torch.tensor([0.0, 0.0, 1.0], device=inputs.device)) if upright else mounting
        for kind, first in sensor:
            if kind == "six_d":
                columns = inputs[..., first : first + 6].unflatten(2, (2, 3))  # (B, T, 2, 3): two columns as rows
                third = torch.linalg.cross(columns[:, :, 0], columns[:, :, 1]).unsqueeze(2)
                whole = torch.cat([columns, third], dim=2)  # (B, T, 3, 3)
                # Columns of R M', where M' takes the turned sensor's components to the placed one's.
                inputs[..., first : first + 6] = torch.einsum("bij,btjk->btik", mounting, whole)[:, :, :2].flatten(2)
            else:
                part = inputs[..., first : first + 3]
                inputs[..., first : first + 3] = torch.einsum("bij,btj->bti", heading, part)
    return inputs


def rotations(vector_rad: torch.Tensor) -> torch.Tensor:
    """Matrices, shape (B, 3, 3), of rotation vectors, shape (B, 3)."""
    x, y, z = vector_rad.unbind(1)
    zero = torch.zeros_like(x)
    skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=1).unflatten(1, (3, 3))
    return torch.linalg.matrix_exp(skew)
