// The inbox: opening conversations, the box one writes in, keys, and times that stay true.
const root = () => document.querySelector(".inbox");
const find = (what) => root()?.querySelector(what);
const log = () => document.getElementById("log");
const box = () => document.getElementById("reply");
const composer = () => find(".composer");
const draftOf = (token) => `draft:${token}`;
let token = "";
let ahead = 0; // how much the server's clock is ahead of this one, in seconds
let asked = null; // the conversation that was asked for and has not come yet
let afterGo = 0;

const now = () => Date.now() / 1000 + ahead;
const atEnd = () => { const one = log(); return one && one.scrollHeight - one.scrollTop - one.clientHeight < 80; };
const toEnd = () => { const one = log(); if (one) one.scrollTop = one.scrollHeight; };
const show = (what) => { if (root()) root().dataset.shows = what; };

function choose(next, push = true) {
  if (!next && !token) return show("list");
  if (push) history.pushState({}, "", next ? `/inbox?chat=${encodeURIComponent(next)}` : "/inbox");
  show(next ? "chat" : "list");
  if (next === token) return;
  token = asked = next;
  markChosen();
  emitEvent("inbox-choose", next);
}

// Chats stay at their end while new messages come, unless one has scrolled up to read.
let stuck = true;
const watchLog = () => {
  if (!log()) return void setTimeout(watchLog, 50);
  ahead = Number(root().dataset.now) - Date.now() / 1000;
  log().addEventListener("scroll", () => { stuck = atEnd(); }, {passive: true});
  new MutationObserver(() => { if (stuck) toEnd(); tick(); }).observe(log(), {childList: true, subtree: true});
  new MutationObserver(() => { markChosen(); tick(); }).observe(find(".queue-list"), {childList: true, subtree: true});
  new MutationObserver(tick).observe(find(".chat-head"), {childList: true, subtree: true});
  new ResizeObserver(() => { if (stuck) toEnd(); }).observe(log());
  tick();
};

function markChosen() {
  for (const line of root()?.querySelectorAll("[data-token]") ?? []) {
    line.dataset.token === token ? line.setAttribute("aria-current", "true") : line.removeAttribute("aria-current");
  }
}

function setMode(mode) {
  const form = composer();
  if (!form) return;
  if (mode === "reply" && form.dataset.may !== "reply") mode = "note";
  form.dataset.writes = mode;
  for (const one of form.querySelectorAll("button[data-mode]")) one.setAttribute("aria-pressed", one.dataset.mode === mode);
  box().placeholder = box().dataset[mode];
}

function grow() {
  box().style.height = "auto";
  box().style.height = `${Math.min(box().scrollHeight + 2, 200)}px`;
}

function write(text) {
  box().value = text;
  if (token) text ? sessionStorage.setItem(draftOf(token), text) : sessionStorage.removeItem(draftOf(token));
  grow();
}

function makeKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(16).padStart(2, "0")).join("");
}

function send() {
  const form = composer();
  const text = box().value;
  if (!text.trim() || !token || asked !== null) return;
  if (!window.socket?.connected) return; // the text stays where it is until the connection is back
  emitEvent("inbox-send", {token, text, key: makeKey(), mode: form.dataset.writes});
  box().value = "";
  grow();
}

window.inbox = {
  opened(next) {
    if (next && asked !== null && next !== asked) return; // another one was chosen meanwhile
    const typed = token ? "" : (box()?.value ?? ""); // before the page was ready
    token = next;
    asked = null;
    markChosen();
    stuck = true;
    if (!box()) return;
    setMode("reply");
    write((token && sessionStorage.getItem(draftOf(token))) || typed);
    toEnd();
    requestAnimationFrame(toEnd);
    tick();
  },
  fit() { requestAnimationFrame(() => { setMode(composer()?.dataset.writes ?? "reply"); if (stuck) toEnd(); }); },
  sent(of) {
    if (of !== token || !box().value) sessionStorage.removeItem(draftOf(of));
    stuck = true;
    toEnd();
  },
  giveBack(of, text) {
    if (of === token) write([text, box().value].filter(Boolean).join("\n"));
    else sessionStorage.setItem(draftOf(of), text);
  },
  lookSoon() { setTimeout(() => window.emitEvent?.("inbox-look"), 9000); }, // who stopped writing says nothing
  // Lines keep their place and focus unless they changed.
  showLines(order, changed, nothing) {
    const list = find(".queue-list ul");
    if (!list) return;
    const lines = new Map([...list.children].map((line) => [line.dataset.line, line]));
    let after = null;
    for (const name of order) {
      const line = lines.get(name) ?? Object.assign(document.createElement("li"), {innerHTML: changed[name]});
      line.dataset.line = name;
      if (lines.has(name) && name in changed) {
        const focused = line.contains(document.activeElement);
        line.innerHTML = changed[name];
        if (focused) line.querySelector("a").focus();
      }
      const place = after ? after.nextSibling : list.firstChild;
      if (place !== line) list.insertBefore(line, place);
      lines.delete(name);
      after = line;
    }
    for (const gone of lines.values()) gone.remove();
    const none = find(".queue-list .nothing");
    none.textContent = nothing;
    none.hidden = !nothing;
  },
  showUnread(count) { document.title = document.title.replace(/^(\(\d+\) )?/, count ? `(${count}) ` : ""); },
  clearSearch() { const field = find("input[type=search]"); if (field) field.value = ""; },
};

// Ages and what is left of a window, in the page's language.
const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
const format = (value, unit) =>
  new Intl.NumberFormat(document.documentElement.lang, {style: "unit", unit, unitDisplay: "narrow"}).format(value);
function span(seconds, parts) {
  const told = [];
  for (const [unit, length] of units) {
    const count = Math.floor(seconds / length);
    if (count > 0 || (unit === "minute" && !told.length)) { told.push(format(count, unit)); seconds -= count * length; }
    else if (told.length) break;
    if (told.length === parts) break;
  }
  return told.join(" ");
}
function tick() {
  const page = root();
  if (!page) return;
  for (const one of page.querySelectorAll("time[data-since]")) {
    const told = span(Math.max(0, now() - one.dataset.since), 1);
    if (one.textContent !== told) one.textContent = told;
  }
  for (const one of page.querySelectorAll("time[data-until]")) {
    const left = one.dataset.until - now();
    const told = left > 0 ? span(left, 2) : "0";
    if (one.textContent !== told) one.textContent = told;
    one.classList.toggle("soon", left < 3600);
    const closing = one.closest(".closing"); // in the list: only when it closes soon
    if (closing) closing.hidden = left > 10800 || left <= 0;
    if (left <= 0 && !closing && !one.dataset.told) { one.dataset.told = "yes"; window.emitEvent?.("inbox-look"); }
  }
}
setInterval(tick, 10000);

document.addEventListener("click", (event) => {
  const line = event.target.closest(".queue [data-token]");
  if (line && !event.ctrlKey && !event.metaKey) { event.preventDefault(); return choose(line.dataset.token); }
  const back = event.target.closest(".inbox [data-back]");
  if (back) return back.dataset.back === "list" ? choose("") : show(back.dataset.back);
  const mode = event.target.closest(".composer button[data-mode]");
  if (mode) { setMode(mode.dataset.mode); return box().focus(); }
  const insert = event.target.closest("[data-insert]");
  if (insert) {
    insert.closest("dialog")?.close();
    show("chat");
    setMode("reply");
    const before = box().value.startsWith("/") ? "" : box().value;
    write([before, insert.dataset.insert].filter(Boolean).join(before.endsWith("\n") ? "" : "\n"));
    box().focus();
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.closest(".composer")) { event.preventDefault(); send(); }
});
document.addEventListener("input", (event) => {
  if (event.target.id !== "reply") return;
  write(box().value);
  if (composer().dataset.writes === "reply") window.emitEvent?.("inbox-typing");
  if (box().value === "/") find(".canned")?.click();
});
addEventListener("popstate", () => choose(new URLSearchParams(location.search).get("chat") ?? "", false));

function move(step) {
  const lines = [...root().querySelectorAll(".queue [data-token]")];
  if (!lines.length) return;
  const at = lines.findIndex((one) => one.dataset.token === token);
  const next = lines[at < 0 ? (step > 0 ? 0 : lines.length - 1) : Math.min(Math.max(at + step, 0), lines.length - 1)];
  next.scrollIntoView({block: "nearest"});
  choose(next.dataset.token);
}
function focusBox(mode) {
  if (!token || !composer()) return;
  show("chat");
  setMode(mode);
  box().focus();
}
const moves = {
  j: () => move(1),
  k: () => move(-1),
  r: () => focusBox("reply"),
  n: () => focusBox("note"),
  i: () => show(root().dataset.shows === "card" ? "chat" : "card"),
};
document.addEventListener("keydown", (event) => {
  if (!root()) return;
  const target = event.target;
  if (target.id === "reply") {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    if (event.key === "Escape") { event.preventDefault(); target.blur(); log().focus(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.closest("input, textarea, select")) return void (event.key === "Escape" && target.blur());
  if (event.key === "g") { afterGo = Date.now(); return; }
  if (Date.now() - afterGo < 1500) { afterGo = 0; return; }
  if (event.key === "Escape") return root().dataset.shows === "card" ? show("chat") : choose("");
  if (moves[event.key]) { event.preventDefault(); return moves[event.key](); }
  const button = find(`.deeds [data-key="${CSS.escape(event.key)}"]`);
  if (button) { event.preventDefault(); button.click(); }
});
watchLog();
