// The stage: the clock, and what may happen to a customer or to WhatsApp.
import { now, showLongDate, showSpan, showTime } from "./dom.js";
import { showPresence } from "./chat.js";
import { ask, customer, path, sayOccasion, state, t } from "./state.js";

const find = (id) => document.getElementById(id);
const switches = { stop: find("stop"), off: find("off"), down: find("down") };
let note = 0;

export function drawStage() {
  const who = customer();
  set(switches.stop, who?.preference === "stop");
  set(switches.off, who?.reachable === false);
  set(switches.down, state.down);
  find("occasion").textContent = sayOccasion(who);
  showPresence();
  document.body.classList.toggle("is-down", state.down);
  drawClock();
}

const set = (button, on) => button.setAttribute("aria-checked", String(Boolean(on)));
const isOn = (button) => button.getAttribute("aria-checked") === "true";

export function drawClock() {
  const time = showTime(now());
  for (const id of ["clock", "status-time"]) if (find(id).textContent !== time) find(id).textContent = time;
  find("date").textContent = showLongDate(now());
  find("moved").hidden = state.moved < 1;
  find("moved").textContent = t("moved", { what: showSpan(state.moved) });
}

export function setClock(answer) {
  state.ahead = answer.now - Date.now() / 1000;
  if (answer.moved_seconds !== undefined) state.moved = answer.moved_seconds;
  drawClock();
}

async function move(seconds) {
  const answer = await ask("POST", "/control/clock", { seconds });
  if (answer) setClock(answer);
}

async function writeFirst() {
  const button = find("first");
  button.disabled = true;
  const answer = await ask("POST", path(customer().id, "/first"));
  button.disabled = false;
  showNote(answer);
}

function showNote(answer) {
  const line = find("first-note");
  const why = typeof answer?.answer?.detail === "string" ? answer.answer.detail : "";
  const agreed = answer?.state !== "refused" || !why.includes("agreed");
  const key = answer?.answer?.repeated ? "first_repeated" : `first_${agreed ? (answer?.state ?? "down") : "no_consent"}`;
  line.textContent = t(key, { why });
  line.classList.toggle("good", key === "first_ok");
  clearTimeout(note);
  note = setTimeout(() => { line.textContent = ""; }, 9000);
}

for (const button of document.querySelectorAll("[data-move]")) button.addEventListener("click", () => move(Number(button.dataset.move)));
find("first").addEventListener("click", writeFirst);
switches.stop.addEventListener("click", async () => {
  set(switches.stop, !isOn(switches.stop));
  await ask("POST", path(customer().id, "/preference"), { value: isOn(switches.stop) ? "stop" : "resume" });
});
switches.off.addEventListener("click", async () => {
  set(switches.off, !isOn(switches.off));
  await ask("PATCH", path(customer().id), { reachable: !isOn(switches.off) });
});
switches.down.addEventListener("click", async () => {
  const answer = await ask("POST", "/control/down", { on: !state.down });
  if (answer) state.down = answer.on;
  drawStage();
});
setInterval(drawClock, 1000);
