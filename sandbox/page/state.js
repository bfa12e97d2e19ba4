// What the page knows, how it asks the sandbox, and its words.
import { TEXTS } from "./texts.js";

const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
export const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };

export const start = JSON.parse(document.getElementById("state").textContent) ?? { customers: [], business: "Pronto" };

const asked = new URLSearchParams(location.search).get("lang");
const wished = [asked, kept("language"), ...(navigator.languages ?? [])].map((tag) => (tag ?? "").slice(0, 2));

export const state = {
  language: wished.find((tag) => tag in TEXTS) ?? "en",
  business: start.business,
  pages: start.pages ?? "",
  customers: start.customers,
  current: kept("customer"),
  ahead: (start.now ?? Date.now() / 1000) - Date.now() / 1000,
  moved: start.moved_seconds ?? 0,
  down: start.down ?? false,
};

/** A text of the page; values fill {placeholders}. An unknown key gives undefined. */
export function t(key, values = {}) {
  return TEXTS[state.language][key]?.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A word of the page's own, or the raw name made readable. */
export const word = (prefix, name) => t(`${prefix}_${name}`) ?? String(name ?? "").replaceAll("_", " ");

export const customer = () => state.customers.find((one) => one.id === state.current) ?? state.customers[0];

/** Why Pronto may write to this person first; nothing where there is no reason. */
export const sayOccasion = (who) => (who?.template ? word("occasion", who.template) : "");

export const path = (key, rest = "") => `/control/customers/${encodeURIComponent(key)}${rest}`;

/** JSON from the sandbox; null if it does not answer or refuses. */
export async function ask(method, address, body) {
  try {
    const answer = await fetch(address, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Fills every text of the page's own HTML in the current language. */
export function fillTexts() {
  document.documentElement.lang = state.language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of document.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
}
