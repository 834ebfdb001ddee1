// From the events of a phone to windows that a network can read: even samples, filters, turning.
// Every constant is in SETTINGS, which Python writes into the page; nothing is typed a second time.
"use strict";

const SETTINGS = JSON.parse(document.getElementById("live-settings").textContent);

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const norm = (a) => Math.sqrt(dot(a, a));
const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
const unit = (a) => a.map((value) => value / norm(a));

function decode(text, Numbers) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Numbers(bytes.buffer);
}

// --- Even samples out of uneven events ------------------------------------------------------------

// Slope at the middle of three points so that the curve never leaves the range of its neighbours
// (Fritsch & Butland 1984; scipy.interpolate.PchipInterpolator does the same).
function slope(before, after, left, right) {
  if (left * right <= 0) return 0;
  const [one, two] = [2 * after + before, after + 2 * before];
  return (one + two) / (one / left + two / right);
}

// A cubic from one event to the next with given slopes at both ends, at the fraction `at` of the way.
function cubic(at, step, y0, y1, slope0, slope1) {
  const rest = 1 - at;
  return y0 * (1 + 2 * at) * rest * rest + y1 * (3 - 2 * at) * at * at
    + step * (slope0 * at * rest * rest - slope1 * rest * at * at);
}

// Takes events [seconds, values] as they come and returns the even samples that are now certain.
class Resampler {
  constructor() { this.events = []; this.count = 0; }

  push(seconds, values) {
    this.events.push([seconds, values]);
    if (this.events.length < 4) return [];
    if (this.events.length > 4) this.events.shift();
    const [t0, t1, t2, t3] = this.events.map((event) => event[0]);
    this.start ??= t1;
    const samples = [];
    for (let t = this.time(); t < t2; t = this.time()) {
      samples.push(values.map((_, i) => {
        const y = this.events.map((event) => event[1][i]);
        const between = (y[2] - y[1]) / (t2 - t1);
        const slope1 = slope(t1 - t0, t2 - t1, (y[1] - y[0]) / (t1 - t0), between);
        const slope2 = slope(t2 - t1, t3 - t2, between, (y[3] - y[2]) / (t3 - t2));
        return cubic((t - t1) / (t2 - t1), t2 - t1, y[1], y[2], slope1, slope2);
      }));
      this.count += 1;
    }
    return samples;
  }

  time() { return this.start + this.count / SETTINGS.rate; }
}

// --- Filters ----------------------------------------------------------------------------------------

// A Butterworth low-pass for a stream of numbers, in second-order sections (transposed form II).
function lowPass(sections) {
  const memory = sections.map(() => [0, 0]);
  return (value) => {
    sections.forEach(([b0, b1, b2, , a1, a2], i) => {
      const answer = b0 * value + memory[i][0];
      memory[i] = [b1 * value - a1 * answer + memory[i][1], b2 * value - a2 * answer];
      value = answer;
    });
    return value;
  };
}

// The middle of the last three numbers: it is known one sample late, before the first comes a zero.
function median() {
  let [before, now] = [0, null];
  return (next) => {
    const middle = now === null ? null : [before, now, next].sort((a, b) => a - b)[1];
    [before, now] = [now ?? 0, next];
    return middle;
  };
}

// The chain of the data set: six measured numbers in, the nine channels of the sample before out.
class Filters {
  constructor() {
    const six = (make) => Array.from({ length: 6 }, make);
    this.medians = six(median);
    this.noise = six(() => lowPass(SETTINGS.sections.noise));
    this.slow = six((_, i) => lowPass(SETTINGS.sections[i < 3 ? "gravity" : "drift"]));
    this.first = [];
  }

  // The filters start from zero: they see the mean of the first second, at rest, for a while first.
  push(sample) {
    if (!this.first) return [this.channels(sample)];
    this.first.push(sample);
    if (this.first.length < SETTINGS.rate) return [];
    const rest = sample.map((_, i) => (i < 3 ? mean(this.first.map((row) => row[i])) : 0));
    for (let i = 0; i < SETTINGS.leadIn; i += 1) this.channels(rest);
    const rows = this.first.map((row) => this.channels(row));
    this.first = null;
    return rows.slice(1); // the first row out is the last of the lead-in
  }

  channels(sample) {
    const middle = this.medians.map((filter, i) => filter(sample[i]));
    if (middle[0] === null) return null;
    const quiet = this.noise.map((filter, i) => filter(middle[i]));
    const moving = this.slow.map((filter, i) => quiet[i] - filter(quiet[i]));
    return [...moving, ...quiet.slice(0, 3)]; // SETTINGS.channels: body_acc, body_gyro, total_acc
  }
}

// --- How the phone is turned ------------------------------------------------------------------------

// The smallest rotation that takes one direction to another, as three rows (Rodrigues).
function rotation(from, to) {
  const [x, y, z] = from.map((_, i) =>
    from[(i + 1) % 3] * to[(i + 2) % 3] - from[(i + 2) % 3] * to[(i + 1) % 3]);
  const along = dot(from, to);
  if (along < -1 + 1e-9) return halfTurn(from);
  const cross = [[0, -z, y], [z, 0, -x], [-y, x, 0]];
  return cross.map((row, i) => row.map((value, j) =>
    (i === j) + value + dot(row, cross.map((other) => other[j])) / (1 + along)));
}

// Half a turn about some axis across a direction: the opposite direction has no smallest rotation.
function halfTurn(from) {
  const least = from.map(Math.abs).indexOf(Math.min(...from.map(Math.abs)));
  const axis = unit(from.map((value, i) => (i === least) - value * from[least]));
  return axis.map((a, i) => axis.map((b, j) => 2 * a * b - (i === j)));
}

// All three vectors of every row of a window, turned.
function turn(window, rows) {
  return window.map((row) => [0, 3, 6].flatMap((first) =>
    rows.map((axis) => dot(axis, row.slice(first, first + 3)))));
}

// What the numbers of a window say about the phone, without any network.
function describe(window) {
  const length = window.map((row) => norm(row.slice(6)));
  const variance = mean(length.map((value) => (value - mean(length)) ** 2));
  const gravity = [6, 7, 8].map((i) => mean(window.map((row) => row[i])));
  const swing = Math.sqrt(mean(window.map((row) => dot(row.slice(3, 6), row.slice(3, 6)))));
  return { motion: Math.sqrt(variance), gravity, swing };
}

// Remembers which way was up while somebody moved, and forgets slowly.
class Upright {
  hear({ motion, gravity }) {
    const { leastMotion, mostMotion } = SETTINGS.usual;
    if (motion < leastMotion || motion > mostMotion) return;
    const share = SETTINGS.hop / SETTINGS.rate / SETTINGS.turning.memory;
    this.vector = gravity.map((value, i) => {
      const old = this.vector?.[i] ?? value;
      return old + share * (value - old);
    });
  }

  get rows() { return this.vector && rotation(unit(this.vector), SETTINGS.turning.target); }

  // Degrees from where the people wore it whom the network learnt from.
  get angle() {
    const along = dot(unit(this.vector), SETTINGS.usual.upright);
    return (Math.acos(Math.min(1, Math.max(-1, along))) * 180) / Math.PI;
  }
}
