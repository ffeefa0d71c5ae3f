// The chat page: shows the conversation, sends messages, and catches up after a lost connection.

const AUTHORS = { patient: "You", assistant: "Assistant", staff: "Clinic staff" };
const RETRY_MS = 3000;

const log = document.querySelector("#log");
const status = document.querySelector("#status");
const composer = document.querySelector("#composer");
const field = document.querySelector("#text");
let last = 0;
let busy = false;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function say(text, wrong = false) {
  status.textContent = text;
  status.classList.toggle("wrong", wrong);
}

// What was shown before it could be stored comes again with its number, in its place in the conversation.
function dropUnnumbered(text) {
  [...log.querySelectorAll("[data-unnumbered]")].find((item) => item.dataset.unnumbered === text)?.remove();
}

function render(message) {
  // A reply that could not be stored yet has no number: it is shown, and does not count.
  if (message.sequence && message.sequence <= last) return;
  if (message.sequence) dropUnnumbered(message.text);
  last = Math.max(last, message.sequence);
  for (const old of log.querySelectorAll(".choices")) old.remove();
  const item = element("li", `message ${message.author}`);
  if (!message.sequence) item.dataset.unnumbered = message.text;
  item.append(element("span", "author", AUTHORS[message.author]));
  const bubble = element("div", "bubble");
  for (const paragraph of message.text.split("\n\n")) bubble.append(element("p", "", paragraph));
  item.append(bubble);
  if (message.choices.length) {
    const choices = element("div", "choices");
    for (const choice of message.choices) {
      const button = element("button", "", choice.title);
      button.type = "button";
      button.addEventListener("click", () => send({ choice: choice.id }));
      choices.append(button);
    }
    item.append(choices);
  }
  log.append(item);
  item.scrollIntoView({ block: "end" });
}

async function request(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body;
}

async function post(body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  // The same client_id on a second try keeps the message from being answered twice.
  try {
    return await request("/api/messages", options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    say("The connection dropped. Trying again …");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    return request("/api/messages", options);
  }
}

async function send(content) {
  if (busy) return;
  busy = true;
  say("The assistant is writing …");
  try {
    const { messages } = await post({ ...content, client_id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` });
    // Something was stored meanwhile, such as what was sent while the clinic's records could not be reached.
    if (messages[0].sequence > last + 1) await catchUp().catch(() => {});
    messages.forEach(render);
    if (content.text) field.value = "";
    say("");
  } catch (error) {
    say(error instanceof TypeError ? "No connection. Your text is still here: please send it again." : error.message, true);
  } finally {
    busy = false;
    field.focus();
  }
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  if (field.value.trim()) send({ text: field.value });
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

async function catchUp() {
  // A long conversation comes in several parts.
  for (;;) {
    const { messages } = await request(`/api/messages?after=${last}`);
    if (!messages.length) return;
    messages.forEach(render);
  }
}

async function start() {
  const about = await request("/api/conversation");
  field.maxLength = about.limit;
  document.querySelector("#who").textContent =
    `Answers come from the clinic's own advice. ${about.signed_in ? "You are signed in." : "You are a guest here."} ` +
    `To reach a person, call ${about.phone}.`;
  if (new URLSearchParams(location.search).get("link") === "expired") {
    say("That sign-in link no longer works. Please ask the clinic for a new one.", true);
  }
  await catchUp();
}

window.addEventListener("online", () => catchUp().catch(() => {}));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) catchUp().catch(() => {});
});
start().catch(() => say("The assistant cannot be reached. Please reload the page, or call the clinic.", true));
