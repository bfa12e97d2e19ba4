// Small tools: elements, icons, times, WhatsApp's own text marks. Text only ever enters as text, never as HTML.
import { t, state } from "./state.js";

/** An element: h("p.note", {title: "x", onclick: f}, "text", child). */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function icon(name, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `icon icon-${name}`);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/page/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export const setIcon = (holder, name) => holder.querySelector("use").setAttribute("href", `/page/icons.svg#${name}`);

const MARKS = /(https?:\/\/[^\s<>]+[^\s<>.,;:!?)])|(?<![\p{L}\d])(?:\*([^*\n]+)\*|_([^_\n]+)_|~([^~\n]+)~)(?![\p{L}\d])|```([^`]+)```/gu;

/** WhatsApp's marks: *bold*, _italic_, ~struck~, ```mono```, links. */
export function rich(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(MARKS)) {
    nodes.push(text.slice(end, match.index));
    const [whole, link, bold, italic, struck, mono] = match;
    if (link) nodes.push(h("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, link));
    else if (mono !== undefined) nodes.push(h("code", {}, mono));
    else nodes.push(h(bold ? "b" : italic ? "i" : "s", {}, ...rich(bold ?? italic ?? struck)));
    end = match.index + whole.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

const asDate = (at) => new Date(typeof at === "number" ? at * 1000 : at);
const show = (at, options) => new Intl.DateTimeFormat(state.language === "en" ? "en-GB" : state.language, options).format(asDate(at));

export const showTime = (at) => show(at, { hour: "2-digit", minute: "2-digit" });
export const showDate = (at) => show(at, { day: "numeric", month: "short", year: "numeric" });
export const showLongDate = (at) => show(at, { weekday: "short", day: "numeric", month: "short" });
export const showMoment = (at) => `${show(at, { day: "numeric", month: "short" })}, ${showTime(at)}`;
export const showNumber = (value, options) => new Intl.NumberFormat(state.language === "en" ? "en-GB" : state.language, { useGrouping: "always", ...options }).format(value);

/** Whole calendar days from the sandbox's today to a date. */
export function daysUntil(on) {
  const today = asDate(now());
  const [year, month, day] = on.slice(0, 10).split("-").map(Number);
  return Math.round((Date.UTC(year, month - 1, day) - Date.UTC(today.getFullYear(), today.getMonth(), today.getDate())) / 864e5);
}

export function showDay(at) {
  const days = -daysUntil(new Date(at * 1000 - asDate(at).getTimezoneOffset() * 60000).toISOString());
  return days === 0 ? t("today") : days === 1 ? t("yesterday") : showLongDate(at);
}

export function showSpan(seconds) {
  const hours = Math.floor(seconds / 3600);
  if (hours >= 24) return t("in_days", { n: Math.floor(hours / 24), h: hours % 24 });
  return t("in_hours", { h: hours, m: Math.floor((seconds % 3600) / 60) });
}

/** The sandbox's time, in unix seconds. */
export const now = () => Date.now() / 1000 + state.ahead;

/** A steady colour for a name. */
export function hue(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return (sum * 137) % 360;
}

export function avatar(customer) {
  const initials = /^[+\d]/.test(customer.name) ? customer.name.slice(-2) : customer.name.split(/\s+/).slice(0, 2).map((word) => word[0]).join("");
  const face = h("span.avatar", { "aria-hidden": "true" }, initials.toUpperCase());
  face.style.setProperty("--hue", hue(customer.id));
  return face;
}
