// Starts the page: languages, tabs, light and dark, and the stream of what happens.
import { drawChat, fit, loadChat, setTyping, updateMessage } from "./chat.js";
import { loadPanel, wakePanel } from "./panel.js";
import { drawPeople, refreshPeople, startPeople } from "./people.js";
import { closeSheet } from "./sheets.js";
import { drawStage, setClock } from "./stage.js";
import { ask, customer, fillTexts, keep, state } from "./state.js";
import { TEXTS } from "./texts.js";

const find = (id) => document.getElementById(id);
let stream = null;

function drawAll() {
  fillTexts();
  find("business").textContent = state.business;
  find("pages").hidden = !state.pages;
  find("pages").href = `${state.pages}/`;
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  drawPeople();
  drawChat();
  drawStage();
  fit();
}

/** Follows the sandbox; while the page is visible, the open chat counts as being read. */
function follow() {
  stream?.close();
  const seen = document.hidden ? "" : encodeURIComponent(customer()?.id ?? "");
  let broken = false;
  stream = new EventSource(`/control/live?customer=${seen}`);
  stream.addEventListener("message", (event) => happen(JSON.parse(event.data)));
  stream.addEventListener("error", () => { broken = true; });
  stream.addEventListener("open", () => { if (broken) reload(); broken = false; });
}

function happen(event) {
  const here = event.customer === customer()?.id;
  if (event.kind === "message") {
    if (here) {
      updateMessage(event.message);
      wakePanel();
    }
    refreshPeople();
  } else if (event.kind === "typing") {
    if (here) setTyping(event.seconds);
  } else if (event.kind === "clock") {
    ask("GET", "/control/clock").then((answer) => answer && setClock(answer));
    wakePanel();
  } else if (event.kind === "down") {
    state.down = event.on;
    drawStage();
  } else if (event.kind === "customers") {
    refreshPeople(drawStage);
  } else if (event.kind === "reset") reload();
}

async function reload() {
  const fresh = await ask("GET", "/control/state");
  if (!fresh) return;
  state.customers = fresh.customers;
  state.down = fresh.down;
  setClock(fresh);
  drawPeople();
  drawStage();
  await loadChat();
  wakePanel();
}

function chosen() {
  closeSheet();
  setTyping(0);
  loadChat();
  loadPanel();
  drawStage();
  follow();
  showTab("phone", false);
}

export function showTab(name, focus = true) {
  document.body.dataset.tab = name;
  for (const tab of document.querySelectorAll(".tabs [role=tab]")) {
    const on = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    if (on && focus) tab.focus();
  }
  if (name === "knows") wakePanel();
}

const tabs = [...document.querySelectorAll(".tabs [role=tab]")];
for (const tab of tabs) {
  tab.addEventListener("click", () => showTab(tab.dataset.tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) showTab(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length].dataset.tab);
  });
}
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    if (!(button.dataset.language in TEXTS)) return;
    state.language = button.dataset.language;
    keep("language", state.language);
    drawAll();
    loadPanel();
  });
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  keep("theme", theme);
}
const dark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
find("theme").addEventListener("click", () => setTheme(dark() ? "light" : "dark"));
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* private window */ }

document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", () => stream?.close());

startPeople(chosen);
showTab("phone", false);
drawAll();
loadChat();
loadPanel();
follow();
