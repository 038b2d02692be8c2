"""Small symmetric systems."""

from __future__ import annotations

import math

from gaitload.mechanics.vectors import kernel


@kernel
def solve_positive(matrix, right, solution):
    """Solve a positive definite system of n equations; the lower triangle of `matrix` becomes its factor.

    Parameters
    ----------
    matrix : (n, n)
        Only the lower triangle is read.
    right, solution : (n,)

    Returns
    -------
    bool
        False where the matrix is not positive definite; `solution` then means nothing.
    """
    n = len(right)
    for i in range(n):
        for j in range(i + 1):
            left = matrix[i, j]
            for k in range(j):
                left -= matrix[i, k] * matrix[j, k]
            if i == j:
                if not left > 0.0:
                    return False
                matrix[i, i] = math.sqrt(left)
            else:
                matrix[i, j] = left / matrix[j, j]
    for i in range(n):
        left = right[i]
        for k in range(i):
            left -= matrix[i, k] * solution[k]
        solution[i] = left / matrix[i, i]
    for i in range(n - 1, -1, -1):
        left = solution[i]
        for k in range(i + 1, n):
            left -= matrix[k, i] * solution[k]
        solution[i] = left / matrix[i, i]
    return True
