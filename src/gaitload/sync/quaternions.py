"""Unit quaternions as arrays of shape (..., 4), scalar first; NaN where missing."""

from __future__ import annotations

import numpy as np

GROUND_TO_EARTH_WXYZ = np.array([np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0])
"""Turns vectors of the ground frame (X forward, Y up) into an earth frame (X forward, Z up) of the same heading."""
_SMALL_RAD = 1e-8


def conjugate(q: np.ndarray) -> np.ndarray:
    """The inverse rotation."""
    return q * np.array([1.0, -1.0, -1.0, -1.0])


def multiply(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The rotation that turns by `second`, then by `first`; shapes broadcast."""
    w, x, y, z = np.moveaxis(first, -1, 0)
    a, b, c, d = np.moveaxis(second, -1, 0)
    return np.stack(
        [
            w * a - x * b - y * c - z * d,
            w * b + x * a + y * d - z * c,
            w * c - x * d + y * a + z * b,
            w * d + x * c - y * b + z * a,
        ],
        axis=-1,
    )


def rotation_vector(q: np.ndarray) -> np.ndarray:
    """Axis times the shortest angle (rad), shape (..., 3)."""
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, q[..., :1])
    return q[..., 1:] * np.where(sine > _SMALL_RAD, angle / np.maximum(sine, _SMALL_RAD), 2.0)


def from_rotation_vector(vector: np.ndarray) -> np.ndarray:
    """Inverse of `rotation_vector`: shape (..., 3) in rad to (..., 4)."""
    half = np.linalg.norm(vector, axis=-1, keepdims=True) / 2
    return np.concatenate([np.cos(half), 0.5 * vector * np.sinc(half / np.pi)], axis=-1)


def shortest_angle(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Angle (rad) of the rotation between two orientations, in [0, pi]."""
    return 2 * np.arccos(np.clip(np.abs(np.sum(first * second, axis=-1)), 0.0, 1.0))


def matrix(q: np.ndarray) -> np.ndarray:
    """Rotation matrix, shape (..., 3, 3)."""
    basis = np.eye(3)
    turned = [rotate(q, np.broadcast_to(axis, (*q.shape[:-1], 3))) for axis in basis]
    return np.stack(turned, axis=-1)


def rotate(q: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Vectors, shape (..., 3), turned by q."""
    w, imaginary = q[..., :1], q[..., 1:]
    cross = np.cross(imaginary, vector)
    return vector + 2 * (w * cross + np.cross(imaginary, cross))


def from_matrix(rotation: np.ndarray) -> np.ndarray:
    """Quaternion of a rotation matrix, shape (..., 3, 3): the eigenvector of Bar-Itzhack (2000), free of branches."""
    m = rotation
    trace = m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2]
    k = np.empty((*m.shape[:-2], 4, 4))
    k[..., 0, 0] = trace
    k[..., 0, 1:] = k[..., 1:, 0] = np.stack(
        [m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]], axis=-1
    )
    k[..., 1:, 1:] = m + np.swapaxes(m, -1, -2) - trace[..., None, None] * np.eye(3)
    return np.linalg.eigh(k)[1][..., -1]


def mean(q: np.ndarray) -> np.ndarray:
    """Mean along axis 0 of quaternions whose signs do not matter (Markley et al. 2007), rows with NaN left out."""
    q = q[np.isfinite(q).all(axis=-1)]
    return np.linalg.eigh(q.T @ q)[1][:, -1]


def about_vertical(angle_rad: np.ndarray) -> np.ndarray:
    """Rotation about the earth's Z axis, shape (..., 4)."""
    zero = np.zeros_like(angle_rad)
    return np.stack([np.cos(angle_rad / 2), zero, zero, np.sin(angle_rad / 2)], axis=-1)


def heading(q: np.ndarray) -> np.ndarray:
    """Angle (rad) of the part of a rotation that is about the earth's Z axis (swing-twist), in (-pi, pi]."""
    angle = 2 * np.arctan2(q[..., 3], q[..., 0])
    return np.arctan2(np.sin(angle), np.cos(angle))


def wahba(covariance: np.ndarray) -> np.ndarray:
    """Rotation M that makes trace(M^T covariance) greatest: with covariance = sum a b^T, the best a = M b.

    Parameters
    ----------
    covariance : ndarray, shape (..., 3, 3)

    Returns
    -------
    ndarray, shape (..., 3, 3)
        Proper (Kabsch 1976; Markley 1988).
    """
    left, _, right = np.linalg.svd(covariance)
    sign = np.sign(np.linalg.det(left @ right))
    left = left * np.stack([np.ones_like(sign), np.ones_like(sign), sign], axis=-1)[..., None, :]
    return left @ right


def wahba_gain(covariance: np.ndarray) -> np.ndarray:
    """Greatest trace(M^T covariance) over all rotations M, without finding M; shape (...).

    It is s1 + s2 + sign(det) s3 of the singular values, which follow from the eigenvalues of covariance^T covariance in
    closed form (trigonometric solution of the cubic): some 50 times faster than one SVD per lag.
    """
    c = covariance
    gram = np.einsum("...ki,...kj->...ij", c, c)
    middle = np.trace(gram, axis1=-2, axis2=-1) / 3
    rest = gram - middle[..., None, None] * np.eye(3)
    size = np.sqrt(np.einsum("...ij,...ij->...", rest, rest) / 6)
    cosine = _determinant(rest) / np.maximum(2 * size**3, np.finfo(float).tiny)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0)) / 3
    largest = middle + 2 * size * np.cos(angle)
    smallest = middle + 2 * size * np.cos(angle + 2 * np.pi / 3)
    between = 3 * middle - largest - smallest
    first, second, third = (np.sqrt(np.maximum(value, 0.0)) for value in (largest, between, smallest))
    return first + second + np.sign(_determinant(c)) * third


def _determinant(m: np.ndarray) -> np.ndarray:
    return (
        m[..., 0, 0] * (m[..., 1, 1] * m[..., 2, 2] - m[..., 1, 2] * m[..., 2, 1])
        - m[..., 0, 1] * (m[..., 1, 0] * m[..., 2, 2] - m[..., 1, 2] * m[..., 2, 0])
        + m[..., 0, 2] * (m[..., 1, 0] * m[..., 2, 1] - m[..., 1, 1] * m[..., 2, 0])
    )
