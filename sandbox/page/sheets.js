// The sheets that rise from the bottom of the phone: choosing from a list, attaching something.
import { h, icon } from "./dom.js";
import { customer, t } from "./state.js";

const sheet = document.getElementById("sheet");

const PLACES = {
  it: { latitude: 44.4949, longitude: 11.3426, name: "Piazza Maggiore", address: "40124 Bologna" },
  de: { latitude: 52.5219, longitude: 13.4132, name: "Alexanderplatz", address: "10178 Berlin" },
  en: { latitude: 45.4642, longitude: 9.19, name: "Piazza del Duomo", address: "20121 Milano" },
};

function open(title, ...content) {
  const close = h("button.plain", { type: "button", "aria-label": t("close"), onclick: () => sheet.close() }, icon("down"));
  sheet.replaceChildren(h("header", {}, close, h("h3", { id: "sheet-title" }, title)), ...content);
  sheet.show();
  sheet.querySelector("input, .attach button")?.focus();
}

/** The rows of a list message; choose gets the chosen row. */
export function openList(message, title, choose) {
  const sections = message.sections.map((section) => h("fieldset", {},
    section.title ? h("legend", {}, section.title) : null,
    ...section.rows.map((row) => h("label.choice", {},
      h("span", {}, h("b", {}, row.title), row.description ? h("small", {}, row.description) : null),
      h("input", { type: "radio", name: "row", value: row.id, onchange: () => { button.disabled = false; } })))));
  const button = h("button.primary", { type: "submit", disabled: true }, t("send"));
  const rows = message.sections.flatMap((section) => section.rows);
  const form = h("form.rows", { method: "dialog", onsubmit: () => choose(rows.find((row) => row.id === new FormData(form).get("row"))) }, h("div.scroll", {}, ...sections), button);
  open(title, form);
}

/** What can be attached; send gets the message. */
export function openAttach(send) {
  const { language } = customer();
  const things = [
    ["location", "pin", { location: PLACES[language] ?? PLACES.it }],
    ["meter", "meter", { media: "meter.jpg" }],
    ["bill", "bill", { media: "bill.jpg" }],
    ["voice", "mic", { media: `voice-${language in PLACES ? language : "it"}.ogg` }],
  ];
  const buttons = things.map(([name, picture, message]) => h(`button.a-${name}`, { type: "button", onclick: () => { sheet.close(); send(message); } },
    h("i", {}, icon(picture)), h("span", {}, t(name))));
  open(t("attach"), h("div.attach", {}, ...buttons));
}

sheet.addEventListener("keydown", (event) => {
  if (event.key === "Escape") sheet.close();
});
document.getElementById("log").addEventListener("click", (event) => {
  if (sheet.open && !event.target.closest(".tap")) sheet.close();
});
sheet.addEventListener("close", () => document.getElementById("text").focus({ preventScroll: true }));
export const closeSheet = () => sheet.close();
