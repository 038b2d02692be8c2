"""The functions of one coordinate that joints are built of, with two derivatives.

A function is a row of `kind` and a stretch of `numbers`:

=============  ==================================================================
kind           numbers
=============  ==================================================================
`CONSTANT`     value
`LINEAR`       slope, intercept
`SPLINE`       n knots x, then per piece y, b, c, d: y + h (b + h (c + h d)) with
               h = q - x; beyond the ends the slope at the end
`POLYNOMIAL`   coefficients, highest power first
=============  ==================================================================

A scale (OpenSim's `MultiplierFunction`) is multiplied into the numbers.
"""

from __future__ import annotations

from gaitload.mechanics.vectors import kernel

CONSTANT, LINEAR, SPLINE, POLYNOMIAL = range(4)


@kernel
def evaluate(kind, numbers, start, stop, q):
    """Value and first and second derivative at q of the function whose numbers are `numbers[start:stop]`."""
    if kind == LINEAR:
        return numbers[start] * q + numbers[start + 1], numbers[start], 0.0
    if kind == CONSTANT:
        return numbers[start], 0.0, 0.0
    if kind == SPLINE:
        return _spline(numbers, start, (stop - start) // 5, q)
    value, slope, curvature = 0.0, 0.0, 0.0
    for index in range(start, stop):
        curvature = curvature * q + 2.0 * slope
        slope = slope * q + value
        value = value * q + numbers[index]
    return value, slope, curvature


@kernel
def _spline(numbers, start, count, q):
    low, high = 0, count - 1
    beyond = q < numbers[start] or q > numbers[start + high]
    if q >= numbers[start + high]:
        low = high
    else:
        while high - low > 1:
            middle = (low + high) // 2
            if q < numbers[start + middle]:
                high = middle
            else:
                low = middle
    piece = start + count + 4 * low
    h = q - numbers[start + low]
    y, b, c, d = numbers[piece], numbers[piece + 1], numbers[piece + 2], numbers[piece + 3]
    if beyond:
        return y + h * b, b, 0.0
    return y + h * (b + h * (c + h * d)), b + h * (2.0 * c + 3.0 * h * d), 2.0 * c + 6.0 * h * d
