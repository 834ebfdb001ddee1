// A trained network, one window at a time. A layer of numbers is a list of rows, one per sample;
// what is about the whole window has one row. Layers and weights come from the network's file.
"use strict";

const NETWORK = SETTINGS.network;
const WEIGHTS = decode(NETWORK.weights, Float32Array);

const weight = (layer, name) => {
  const { offset, size } = layer.weights[name];
  return WEIGHTS.subarray(offset, offset + size);
};

const each = (rule) => (layer, [rows]) => rows.map((row) => Array.from(row, rule));
const columns = (rows) => rows[0].map((_, i) => rows.map((row) => row[i]));

// A number, or a layer of numbers of the same shape, may stand on either side of + − · and /.
const pair = (rule) => (layer, [left, right]) => {
  const at = (value, i, j) => (typeof value === "number" ? value : value[i][j]);
  const shape = typeof left === "number" ? right : left;
  return shape.map((row, i) => row.map((_, j) => rule(at(left, i, j), at(right, i, j))));
};

const ACTIVATIONS = {
  linear: (row) => row,
  relu: (row) => row.map((value) => Math.max(value, 0)),
  softmax: (row) => {
    const powers = row.map((value) => Math.exp(value - Math.max(...row)));
    const sum = powers.reduce((total, value) => total + value);
    return powers.map((value) => value / sum);
  },
};

// Every filter slides along time: at each sample, the sum of what it weighs, over samples and channels.
function convolve(layer, [rows]) {
  const kernel = weight(layer, "kernel");
  const bias = layer.weights.bias ? weight(layer, "bias") : null;
  const { length, filters, activation } = layer;
  const before = layer.padding === "same" ? (length - 1) >> 1 : 0;
  const count = layer.padding === "same" ? rows.length : rows.length - length + 1;
  return Array.from({ length: count }, (_, at) => {
    const sums = Array.from({ length: filters }, (_, filter) => (bias ? bias[filter] : 0));
    for (let tap = 0; tap < length; tap += 1) {
      const row = rows[at + tap - before];
      if (!row) continue; // outside the window it is silent
      row.forEach((value, channel) => {
        const place = (tap * row.length + channel) * filters;
        for (let filter = 0; filter < filters; filter += 1) sums[filter] += value * kernel[place + filter];
      });
    }
    return ACTIVATIONS[activation](sums);
  });
}

function dense(layer, [[row]]) {
  const [kernel, bias] = [weight(layer, "kernel"), weight(layer, "bias")];
  const sums = Array.from(bias, (start, unit) =>
    row.reduce((sum, value, i) => sum + value * kernel[i * bias.length + unit], start));
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
  Concatenate: (layer, parts) => parts[0].map((_, i) => parts.flatMap((rows) => rows[i])),
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

// The probability of each of SETTINGS.activities for a window of SETTINGS.window rows.
function probabilities(window) {
  const found = { [NETWORK.input]: window.map((row) => row.map(Math.fround)) };
  for (const layer of NETWORK.layers) {
    const inputs = layer.inputs.map((input) => (typeof input === "number" ? input : found[input]));
    found[layer.name] = LAYERS[layer.kind](layer, inputs);
  }
  return found[NETWORK.output][0];
}
