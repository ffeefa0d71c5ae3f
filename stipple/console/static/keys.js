// Single keys that do what the buttons of a card do. They can be switched off, and the page is whole without them.

const STORE = "stipple-staff-keys";
const dialog = document.getElementById("keys");
const opener = document.getElementById("keys-open");
const choice = document.getElementById("keys-on");
const ACTIONS = ["t", "a", "r", "o"];
let last = null;

/** What was chosen in this browser; a browser that keeps nothing has them on. */
function chosen() {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

function choose() {
  try {
    localStorage.setItem(STORE, choice.checked ? "on" : "off");
  } catch {
    // It holds as long as the page is open.
  }
}

function help() {
  if (!dialog.open) dialog.showModal();
}

function cards() {
  return [...document.querySelectorAll("[data-list] > li")];
}

/** The card that has the focus, or had it last and is still there. */
function current() {
  const card = document.activeElement?.closest("[data-list] > li");
  return card ?? (last ? document.getElementById(last) : null);
}

function move(step) {
  const all = cards();
  const place = all.indexOf(current());
  const next = place < 0 ? (step > 0 ? 0 : all.length - 1) : place + step;
  all[Math.max(0, Math.min(next, all.length - 1))]?.focus();
}

function typing(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

document.addEventListener("focusin", (event) => {
  const card = event.target.closest("[data-list] > li");
  if (card) last = card.id;
});

document.addEventListener("keydown", (event) => {
  const other = event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented;
  if (other || !choice.checked || dialog.open || typing(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === "?") help();
  else if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (ACTIONS.includes(key) && !event.repeat) current()?.querySelector(`[data-key="${key}"]`)?.click();
  else return;
  event.preventDefault();
});

choice.checked = chosen();
choice.addEventListener("change", choose);
opener.addEventListener("click", help);
opener.hidden = false;
