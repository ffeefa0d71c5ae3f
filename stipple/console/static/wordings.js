// Keeps and judges a wording while it is typed. The page is whole without this script: its buttons do the same.

const WAIT_MS = 600;
const form = document.getElementById("wording");
const kept = document.getElementById("kept");
let timer;
let running;
let said = document.getElementById("judged").dataset.summary;

function say(words, wrong = false) {
  kept.classList.toggle("wrong", wrong);
  if (kept.textContent !== words) kept.textContent = words;
}

/** What was wrong when the page was made stands beside the fields; what is wrong now stands in the judgement. */
function forgetOldProblems() {
  for (const field of form.querySelectorAll("textarea")) {
    document.getElementById(`${field.name}-wrong`)?.remove();
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", `${field.name}-hint`);
  }
}

async function check() {
  running?.abort();
  running = new AbortController();
  const sent = running;
  let response;
  try {
    response = await fetch(form.dataset.check, {
      method: "POST",
      headers: { "X-Stipple-Watch": "1" },
      body: new URLSearchParams(new FormData(form)),
      signal: sent.signal,
    });
  } catch {
    if (!sent.signal.aborted) say("No connection: what you type is not kept yet. Trying again as you type.", true);
    return;
  }
  if (response.status === 401 || response.status === 403) {
    say("You are signed out. Copy your text, sign in again in another window, then go on here.", true);
    return;
  }
  if (!response.ok) {
    say("This could not be kept. Use the button Check and keep to see why.", true);
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("judged");
  if (sent.signal.aborted) return;
  document.getElementById("judged").replaceWith(document.importNode(fresh, true));
  forgetOldProblems();
  // Told again only when it changed, so that a screen reader is not interrupted at each pause.
  say(fresh.dataset.summary === said ? "Kept as your draft." : `Kept as your draft. ${fresh.dataset.summary}`);
  said = fresh.dataset.summary;
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(check, WAIT_MS);
});
form.addEventListener("submit", () => clearTimeout(timer));
