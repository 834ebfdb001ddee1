// Runs in the head, so that a remembered choice of colours is there before anything is drawn.
"use strict";

const page = document.documentElement;
const KEY = "har-colours";

function remembered(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function remember(key, text) {
  try { localStorage.setItem(key, text); } catch { /* then only this page knows */ }
}

if (["light", "dark"].includes(remembered(KEY))) page.dataset.colours = remembered(KEY);
page.classList.add("scripted");

function newElement(name, text, attributes = {}) {
  const made = Object.assign(document.createElement(name), attributes);
  made.textContent = text;
  return made;
}

// A guess: a field under the question; what was written stands above the result.
function askForGuess(question, number) {
  const key = `har-guess ${location.pathname.split("/").pop()} ${question.textContent.slice(0, 80)}`;
  const field = newElement("textarea", "", {id: `guess-${number}`, rows: 2, value: remembered(key) ?? ""});
  const label = newElement("label", "Write it here:", {htmlFor: field.id, className: "guess-field"});
  label.append(field);
  question.after(label);
  field.addEventListener("input", () => remember(key, field.value));
  const below = document.querySelectorAll(".guess, details.result");
  const result = below[[...below].indexOf(question) + 1];
  if (!result?.matches("details.result")) return;
  const shown = newElement("p", "", {className: "guessed"});
  result.firstElementChild.after(shown);
  const show = () => {
    shown.textContent = field.value.trim() ? `Your guess: ${field.value.trim()}` : "";
    shown.hidden = !shown.textContent;
  };
  show();
  field.addEventListener("input", show);
}

// Questions: which answers were opened is remembered; the first one of each question counts.
function countAnswers(quiz) {
  const key = `har-quiz ${quiz.dataset.lesson}`;
  const questions = [...quiz.querySelectorAll("li")].map((one) => [...one.querySelectorAll("details")]);
  const opened = questions.map((_, n) => (JSON.parse(remembered(key) ?? "[]")[n] ?? []));
  const said = newElement("p", "", {className: "quiz-count"});
  said.setAttribute("role", "status");
  const again = newElement("button", "Start again", {type: "button"});
  const show = () => {
    const isRight = (n, answer) => questions[n][answer]?.dataset.right === "true";
    const found = opened.filter((answers, n) => answers.some((each) => isRight(n, each))).length;
    const atOnce = opened.filter((answers, n) => isRight(n, answers[0])).length;
    said.textContent = `${found} of ${questions.length} found, ${atOnce} of them at once.`;
    again.hidden = opened.every((answers) => !answers.length);
  };
  questions.forEach((answers, n) => answers.forEach((answer, place) => {
    answer.open = opened[n].includes(place);
    answer.addEventListener("toggle", () => {
      if (!answer.open || opened[n].includes(place)) return;
      opened[n].push(place);
      remember(key, JSON.stringify(opened));
      show();
    });
  }));
  again.addEventListener("click", () => {
    opened.forEach((answers) => { answers.length = 0; });
    remember(key, JSON.stringify(opened));
    for (const answer of questions.flat()) answer.open = false;
    show();
  });
  quiz.append(said, again);
  show();
}

// What is wider than the page is scrolled by itself, also from the keyboard.
function reachWide(part) {
  for (const box of part.querySelectorAll(".scroll, pre")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const colours = document.getElementById("colours-button");
  const isDark = () => (page.dataset.colours ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => colours.setAttribute("aria-pressed", isDark());
  colours.addEventListener("click", () => {
    page.dataset.colours = isDark() ? "light" : "dark";
    remember(KEY, page.dataset.colours);
    show();
  });
  system.addEventListener("change", show);
  colours.hidden = false;
  show();

  const contents = document.getElementById("contents");
  const opener = document.getElementById("contents-button");
  const open = (wanted) => {
    opener.setAttribute("aria-expanded", contents.classList.toggle("open", wanted));
  };
  opener.addEventListener("click", () => open());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !contents.classList.contains("open")) return;
    open(false);
    opener.focus();
  });
  opener.hidden = false;

  document.querySelectorAll("p.guess").forEach(askForGuess);
  document.querySelectorAll(".quiz").forEach(countAnswers);
  reachWide(document);
  for (const details of document.querySelectorAll("details")) {
    details.addEventListener("toggle", () => reachWide(details));
  }
});
