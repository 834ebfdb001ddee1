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

// The smallest rotation that takes a direction to +x, as three rows (Rodrigues' formula).
function turnToX([x, y, z]) {
  if (x < -1 + 1e-9) return [[-1, 0, 0], [0, -1, 0], [0, 0, 1]];
  const cross = [[0, y, z], [-y, 0, 0], [-z, 0, 0]];
  return cross.map((row, i) => row.map((value, j) =>
    (i === j) + value + dot(row, cross.map((other) => other[j])) / (1 + x)));
}

// All three vectors of every row of a window, turned.
function turn(window, rows) {
  return window.map((row) => [0, 3, 6].flatMap((first) =>
    rows.map(([x, y, z]) => x * row[first] + y * row[first + 1] + z * row[first + 2])));
}

const gravityOf = (window) => [6, 7, 8].map((i) => mean(window.map((row) => row[i])));
const power = (window, channels) =>
  mean(window.map((row) => channels.reduce((sum, i) => sum + row[i] * row[i], 0)));

// What the numbers of a window say about the phone, without any network.
function describe(window) {
  const length = window.map((row) => norm(row.slice(6)));
  const middle = mean(length);
  const motion = Math.sqrt(mean(length.map((value) => (value - middle) ** 2)));
  const { leastMotion, mostMotion } = SETTINGS.turning;
  const moves = motion >= leastMotion && motion <= mostMotion;
  const runs = motion > SETTINGS.running.leastMotion && pace(length) > SETTINGS.running.leastPace;
  return { motion, moves, runs, gravity: gravityOf(window), swing: Math.sqrt(power(window, [3, 4, 5])) };
}

// `placement.pace`: at which frequency the acceleration's length swings most, in Hz.
function pace(length) {
  const middle = mean(length);
  const { bins, padded } = SETTINGS.running;
  const swing = length.map((value, i) =>
    (value - middle) * (1 - Math.cos((2 * Math.PI * i) / (length.length - 1))));
  const power = bins.map((bin) => {
    const part = (wave) =>
      swing.reduce((sum, value, i) => sum + value * wave((2 * Math.PI * bin * i) / padded), 0);
    return part(Math.cos) ** 2 + part(Math.sin) ** 2;
  });
  return (bins[power.indexOf(Math.max(...power))] * SETTINGS.rate) / padded;
}

// Remembers the last windows in which somebody moved: which way was up, and whether a thigh swung.
class Carrying {
  constructor() { Object.assign(this, { gravities: [], pockets: [], lasts: 0 }); }

  // Only what lasts and is as strong as walking tells which way was up: who lies down moves as well.
  hear({ motion, moves, gravity }) {
    this.lasts = moves && motion >= SETTINGS.turning.leastWalking ? this.lasts + 1 : 0;
    if (this.lasts < SETTINGS.turning.leastMoving) return;
    this.gravities.push(gravity);
    if (this.gravities.length > SETTINGS.turning.remembered) this.gravities.shift();
  }

  get known() { return this.gravities.length > 0; }

  get up() { return unit([0, 1, 2].map((i) => mean(this.gravities.map((row) => row[i])))); }

  // Up becomes +x; until it is known, a window of walking shows it for itself. A phone that rests
  // upside down was put back so: nobody stands on the head.
  turn(window) {
    const up = this.known ? this.up : this.lasts > 0 && unit(gravityOf(window));
    const upright = up ? turn(window, turnToX(up)) : window;
    const isUpsideDown = unit(gravityOf(upright))[0] < SETTINGS.turning.upsideDown;
    return isUpsideDown ? turn(upright, [[-1, 0, 0], [0, -1, 0], [0, 0, 1]]) : upright;
  }

  // How probable a trouser pocket is: the mean of what each window of moving speaks for it, by how it
  // moves and by the network's own answer, less some caution. Without a gyroscope nothing speaks.
  pocket(upright, { moves, swing }, own) {
    const { gait, caution } = SETTINGS.finder;
    if (moves && swing > 0) this.pockets.push(gait * forPocket(upright) + (1 - gait) * own - caution);
    if (this.pockets.length > SETTINGS.turning.remembered) this.pockets.shift();
    const known = this.pockets.length >= SETTINGS.turning.leastMoving;
    return known ? 1 / (1 + Math.exp(-mean(this.pockets))) : 0.5;
  }
}

// The logistic regression of `placement.PlaceFinder` on what it looks at.
function forPocket(upright) {
  const { description, mean: usual, spread, weights, bias } = SETTINGS.finder;
  const numbers = { gait, angle: swingAngle }[description](upright);
  return numbers.reduce((sum, value, i) => sum + ((value - usual[i]) / spread[i]) * weights[i], bias);
}

// `placement.gait`: how strongly it moves along and across, and whether it turns at the rate of strides or of steps.
function gait(upright) {
  const { strides, steps } = SETTINGS.finder;
  const logRms = [[0], [1, 2], [3], [4, 5]].map((channels) => Math.log(power(upright, channels) + 1e-6) / 2);
  return [...logRms, Math.log(spectrum(upright, strides) / spectrum(upright, steps))];
}

// `placement.swing_angle`: by what angle it swings out once a stride.
function swingAngle(upright) {
  const { strides, rate } = SETTINGS.finder;
  const squares = strides.map((bin) => spectrum(upright, [bin]) / (Math.PI * bin * rate) ** 2);
  return [Math.log(squares.reduce((sum, value) => sum + value, 0)) / 2];
}

// The power of rotation across the vertical at some bins of a window's spectrum.
function spectrum(window, bins) {
  const power = (bin) => [4, 5].reduce((sum, channel) => {
    const part = (wave) => window.reduce((total, row, i) =>
      total + row[channel] * wave((2 * Math.PI * bin * i) / window.length), 0);
    return sum + part(Math.cos) ** 2 + part(Math.sin) ** 2;
  }, 1e-6);
  return bins.map(power).reduce((sum, value) => sum + value, 0);
}
