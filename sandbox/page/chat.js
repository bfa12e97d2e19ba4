// The open chat: loading it, keeping it up to date, writing and tapping.
import { bubble } from "./bubble.js";
import { h, icon, setIcon, showDay } from "./dom.js";
import { openAttach, openList } from "./sheets.js";
import { ask, customer, path, state, t } from "./state.js";
import { TEXTS } from "./texts.js";

const log = document.getElementById("log");
const text = document.getElementById("text");
const go = document.getElementById("go");
const toEnd = document.getElementById("to-end");
const presence = document.getElementById("presence");

let messages = new Map();
let typingTimer = 0;
let typing = false;
let stuck = true; // the newest message stays in view until someone scrolls up
let lastTop = 0;
let loading = 0;

const onPhone = (message) => message.side === "mine" || ["delivered", "read", "played"].includes(message.state);
const nearEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 60;
const sorted = () => [...messages.values()].filter(onPhone).sort((one, other) => one.seq - other.seq);

/** Loads the chat of the current customer and draws it anew. */
export async function loadChat() {
  const turn = ++loading;
  const who = customer();
  if (!who) return;
  const chat = await ask("GET", path(who.id, "/chat"));
  if (turn !== loading || !chat) return;
  messages = new Map(chat.messages.map((message) => [message.id, message]));
  setTyping(chat.customer.typing);
  drawChat();
}

export function drawChat() {
  const shown = sorted();
  const nodes = [h("p.notice", {}, icon("lock"), t("privacy"))];
  let day = "";
  for (const message of shown) {
    if (message.kind === "reaction") continue;
    const its = showDay(message.at);
    if (its !== day) nodes.push(h("p.day", {}, its));
    day = its;
    nodes.push(makeBubble(message));
  }
  if (!shown.length) nodes.push(welcome());
  if (typing) nodes.push(dots());
  log.replaceChildren(...nodes);
  shown.forEach(markReaction);
  markGroups();
  toBottom(false);
}

function welcome() {
  const texts = TEXTS[customer()?.language] ?? TEXTS.en;
  const example = texts[`try_${customer()?.template}`] ?? texts.try_it; // a customer writes in the customer's language
  return h("div.welcome", {}, h("p", {}, t("hello")), h("button.chip", { type: "button", onclick: () => send({ text: example }) }, example));
}

const makeBubble = (message) => bubble(message, (id) => messages.get(id), tapped);

/** A message came or changed its state. */
export function updateMessage(message) {
  const known = messages.get(message.id);
  messages.set(message.id, message);
  if (!onPhone(message)) return;
  const stay = stuck || message.side === "mine";
  const old = log.querySelector(`[data-group="${CSS.escape(message.id)}"]`);
  if (message.kind === "reaction") return markReaction(message);
  if (message.side === "theirs") setTyping(0);
  if (old && known?.text === message.text) {
    old.querySelector(".bubble").replaceWith(makeBubble(message).querySelector(".bubble")); // its buttons keep the focus
    markReactionsOf(message.id);
  } else if (sorted().at(-1)?.id === message.id && log.querySelector(".group")) {
    const last = log.lastElementChild?.matches(".dots") ? log.lastElementChild : null;
    const node = makeBubble(message);
    node.classList.add("new");
    log.insertBefore(node, last);
    buzz(message);
  } else {
    drawChat();
    log.lastElementChild?.classList.add("new");
  }
  markGroups();
  if (stay) toBottom(true);
}

function buzz(message) {
  if (message.side === "theirs" && !stuck) toEnd.classList.add("has-new");
}

/** Bubbles of one side in a row share one tail, and questions that were answered lose their buttons' colour. */
function markGroups() {
  let before = "";
  for (const node of log.children) {
    if (!node.matches(".group")) { before = ""; continue; }
    const side = node.classList.contains("mine") ? "mine" : "theirs";
    node.classList.toggle("first", side !== before);
    before = side;
  }
  const answered = new Set([...messages.values()].filter((one) => one.side === "mine").map((one) => one.quote));
  for (const taps of log.querySelectorAll(".taps")) {
    const done = answered.has(taps.parentElement.dataset.group);
    for (const button of taps.querySelectorAll("button.tap")) button.disabled = done;
  }
}

function markReaction(message) {
  if (message.kind !== "reaction") return;
  const group = log.querySelector(`[data-group="${CSS.escape(message.quote ?? "")}"] .bubble`);
  if (!group) return;
  group.querySelector(".reaction")?.remove();
  if (message.text) group.append(h("span.reaction", {}, message.text));
}

const markReactionsOf = (id) => sorted().filter((one) => one.kind === "reaction" && one.quote === id).forEach(markReaction);

function dots() {
  return h("div.group.theirs.dots.first", { role: "status", "aria-label": t("typing") }, h("div.bubble.theirs", {}, h("i"), h("i"), h("i")));
}

/** Shows that Pronto types, for so many seconds; 0 ends it. */
export function setTyping(seconds) {
  clearTimeout(typingTimer);
  const was = typing;
  typing = seconds > 0;
  if (typing) typingTimer = setTimeout(() => setTyping(0), seconds * 1000);
  showPresence();
  if (was === typing) return;
  log.querySelector(".dots")?.remove();
  if (typing) {
    log.append(dots());
    if (stuck) toBottom(true);
  }
}

export function showPresence() {
  presence.textContent = state.down || customer()?.reachable === false ? t("connecting") : typing ? t("typing") : t("online");
  presence.classList.toggle("typing", typing && !state.down);
}

function toBottom(smooth) {
  stuck = true;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  log.scrollTo({ top: log.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
}

/** The customer sends something; a page shows it when the sandbox tells so. */
export async function send(message) {
  await ask("POST", "/control/inbound", { customer: customer().id, ...message });
}

function tapped(message, button) {
  if (button.kind === "list") return openList(message, button.title, (row) => send({ kind: "list_reply", id: row.id, title: row.title, description: row.description ?? null, reply_to: message.id }));
  if (button.kind === "quick_reply") return send({ kind: "button", payload: button.id, text: button.title, reply_to: message.id });
  if (button.kind === "reply") return send({ kind: "button_reply", id: button.id, title: button.title, reply_to: message.id });
  if (button.kind === "location_request_message") return openAttach(send);
  if (button.kind === "request_contact_info") return shareContact(message);
  return null;
}

function shareContact(message) {
  const who = customer();
  const phone = who.phone ?? "+390200000099";
  const node = [{ name: { formatted_name: who.name, first_name: who.name.split(" ")[0] }, phones: [{ phone, type: "CELL" }], origin: "contact_request" }];
  return send({ kind: "contacts", node, reply_to: message.id });
}

function sendTyped(event) {
  event?.preventDefault();
  const typed = text.value.trim();
  if (!typed) return send({ media: `voice-${customer().language}.ogg` });
  text.value = "";
  fit();
  return send({ text: typed });
}

/** The field grows with its text; the button is a microphone while there is none. */
export function fit() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 120)}px`;
  const empty = !text.value.trim();
  setIcon(go, empty ? "mic" : "send");
  go.setAttribute("aria-label", t(empty ? "send_voice" : "send"));
}

document.getElementById("composer").addEventListener("submit", sendTyped);
document.getElementById("attach").addEventListener("click", () => openAttach(send));
text.addEventListener("input", fit);
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) sendTyped(event);
});
toEnd.addEventListener("click", () => toBottom(true));
log.addEventListener("scroll", () => {
  if (nearEnd()) stuck = true;
  else if (log.scrollTop < lastTop - 2) stuck = false;
  lastTop = log.scrollTop;
  toEnd.hidden = stuck;
  if (stuck) toEnd.classList.remove("has-new");
}, { passive: true });
new ResizeObserver(() => { if (stuck) toBottom(false); }).observe(log);

