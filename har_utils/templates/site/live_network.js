// A trained network, one window at a time. A layer of numbers is a list of rows, one per sample;
// what is about the whole window has one row. Layers and weights come from the network's file.
"use strict";

const NETWORK = SETTINGS.network;
const KERNELS = Float64Array.from(decode(NETWORK.weights.kernels, Uint16Array), half);
const OTHERS = decode(NETWORK.weights.others, Float32Array);

// A number of 16 bits: one for the sign, five for the exponent, ten for the fraction.
function half(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

const weight = (layer, name) =>
  layer.weights[name] && (name === "kernel" ? KERNELS : OTHERS).subarray(...layer.weights[name]);

const each = (rule) => (layer, [rows]) => rows.map((row) => row.map(rule));
const columns = (rows) => Array.from(rows[0], (_, i) => rows.map((row) => row[i]));

// A number, or a layer of numbers of the same shape, may stand on either side of + − · and /.
const pair = (rule) => (layer, [left, right]) => {
  const at = (value, i, j) => (typeof value === "number" ? value : value[i][j]);
  const shape = typeof left === "number" ? right : left;
  return shape.map((row, i) => row.map((_, j) => rule(at(left, i, j), at(right, i, j))));
};

const ACTIVATIONS = {
  linear: (row) => row,
  relu: (row) => row.map((value) => Math.max(value, 0)),
  sigmoid: (row) => row.map((value) => 1 / (1 + Math.exp(-value))),
  softmax: (row) => {
    const powers = row.map((value) => Math.exp(value - Math.max(...row)));
    const sum = powers.reduce((total, value) => total + value);
    return powers.map((value) => value / sum);
  },
};

// Every filter slides along time: at each sample, the sum of what it weighs, over samples and channels.
function convolve(layer, [rows]) {
  const [kernel, bias] = [weight(layer, "kernel"), weight(layer, "bias")];
  const { length, filters, activation } = layer;
  const before = layer.padding === "same" ? (length - 1) >> 1 : 0;
  const count = layer.padding === "same" ? rows.length : rows.length - length + 1;
  return Array.from({ length: count }, (_, at) => {
    const sums = bias ? Float64Array.from(bias) : new Float64Array(filters);
    for (let tap = 0; tap < length; tap += 1) {
      const row = rows[at + tap - before]; // outside the window there is silence
      if (row) weigh(row, kernel, tap * row.length * filters, sums);
    }
    return ACTIVATIONS[activation](sums);
  });
}

// Adds a row times a matrix to sums; the matrix begins at a place of the kernel. All time goes here.
function weigh(row, kernel, place, sums) {
  for (let i = 0; i < row.length; i += 1) {
    const value = row[i];
    if (value !== 0) for (let j = 0; j < sums.length; j += 1) sums[j] += value * kernel[place + j];
    place += sums.length;
  }
}

function dense(layer, [[row]]) {
  const sums = Float64Array.from(weight(layer, "bias"));
  weigh(row, weight(layer, "kernel"), 0, sums);
  return [ACTIVATIONS[layer.activation](sums)];
}

function normalise(layer, [rows]) {
  const [scale, shift] = [weight(layer, "scale"), weight(layer, "shift")];
  return rows.map((row) => row.map((value, i) => value * scale[i] + shift[i]));
}

function maxPool({ size }, [rows]) {
  return Array.from({ length: Math.floor(rows.length / size) }, (_, i) =>
    columns(rows.slice(i * size, (i + 1) * size)).map((values) => Math.max(...values)));
}

const average = (layer, [rows]) => [columns(rows).map(mean)];

const LAYERS = {
  Conv1D: convolve,
  Dense: dense,
  BatchNormalization: normalise,
  MaxPooling1D: maxPool,
  GlobalAveragePooling1D: average,
  Mean: average, // over time
  GlobalMaxPooling1D: (layer, [rows]) => [columns(rows).map((values) => Math.max(...values))],
  Concatenate: (layer, parts) => parts[0].map((_, i) => parts.flatMap((rows) => Array.from(rows[i]))),
  Stack: (layer, parts) => parts.flat(),
  Same: (layer, [rows]) => rows,
  Softmax: (layer, [rows]) => rows.map(ACTIVATIONS.softmax),
  GetItem: ({ start, stop }, [rows]) => rows.map((row) => row.slice(start, stop)),
  ReLU: each((value) => Math.max(value, 0)),
  Absolute: each(Math.abs),
  Sign: each(Math.sign),
  Log: each(Math.log),
  Square: each((value) => value * value),
  Add: pair((a, b) => a + b),
  Subtract: pair((a, b) => a - b),
  Multiply: pair((a, b) => a * b),
  TrueDivide: pair((a, b) => a / b),
};

// What the network says to a window of SETTINGS.window rows: the probability of each activity in a
// row for each place, and the probability of a pocket.
function answer(window) {
  const found = { [NETWORK.input]: window.map((row) => row.map(Math.fround)) };
  for (const layer of NETWORK.layers) {
    const inputs = layer.inputs.map((input) => (typeof input === "number" ? input : found[input]));
    found[layer.name] = LAYERS[layer.kind](layer, inputs);
  }
  return NETWORK.outputs.map((name) => found[name]);
}

// The mean over the ways in which an upright window is shown: the rows, and the log-odds of a pocket.
function answers(upright) {
  const every = SETTINGS.views.map((view) => answer(turn(upright, view)));
  const rows = every[0][0].map((_, place) => columns(every.map(([each]) => each[place])).map(mean));
  const logOdds = every.map(([, [[pocket]]]) => {
    const p = Math.min(Math.max(pocket, SETTINGS.finder.faint), 1 - SETTINGS.finder.faint);
    return Math.log(p / (1 - p));
  });
  return { rows, logOdds: mean(logOdds) };
}
