"use strict";
// Numbers of the page: parsed when they are first asked for, so that it opens at once.

const MISSING = -32768;
const HALF_STEPS = 32767;
const parsed = new Map();

function documentOf(elementId) {
  if (!parsed.has(elementId)) {
    const text = document.getElementById(elementId).textContent;
    parsed.set(elementId, JSON.parse(text));
  }
  return parsed.get(elementId);
}

// An array of the pool as numbers; NaN where a value is missing.
function numbersOf(part, place) {
  const array = part.arrays[place];
  if (!array.values) {
    const bytes = Uint8Array.from(atob(array.data), (letter) => letter.charCodeAt(0));
    const whole = new DataView(bytes.buffer);
    array.values = new Float64Array(bytes.length / 2);
    for (let row = 0; row < array.values.length; row += 1) {
      const step = whole.getInt16(2 * row, true);
      array.values[row] = step === MISSING ? NaN : array.low + array.step * (step + HALF_STEPS);
    }
    array.data = null;
  }
  return array.values;
}

// Row of the last time that is not after t, in times that rise.
function rowAt(times, t) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= t + 1e-9) low = middle;
    else high = middle - 1;
  }
  return low;
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
