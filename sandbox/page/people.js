// Whose phone it is: the list beside the phone, the strip above it on small screens.
import { avatar, h, showTime } from "./dom.js";
import { ask, customer, keep, sayOccasion, state, t } from "./state.js";

const list = document.getElementById("people");
const strip = document.getElementById("strip");
const KIND_WORDS = { image: "📷", audio: "🎤", location: "📍", video: "🎬", document: "📄", contacts: "👤", sticker: "🩵" };

let choose = () => {};
let waiting = 0;

/** choose is called after another customer was picked. */
export function startPeople(chosen) {
  choose = chosen;
  drawPeople();
  showFace();
}

export function drawPeople() {
  const here = customer()?.id;
  list.replaceChildren(...state.customers.map((one) => row(one, one.id === here)));
  strip.replaceChildren(...state.customers.map((one) => face(one, one.id === here)));
  const unread = state.customers.reduce((sum, one) => sum + (one.id === here ? 0 : one.unread), 0);
  const badge = document.getElementById("tab-unread");
  badge.hidden = !unread;
  badge.textContent = unread;
  document.title = unread ? `(${unread}) ${state.business}` : state.business;
}

const first = (one) => one.name.split(" ")[0];
const badge = (one) => (one.unread ? h("b.badge", { "aria-label": `${one.unread} ${t("unread")}` }, String(one.unread)) : null);
const pick = (one) => () => {
  state.current = one.id;
  keep("customer", one.id);
  drawPeople();
  showFace();
  choose();
};

/** The strip is wider than a phone: brings the chosen face into view. */
const showFace = () => strip.querySelector(".here")?.scrollIntoView({ block: "nearest", inline: "nearest" });

function row(one, here) {
  const address = one.phone ?? `${one.username ?? one.user_id}`;
  const last = one.last ? `${KIND_WORDS[one.last.kind] ?? ""} ${one.last.text ?? ""}`.trim() : sayOccasion(one) || address;
  return h("li", {}, h(`button.person${here ? ".here" : ""}`, { type: "button", "aria-current": here ? "true" : null, onclick: pick(one), title: one.phone ?? t("no_number") },
    avatar(one),
    h("span.who", {}, h("b", {}, one.name, h("em", {}, one.language)), h("small", {}, last)),
    h("span.when", {}, one.last ? h("time", {}, showTime(one.last.at)) : null, badge(one))));
}

function face(one, here) {
  return h("li", {}, h(`button.face${here ? ".here" : ""}`, { type: "button", "aria-current": here ? "true" : null, onclick: pick(one) },
    h("span.ring", {}, avatar(one), badge(one)), h("span", {}, first(one))));
}

/** Asks for the customers again, soon; many calls make one request. */
export function refreshPeople(after = () => {}) {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const customers = await ask("GET", "/control/customers");
    if (!customers) return;
    state.customers = customers;
    drawPeople();
    after();
  }, 120);
}
