// Keeps the inbox up to date without a reload. The page is whole without this script.

const EVERY_MS = 15000;
const inbox = document.getElementById("inbox");
const news = document.getElementById("news");
const watch = document.getElementById("watch");
const title = document.title;
let known = levelsOf(inbox);

/** What each danger sign on the page says of itself, by the id of its card. */
function levelsOf(root) {
  const cards = root.querySelectorAll("#dangers > [data-news]");
  return new Map([...cards].map((card) => [card.id, card.dataset.news]));
}

/** Put the cards of `fresh` in place of those of `list`. A card that has not changed stays, and keeps the focus. */
function renew(list, fresh) {
  const wanted = [...fresh.children].map((card) => {
    const old = document.getElementById(card.id);
    return old && old.dataset.version === card.dataset.version ? old : document.importNode(card, true);
  });
  for (const old of [...list.children]) {
    if (!wanted.includes(old)) old.remove();
  }
  wanted.forEach((card, place) => {
    if (list.children[place] !== card) list.insertBefore(card, list.children[place] ?? null);
  });
}

/** Times and counts change without their card. */
function renewTexts(fresh) {
  for (const element of fresh.querySelectorAll("[data-live]")) {
    const shown = document.getElementById(element.id);
    if (shown && shown.textContent !== element.textContent) shown.textContent = element.textContent;
  }
}

function show(fresh) {
  const focused = document.activeElement?.id;
  const card = document.activeElement?.closest("[data-list] > *");
  for (const list of fresh.querySelectorAll("[data-list]")) {
    renew(document.getElementById(list.id), list);
    document.getElementById(`${list.id}-empty`).hidden = list.children.length > 0;
    const more = fresh.getElementById(`${list.id}-more`);
    if (more) document.getElementById(more.id).hidden = more.hidden;
  }
  renewTexts(fresh);
  // The button that had the focus may have gone with its card or changed.
  if (focused && document.activeElement === document.body) {
    const target = document.getElementById(focused) ?? document.getElementById(card?.id ?? "")?.querySelector("a");
    (target ?? document.getElementById("main")).focus({ preventScroll: true });
  }
}

function announce() {
  const present = levelsOf(inbox);
  const fresh = [...present].filter(([id, words]) => known.get(id) !== words).map(([, words]) => words);
  if (fresh.length > 0) news.textContent = `New danger sign. ${fresh.join(". ")}`;
  known = present;
  document.title = present.size > 0 ? `(${present.size}) ${title}` : title;
}

function say(words, wrong = false) {
  watch.classList.toggle("wrong", wrong);
  watch.textContent = words;
}

/** The time on the clinic's clock. */
function clock() {
  const shape = { hour: "2-digit", minute: "2-digit", timeZone: inbox.dataset.zone };
  return new Date().toLocaleTimeString("en-GB", shape);
}

async function look() {
  let response;
  try {
    response = await fetch(inbox.dataset.source, { headers: { "X-Stipple-Watch": "1" }, cache: "no-store" });
  } catch {
    response = null;
  }
  if (response?.status === 401) {
    say("You are signed out, so nothing new appears here. Reload the page to sign in again.", true);
    return;
  }
  if (response?.ok) {
    show(new DOMParser().parseFromString(await response.text(), "text/html"));
    announce();
    last = clock();
    say(`Looks for news by itself. Last looked at ${last}.`);
  } else {
    say(`No connection since ${last}: what is shown may be out of date. Trying again.`, true);
  }
  setTimeout(look, EVERY_MS);
}

let last = clock();
say(`Looks for news by itself. Last looked at ${last}.`);
announce();
setTimeout(look, EVERY_MS);
