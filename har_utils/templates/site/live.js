// The page that recognises: permission, events in, answers out, a recording to replay or to keep.
"use strict";

const show = (id, text) => { document.getElementById(`live-${id}`).textContent = text; };
const make = (tag, textContent) => Object.assign(document.createElement(tag), { textContent });
const element = (id) => document.getElementById(`live-${id}`);
const percent = (share) => `${Math.round(100 * share)} %`;
const words = (activity) => SETTINGS.words[activity];

const REFUSALS = {
  insecure: "This page was not loaded over https, and browsers give sensors only to pages that were.",
  denied: "Without permission to read the motion sensors nothing can be told: reload and allow it.",
  none: "This device has no motion sensors that a browser can read: replay a recording instead.",
};

// --- From events to answers -------------------------------------------------------------------------

class Recogniser {
  constructor() { this.carrying = new Carrying(); this.restart(); }

  restart() {
    this.carrying.lasts = 0;
    Object.assign(this, { resampler: new Resampler(), filters: new Filters(), rows: [], count: 0 });
  }

  // Seconds, m/s² with gravity (face up, z is +9.8) and °/s about x, y, z; returns what is new.
  hear(seconds, acceleration, rotation) {
    if (seconds <= this.last) return [];
    if (seconds - this.last > SETTINGS.longestBridge) this.restart();
    this.last = seconds;
    const values = [...acceleration.map((value) => value / SETTINGS.g),
      ...rotation.map((value) => (value * Math.PI) / 180)];
    const rows = this.resampler.push(seconds, values).flatMap((sample) => this.filters.push(sample));
    return rows.map((row) => this.add(row, seconds)).filter(Boolean);
  }

  add(row, seconds) {
    this.rows.push(row);
    this.count += 1;
    if (this.rows.length > SETTINGS.window) this.rows.shift();
    const begin = this.count - SETTINGS.window;
    return begin >= 0 && begin % SETTINGS.hop === 0 ? this.answer(begin, seconds) : null;
  }

  answer(begin, seconds) {
    const [phone, { carrying }] = [describe(this.rows), this];
    carrying.hear(phone);
    const upright = carrying.turn(this.rows);
    const { rows, logOdds } = answers(upright);
    const pocket = carrying.pocket(upright, phone, logOdds);
    const probability = rows[0].map((torso, i) => (1 - pocket) * torso + pocket * rows[1][i]);
    const best = probability.indexOf(Math.max(...probability));
    return { begin, seconds, probability, best, phone, pocket, up: carrying.known && carrying.up };
  }
}

// iOS counts acceleration the other way. All its browsers run on Apple's engine, whose vendor says so;
// the gyroscope cannot tell, since gravity and its opposite turn alike.
const isApple = () => /apple/i.test(navigator.vendor) && navigator.maxTouchPoints > 0;

// The specification's alpha, beta and gamma of a *rate* are about x, y and z (of an angle: z, x, y).
function measured(event, sign) {
  const { x, y, z } = event.accelerationIncludingGravity ?? {};
  if (typeof x !== "number") return null;
  const { alpha, beta, gamma } = event.rotationRate ?? {};
  const turns = typeof alpha === "number";
  const acceleration = [x, y, z].map((value) => sign * value);
  return { acceleration, turns, rotation: turns ? [alpha, beta, gamma] : [0, 0, 0] };
}

// --- Running ----------------------------------------------------------------------------------------

const state = { sign: isApple() ? -1 : 1, answers: [], kept: [], label: "", times: [] };

function begin(from, text) {
  stop();
  Object.assign(state, { from, recogniser: new Recogniser(), answers: [], times: [], heard: false });
  element("answers").hidden = false;
  element("start").textContent = from === "sensors" ? "Stop" : "Recognise me";
  element("replay").textContent = from === "replay" ? "Stop the replay" : "Replay a recording";
  show("status", text);
  show("activity", "…");
  show("confidence", "");
  show("truth", "");
  stayAwake();
}

function stop() {
  removeEventListener("devicemotion", onMotion);
  clearInterval(state.timer);
  clearTimeout(state.patience);
  state.from = null;
  element("start").textContent = "Recognise me";
  element("replay").textContent = "Replay a recording";
  state.wake?.release();
  state.wake = null;
}

function refuse(reason) {
  stop();
  element("answers").hidden = true;
  show("status", REFUSALS[reason]);
}

// iOS asks only from a tap, so this is the first thing a tap does.
async function start() {
  if (state.from === "sensors") { stop(); show("status", "Stopped."); return; }
  if (!isSecureContext) { refuse("insecure"); return; }
  if (typeof DeviceMotionEvent === "undefined") { refuse("none"); return; }
  const answer = await DeviceMotionEvent.requestPermission?.().catch(() => "denied");
  if (answer === "denied") { refuse("denied"); return; }
  state.kept = [];
  const wait = Math.ceil(SETTINGS.window / SETTINGS.rate);
  begin("sensors", `Listening; the first answer comes after ${wait} seconds.`);
  addEventListener("devicemotion", onMotion);
  state.patience = setTimeout(() => state.heard || refuse("none"), 2000);
}

function onMotion(event) {
  const sample = measured(event, state.sign);
  if (!sample) return;
  state.heard = true;
  state.turns = sample.turns;
  const seconds = event.timeStamp / 1000;
  state.kept.push([seconds, ...sample.acceleration, ...sample.rotation, state.label]);
  hear(seconds, sample);
}

function hear(seconds, { acceleration, rotation }) {
  state.times.push(seconds);
  if (state.times.length > 120) state.times.shift();
  const found = state.recogniser.hear(seconds, acceleration, rotation);
  if (!found.length) return;
  state.answers.push(...found);
  state.answers = state.answers.filter((answer) => seconds - answer.seconds < 60);
  draw();
}

function replay() {
  if (state.from === "replay") { stop(); show("status", "Stopped."); return; }
  const { values, steps, rate, done } = SETTINGS.replay;
  const numbers = decode(values, Int16Array);
  begin("replay", "Replaying a recording from the data set, as a phone would have given it.");
  state.turns = true;
  const [started, count] = [performance.now(), numbers.length / steps.length];
  let next = 0;
  state.timer = setInterval(() => {
    for (; next < count && next / rate < (performance.now() - started) / 1000; next += 1) {
      const six = steps.map((step, i) => numbers[next * steps.length + i] * step);
      hear(next / rate, { acceleration: six.slice(0, 3), rotation: six.slice(3) });
    }
    const [, , truth] = done.find(([from, to]) => from <= next && next < to) ?? [];
    show("truth", truth ? `The data set says: ${words(truth)}.` : "The data set does not say.");
    if (next >= count) { stop(); show("status", "The recording is over."); }
  }, 50);
}

async function stayAwake() {
  try { state.wake = await navigator.wakeLock?.request("screen"); } catch { /* then it sleeps */ }
  if (!state.from) state.wake?.release();
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && state.from) stayAwake();
});

// --- What is shown ----------------------------------------------------------------------------------

function turned({ gravity }) {
  const direction = unit(gravity);
  const axis = direction.map(Math.abs).indexOf(Math.max(...direction.map(Math.abs)));
  const off = Math.round((Math.acos(Math.min(1, Math.abs(direction[axis]))) * 180) / Math.PI);
  return `${SETTINGS.edges[axis][direction[axis] > 0 ? 0 : 1]} up, ${off}° off`;
}

function place({ phone, up, pocket }) {
  if (state.turns && phone.swing < SETTINGS.usual.leastSwing) return "on something that does not move";
  if (!up || !state.turns) return `cannot be told ${up ? "without a gyroscope" : "before you walk"}`;
  return pocket > 0.5 ? `in a trouser pocket, ${percent(pocket)}`
    : `at the waist, hip or chest, ${percent(1 - pocket)}`;
}

const rateOf = (times) => (times.length - 1) / (times.at(-1) - times[0]);

// Why not to believe the answers: what has to hold for each doubt, and the doubt.
function doubts({ phone, up, pocket, probability, best }) {
  const { mostMotion, leastSwing } = SETTINGS.usual;
  const rate = rateOf(state.times);
  const found = [
    [rate < SETTINGS.slow,
      `Only ${Math.round(rate)} measurements a second: the faster part of each step is missing.`],
    [!state.turns, "There is no gyroscope: the network sees a phone that never turns."],
    [!up, "You have not walked yet, so sitting, standing and lying cannot be told apart: walk a few steps."],
    [up && Math.max(pocket, 1 - pocket) < SETTINGS.surePlace,
      "It may sit in a pocket or at the waist: sitting and lying cannot be told apart for sure."],
    [up && pocket >= SETTINGS.surePlace && SETTINGS.quiet.includes(best),
      "In a trouser pocket lying looks like sitting."],
    [phone.runs, "It has the pace and the strength of running, which nobody taught the network."],
    [!phone.runs && phone.motion > mostMotion,
      "It moves more than walking ever did in training: something nobody taught the network."],
    [state.turns && phone.swing < leastSwing,
      "Nobody seems to wear the phone: sitting, standing and lying are then only how it lies."],
    [probability[best] < SETTINGS.unsure, "The network is not sure."],
  ];
  return found.filter(([holds]) => holds).map(([, text]) => text);
}

function draw() {
  const last = state.answers.at(-1);
  show("activity", words(SETTINGS.activities[last.best]));
  show("confidence", percent(last.probability[last.best]));
  last.probability.forEach((share, i) => {
    element("bars").children[i].style.setProperty("--share", share);
    element("bars").children[i].lastElementChild.textContent = percent(share);
  });
  show("turned", turned(last.phone));
  show("place", place(last));
  const isTurned = state.from !== "replay" && state.sign < 0;
  show("signs", isTurned ? "turned round, as iPhones count the other way." : "as measured.");
  const found = doubts(last);
  const list = found.length ? found : ["Nothing speaks against it now."];
  if (list.join() !== state.doubts) {
    element("doubts").replaceChildren(...list.map((text) => make("li", text)));
    state.doubts = list.join();
  }
  drawTimeline(last);
}

// One row for each activity, the last minute from left to right, stronger where the network is surer.
function drawTimeline(last) {
  const canvas = element("timeline");
  const [width, row, scale] = [canvas.clientWidth, 24, devicePixelRatio];
  const rows = SETTINGS.activities.length + 1;
  Object.assign(canvas, { width: width * scale, height: rows * row * scale });
  const style = getComputedStyle(canvas);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.font = `14px ${style.fontFamily}`;
  const left = Math.max(...SETTINGS.activities.map((name) => pen.measureText(words(name)).width)) + 8;
  const second = (width - left) / 60;
  SETTINGS.activities.forEach((name, i) => {
    pen.fillStyle = style.color;
    pen.fillText(words(name), 0, (i + 0.7) * row);
    pen.fillStyle = style.borderTopColor;
    pen.fillRect(left, (i + 1) * row - 1, width - left, 0.5);
  });
  pen.fillStyle = style.color;
  pen.fillText("a minute ago", left, (rows - 0.3) * row);
  pen.fillText("now", width - pen.measureText("now").width, (rows - 0.3) * row);
  pen.fillStyle = style.outlineColor;
  for (const { seconds, best, probability } of state.answers) {
    const right = width - (last.seconds - seconds) * second;
    const from = Math.max(left, Math.round(right - (SETTINGS.hop / SETTINGS.rate) * second));
    pen.globalAlpha = probability[best];
    if (right > left) pen.fillRect(from, best * row + 4, Math.round(right) - from, row - 8);
  }
  canvas.setAttribute("aria-label", `The last minute: now ${words(SETTINGS.activities[last.best])}.`);
}

// --- Keeping a recording ----------------------------------------------------------------------------

// A table that the course's `phone.read` reads: seconds, m/s², rad/s, and what was tapped.
function asCsv(kept) {
  const lines = kept.map(([seconds, ...rest]) => {
    const [acceleration, rotation] = [rest.slice(0, 3), rest.slice(3, 6)];
    const radians = rotation.map((value) => ((value * Math.PI) / 180).toFixed(6));
    const metres = acceleration.map((value) => value.toFixed(4));
    return [(seconds - kept[0][0]).toFixed(6), ...metres, ...radians, rest[6]];
  });
  return [SETTINGS.titles, ...lines].map((line) => `${line.join(",")}\n`).join("");
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([asCsv(state.kept)], { type: "text/csv" }));
  link.download = "recording.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function showKept() {
  element("save").disabled = !state.kept.length;
  if (!state.kept.length) return;
  const seconds = Math.round(state.kept.at(-1)[0] - state.kept[0][0]);
  const now = state.label ? `now ${words(state.label)}` : "no activity tapped";
  show("recorded", `${seconds} s recorded, ${now}.`);
}

function addButtons() {
  for (const activity of SETTINGS.activities) {
    const bar = make("div", "");
    bar.append(make("span", words(activity)), make("span", ""));
    element("bars").append(bar);
    const button = make("button", words(activity));
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      state.label = state.label === activity ? "" : activity;
      for (const other of element("labels").querySelectorAll("button")) {
        other.setAttribute("aria-pressed", String(other === button && state.label !== ""));
      }
    });
    element("labels").append(button);
  }
}

addButtons();
element("start").addEventListener("click", start);
element("replay").addEventListener("click", replay);
element("save").addEventListener("click", save);
element("flip").addEventListener("click", () => {
  state.sign = -state.sign;
  state.kept.forEach((row) => [1, 2, 3].forEach((axis) => { row[axis] = -row[axis]; }));
  state.recogniser = new Recogniser();
  element("flip").setAttribute("aria-pressed", String(state.sign !== (isApple() ? -1 : 1)));
});
setInterval(showKept, 1000);
if (!isSecureContext) show("status", REFUSALS.insecure);
else if (typeof DeviceMotionEvent === "undefined") show("status", REFUSALS.none);
