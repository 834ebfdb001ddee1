// Runs in the head, so that a remembered choice of colours is there before anything is drawn.
"use strict";

const page = document.documentElement;
const KEY = "har-colours";

function remembered() {
  try { return localStorage.getItem(KEY); } catch { return null; }
}

function remember(colours) {
  try { localStorage.setItem(KEY, colours); } catch { /* then only this page knows */ }
}

if (["light", "dark"].includes(remembered())) page.dataset.colours = remembered();
page.classList.add("scripted");

document.addEventListener("DOMContentLoaded", () => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const colours = document.getElementById("colours-button");
  const isDark = () => (page.dataset.colours ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => colours.setAttribute("aria-pressed", isDark());
  colours.addEventListener("click", () => {
    page.dataset.colours = isDark() ? "light" : "dark";
    remember(page.dataset.colours);
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

  // What is wider than the page is scrolled by itself, also from the keyboard.
  for (const box of document.querySelectorAll(".scroll, pre")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
});
