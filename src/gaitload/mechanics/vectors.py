"""Vectors for compiled kernels: three numbers as tuples, so that the compiler keeps them in registers, and arrays."""

from __future__ import annotations

import math

import numpy as np

from gaitload.mechanics.compiling import kernel


@kernel
def row(array, index):
    """Row of an array of shape (N, 3) as a tuple."""
    return array[index, 0], array[index, 1], array[index, 2]


@kernel
def put(array, index, vector):
    """Write a vector into a row of an array of shape (N, 3)."""
    array[index, 0] = vector[0]
    array[index, 1] = vector[1]
    array[index, 2] = vector[2]


@kernel
def accumulate(array, index, vector):
    """Add a vector to a row of an array of shape (N, 3)."""
    array[index, 0] += vector[0]
    array[index, 1] += vector[1]
    array[index, 2] += vector[2]


@kernel
def copy(source, target):
    """Write an array into another of its shape; numba takes seconds to compile an assignment of arrays."""
    for index in np.ndindex(target.shape):
        target[index] = source[index]


@kernel
def add(a, b):
    """a + b."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


@kernel
def subtract(a, b):
    """a - b."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@kernel
def scaled(factor, a):
    """factor * a."""
    return factor * a[0], factor * a[1], factor * a[2]


@kernel
def dot(a, b):
    """a . b."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@kernel
def cross(a, b):
    """a x b."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@kernel
def norm(a):
    """|a|."""
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


@kernel
def unit(a):
    """a / |a|; zero for a vector shorter than rounding."""
    length = math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
    if length < 2.220446049250313e-16:
        return 0.0, 0.0, 0.0
    return a[0] / length, a[1] / length, a[2] / length


@kernel
def turned(rotations, index, a):
    """R a with R = rotations[index], of shape (N, 3, 3)."""
    return (
        rotations[index, 0, 0] * a[0] + rotations[index, 0, 1] * a[1] + rotations[index, 0, 2] * a[2],
        rotations[index, 1, 0] * a[0] + rotations[index, 1, 1] * a[1] + rotations[index, 1, 2] * a[2],
        rotations[index, 2, 0] * a[0] + rotations[index, 2, 1] * a[1] + rotations[index, 2, 2] * a[2],
    )


@kernel
def turned_back(rotations, index, a):
    """R' a with R = rotations[index], of shape (N, 3, 3)."""
    return (
        rotations[index, 0, 0] * a[0] + rotations[index, 1, 0] * a[1] + rotations[index, 2, 0] * a[2],
        rotations[index, 0, 1] * a[0] + rotations[index, 1, 1] * a[1] + rotations[index, 2, 1] * a[2],
        rotations[index, 0, 2] * a[0] + rotations[index, 1, 2] * a[1] + rotations[index, 2, 2] * a[2],
    )


@kernel
def product(a, b, out):
    """out = a b, all of shape (3, 3), out neither of them."""
    for i in range(3):
        for j in range(3):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j]


@kernel
def product_transposed(a, b, out):
    """out = a b', all of shape (3, 3), out neither of them."""
    for i in range(3):
        for j in range(3):
            out[i, j] = a[i, 0] * b[j, 0] + a[i, 1] * b[j, 1] + a[i, 2] * b[j, 2]


@kernel
def turn_about(rotation, axis, angle, out):
    """out = rotation R(axis, angle): a turn about a unit axis of the moving frame; all matrices of shape (3, 3)."""
    c, s = math.cos(angle), math.sin(angle)
    k = 1.0 - c
    x, y, z = axis
    xx, xy, xz = c + x * x * k, x * y * k - z * s, x * z * k + y * s
    yx, yy, yz = y * x * k + z * s, c + y * y * k, y * z * k - x * s
    zx, zy, zz = z * x * k - y * s, z * y * k + x * s, c + z * z * k
    for i in range(3):
        a, b, d = rotation[i, 0], rotation[i, 1], rotation[i, 2]
        out[i, 0] = a * xx + b * yx + d * zx
        out[i, 1] = a * xy + b * yy + d * zy
        out[i, 2] = a * xz + b * yz + d * zz
