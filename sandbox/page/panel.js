// What Pronto knows about the customer, as its own API tells it.
import { avatar, daysUntil, h, icon, now, rich, showDate, showMoment, showNumber, showSpan, showTime } from "./dom.js";
import { ask, customer, path, state, t, word } from "./state.js";

const panel = document.getElementById("panel");
const QUICK_MS = 1500;
const CALM_MS = 10_000;
const LIVELY_MS = 60_000;
const STATE_ICONS = { queued: "clock", sending: "send", unknown: "alert", accepted: "tick", sent: "tick", delivered: "ticks", read: "ticks", failed: "cross", blocked: "cross", cancelled: "cross", expired: "cross", held_for_quality_assessment: "clock" };

let last = "";
let timer = 0;
let lively = Date.now();
let turn = 0;

/** Asks Pronto now, and more often for a while. */
export function wakePanel() {
  lively = Date.now();
  clearTimeout(timer);
  timer = setTimeout(loadPanel, 250);
}

export async function loadPanel() {
  clearTimeout(timer);
  const mine = ++turn;
  const who = customer();
  if (who && !document.hidden) {
    const answer = (await ask("GET", path(who.id, `/pronto?language=${state.language}`))) ?? { state: "down" };
    if (mine !== turn) return;
    const text = JSON.stringify([answer, state.language, who.id, who.window_until, Math.floor(now() / 60)]);
    if (text !== last) drawPanel(answer, who);
    last = text;
  }
  timer = setTimeout(loadPanel, Date.now() - lively < LIVELY_MS ? QUICK_MS : CALM_MS);
}

function drawPanel({ state: how, contact }, who) {
  if (how !== "ok" || !contact) {
    const name = { unknown: "unknown", refused: "refused" }[how] ?? "down";
    const card = h(`div.card.empty.${name}`, {}, icon(name === "unknown" ? "person" : "cloud-off"), h("h3", {}, t(`${name}_title`)), h("p", {}, t(`${name}_text`)));
    return panel.replaceChildren(card);
  }
  const parts = [handoff(contact), identity(contact, who), score(contact.score), contracts(contact.contract), events(contact.events), answers(contact.answers), turns(contact.turns), outbox(contact.outbox)];
  const scroll = panel.parentElement.scrollTop;
  panel.replaceChildren(...parts.filter(Boolean));
  panel.parentElement.scrollTop = scroll;
}

const card = (kind, title, picture, ...content) => h(`section.card.${kind}`, {}, title ? h("h3", {}, picture ? icon(picture) : null, title) : null, ...content);
const nothing = (key) => h("p.note", {}, t(key));

function handoff(contact) {
  if (!contact.handoff) return null;
  const since = t("handoff_since", { reason: word("reason", contact.handoff.reason), at: showTime(contact.handoff.opened_at) });
  return h("section.card.handoff", { role: "status" }, icon("person"), h("div", {}, h("h3", {}, t("handoff")), h("p", {}, since)));
}

function identity(contact, who) {
  const where = [contact.postcode, contact.place, contact.region].filter((part, at, all) => part && all.indexOf(part) === at).join(" · ");
  const open = contact.window_until ? Date.parse(contact.window_until) / 1000 - now() : 0;
  return card("identity", null, null,
    avatar({ id: who.id, name: contact.name || who.name }),
    h("div.lines", {},
      h("h3", {}, contact.name || who.name, contact.language ? h("em", {}, contact.language) : null),
      h("p", {}, contact.phone ?? t("no_number"), contact.user_id ? h("span.dim", {}, ` · ${contact.user_id}`) : null),
      where ? h("p", {}, where) : null),
    h("div.chips", {},
      h(`span.chip.${open > 0 ? "good" : "dull"}`, {}, icon("clock"), open > 0 ? t("window_open", { time: showSpan(open) }) : t("window_closed")),
      consent(contact.consent)));
}

function consent(value) {
  const marketing = value?.marketing;
  const name = value?.platform === "stop" ? "consent_stop" : marketing?.given ? "consent_yes" : marketing ? "consent_ended" : "consent_no";
  const kind = { consent_stop: "bad", consent_yes: "good", consent_ended: "bad" }[name] ?? "dull";
  return h(`span.chip.${kind}`, { title: marketing?.wording ?? null }, icon(kind === "good" ? "check" : "bell-off"), t(name));
}

function score(value) {
  if (!value) return null;
  const points = Number(value.points);
  const bar = h("div.bar", { role: "meter", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": points, "aria-label": t("score") }, h("i"));
  bar.style.setProperty("--points", `${Math.max(0, Math.min(100, points))}%`);
  const receipt = value.receipt ?? [];
  const rows = receipt.map((line) => h("li", {},
    h("span.what", {}, h("b", {}, word("rule", line.rule)), h("small", {}, fact(line))),
    h(`span.points.${line.points < 0 ? "minus" : "plus"}`, {}, `${line.points > 0 ? "+" : "−"}${Math.abs(line.points)}`)));
  return card(`score.${value.band ?? "low"}`, t("score"), "bolt",
    h("div.figure", {}, h("strong", {}, String(points)), h("span", {}, "/100"), h("em.band", {}, word("band", value.band))),
    bar,
    h("div.receipt", {}, h("h4", {}, t("receipt")),
      receipt.length ? h("ul", {}, ...rows) : nothing("no_rules"),
      h("p.total", {}, h("span", {}, t("total")), h("b", {}, `${points} ${t("points")}`)),
      value.computed_at ? h("p.small", {}, t("computed", { at: showMoment(value.computed_at), version: value.version ?? "" })) : null));
}

const fact = (line) => line.words ?? [typeof line.fact === "string" ? line.fact : null, line.on ? showDate(line.on) : null].filter(Boolean).join(" · ");

/** An answer as people write it. */
function value(one) {
  if (one.name === "yearly_kwh" && Number(one.value)) return `${showNumber(one.value)} kWh`;
  return word("value", one.value ?? "");
}

function contracts(list) {
  if (!list?.length) return null;
  return card("contract", t("contract"), "bill", h("ul.lines", {}, ...list.map((one) => {
    const days = one.expires_on ? daysUntil(one.expires_on) : null;
    const due = days === null ? "" : days > 0 ? t("expires_in", { days }) : days === 0 ? t("expires_today") : t("expired", { on: showDate(one.expires_on) });
    const figures = [one.yearly_kwh ? `${showNumber(one.yearly_kwh)} kWh` : null, one.yearly_cost ? money(one) : null].filter(Boolean).join(" · ");
    return h("li", {}, h("b", {}, [word("kind", one.kind), one.supplier].filter(Boolean).join(" · ")), h(`span.${days !== null && days >= 0 && days <= 60 ? "soon" : "dim"}`, {}, due), figures ? h("small", {}, figures) : null);
  })));
}

function money(one) {
  const options = { style: "currency", currency: one.currency || "EUR", maximumFractionDigits: 0 };
  return showNumber(one.yearly_cost, options);
}

/** What the event is about: the things in a cart, a product with its size, a reason, the customer's own words. */
function about({ data }) {
  const items = Array.isArray(data?.items) ? data.items.map((one) => [one.quantity > 1 ? `${one.quantity} ×` : null, one.name || one.sku].filter(Boolean).join(" ")) : [];
  const product = [data?.sku, data?.size].filter(Boolean).join(" · ");
  return [...items, product, data?.reason, data?.offer_code, data?.sentence ? `“${data.sentence}”` : null].filter(Boolean).join(", ");
}

function events(list) {
  if (!list?.length) return null;
  const rows = newest(list, "at", 6).map((one) => h("li", {},
    h("span.what", {}, h("b", {}, word("event", one.kind)), h("small", {}, about(one))), h("span.dim", {}, showMoment(one.at))));
  return card("events", t("events"), "list", h("ul", {}, ...rows));
}

function answers(list) {
  if (!list) return null;
  const rows = list.flatMap((one) => [h("dt", {}, word("name", one.name)), h("dd", { title: one.sentence || null }, value(one), one.sentence ? h("small", {}, `“${one.sentence}”`) : null)]);
  return card("answers", t("answers"), "chat", rows.length ? h("dl", {}, ...rows) : nothing("no_answers"));
}

const newest = (list, key, most) => [...list].sort((one, other) => (other[key] ?? "").localeCompare(one[key] ?? "") || (other.id ?? 0) - (one.id ?? 0)).slice(0, most);

function turns(list) {
  if (!list) return null;
  const rows = newest(list, "started_at", 5).map((one) => h("li", {},
    one.text?.startsWith("/") ? h("p.tapped", {}, icon("reply"), one.text.slice(1).split("{")[0].replaceAll("_", " ")) : h("p.said", {}, one.text || "…"),
    h("p.tags", {},
      one.intent ? intent(one) : h("span.tag", {}, word("decision", one.decision)),
      one.open_question ? h("span.dim", {}, t("asks", { slot: word("name", one.open_question.slot ?? one.open_question) })) : null,
      h("span.end", {}, one.language ? h("span.dim", {}, one.language) : null, one.milliseconds === null || one.milliseconds === undefined ? null : h("span.dim", {}, t("ms", { n: Math.round(one.milliseconds) }))))));
  return card("turns", t("turns"), "brain", rows.length ? h("ol", {}, ...rows) : nothing("no_turns"));
}

function intent(one) {
  const sure = Math.round(Number(one.confidence ?? 0) * 100);
  const tag = h(`span.tag.intent${sure < 60 ? ".unsure" : ""}`, { title: `${sure} %` }, one.intent, h("small", {}, `${sure} %`));
  tag.style.setProperty("--sure", `${sure}%`);
  return tag;
}

function outbox(list) {
  if (!list) return null;
  const rows = newest(list, "created_at", 6).map((one) => h(`li.${one.state}`, {},
    icon(STATE_ICONS[one.state] ?? "clock"),
    h("span.what", {}, h("b", {}, ...rich((one.text || word("kind", one.kind)).replaceAll("\n", " "))), h("small", {}, [word("kind", one.kind), one.created_at ? showTime(one.created_at) : null, one.reason ? word("hold", one.reason) : null].filter(Boolean).join(" · "))),
    h("span.tag", {}, word("state", one.state))));
  return card("outbox", t("outbox"), "inbox", rows.length ? h("ul", {}, ...rows) : nothing("no_outbox"));
}
