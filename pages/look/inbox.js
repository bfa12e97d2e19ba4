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
  showBell();
  log().addEventListener("load", () => { if (stuck) toEnd(); }, true); // pictures
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

// Files wait beside the box of their conversation until they are sent, each as a message of its own.
const waiting = new Map();
const filesOf = (of) => waiting.get(of) ?? [];
function addFiles(files) {
  if (!token || composer().dataset.may !== "reply" || !files.length) return;
  setMode("reply");
  waiting.set(token, [...filesOf(token), ...[...files].map((file) => ({file, key: makeKey()}))]);
  showFiles();
  box().focus();
}
function showFiles() {
  const list = document.getElementById("files");
  if (!list) return;
  list.replaceChildren(...filesOf(token).map((one) => {
    const line = document.createElement("li");
    line.append(`${one.file.name} · ${Math.max(1, Math.round(one.file.size / 1024))} kB `);
    const drop = Object.assign(document.createElement("button"), {type: "button", className: "plain", textContent: "×"});
    drop.setAttribute("aria-label", `${document.getElementById("pick").dataset.remove}: ${one.file.name}`);
    drop.onclick = () => { waiting.set(token, filesOf(token).filter((other) => other !== one)); showFiles(); };
    line.append(drop);
    return line;
  }));
}
async function sendFiles(of, caption) {
  const files = filesOf(of);
  waiting.set(of, []);
  showFiles();
  let first = caption;
  for (const [place, one] of files.entries()) {
    const query = new URLSearchParams({chat: of, name: one.file.name, key: one.key, caption: first});
    let problem = "";
    let stays = false;
    try {
      const type = one.file.type || "application/octet-stream";
      const answer = await fetch(`/inbox/files?${query}`, {method: "POST", body: one.file, headers: {"Content-Type": type}});
      if (!answer.ok) problem = answer.status === 409 ? await answer.text() : `${one.file.name}: HTTP ${answer.status}`;
    } catch {
      problem = document.getElementById("pick").dataset.failed;
      stays = true; // with its key: if it did leave, it does not leave again
    }
    if (!problem) { first = ""; continue; }
    waiting.set(of, [...files.slice(stays ? place : place + 1), ...filesOf(of)]); // what WhatsApp refuses goes
    if (first) window.inbox.giveBack(of, first);
    showFiles();
    emitEvent("inbox-problem", problem);
    return;
  }
  sessionStorage.removeItem(draftOf(of));
}

// The names a note may call: a list opens at an @ and closes with it.
let people = [];
function showPeople() {
  const list = document.getElementById("people");
  const begun = composer().dataset.writes === "note" && box().value.slice(0, box().selectionStart).match(/@([^@\n]{0,40})$/);
  const fitting = begun ? people.filter((name) => name.toLowerCase().startsWith(begun[1].toLowerCase())).slice(0, 6) : [];
  list.hidden = !fitting.length;
  list.replaceChildren(...fitting.map((name, place) => {
    const line = Object.assign(document.createElement("li"), {role: "option", textContent: name});
    line.setAttribute("aria-selected", String(place === 0));
    line.onpointerdown = (event) => { event.preventDefault(); callPerson(name); };
    return line;
  }));
}
function callPerson(name) {
  const end = box().selectionStart;
  const start = box().value.lastIndexOf("@", end - 1);
  box().setRangeText(`@${name} `, start, end, "end");
  write(box().value);
  showPeople();
}
// Keys while the list is open; true: the key was for the list.
function choosePerson(event) {
  const lines = [...document.getElementById("people").children];
  if (document.getElementById("people").hidden || !lines.length) return false;
  const at = lines.findIndex((line) => line.getAttribute("aria-selected") === "true");
  if (event.key === "Enter" || event.key === "Tab") callPerson(lines[at].textContent);
  else if (event.key === "Escape") document.getElementById("people").hidden = true;
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = (at + (event.key === "ArrowDown" ? 1 : lines.length - 1)) % lines.length;
    lines.forEach((line, place) => line.setAttribute("aria-selected", String(place === next)));
  } else return false;
  event.preventDefault();
  return true;
}

// Sound and desktop notices: off until switched on here, remembered by this browser.
const wants = (what) => localStorage.getItem(`inbox-${what}`) === "on";
function showBell() {
  for (const one of root()?.querySelectorAll("[data-bell]") ?? []) {
    const on = wants(one.dataset.bell) && (one.dataset.bell !== "notice" || window.Notification?.permission === "granted");
    one.setAttribute("aria-pressed", String(on));
  }
}
async function turnBell(what) {
  const on = !wants(what);
  if (on && what === "notice" && (await window.Notification?.requestPermission()) !== "granted") return;
  localStorage.setItem(`inbox-${what}`, on ? "on" : "off");
  showBell();
  if (on && what === "sound") chime();
}
let hearing = null;
function chime() {
  hearing ??= new AudioContext();
  void hearing.resume();
  [660, 880].forEach((tone, place) => {
    const voice = hearing.createOscillator();
    const loud = hearing.createGain();
    const at = hearing.currentTime + place * 0.12;
    voice.frequency.value = tone;
    loud.gain.setValueAtTime(0.08, at);
    loud.gain.exponentialRampToValueAtTime(0.001, at + 0.25);
    voice.connect(loud).connect(hearing.destination);
    voice.start(at);
    voice.stop(at + 0.3);
  });
}
function tellNews([of, name, text]) {
  if (of === token && !document.hidden) return; // it is being read
  if (wants("sound")) chime();
  if (wants("notice") && document.hidden && window.Notification?.permission === "granted") {
    const notice = new Notification(name || "Pronto", {body: text, tag: "pronto-inbox"});
    notice.onclick = () => { window.focus(); notice.close(); };
  }
}

function send() {
  const form = composer();
  const text = box().value;
  if (!token || asked !== null) return;
  if (filesOf(token).length && form.dataset.writes === "reply") {
    void sendFiles(token, text);
    box().value = "";
    return grow();
  }
  if (!text.trim()) return;
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
    showFiles();
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
  showLines(order, changed, nothing, more) {
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
    find(".queue-list .more").hidden = !more;
  },
  showUnread(count) { document.title = document.title.replace(/^(\(\d+\) )?/, count ? `(${count}) ` : ""); },
  tellNews,
  knowPeople(names) { people = names; },
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

// Who clicks twice means it once.
let lastDeed = {};
function doDeed(of, name) {
  if (lastDeed.of === of && lastDeed.name === name && Date.now() - lastDeed.at < 500) return;
  lastDeed = {of, name, at: Date.now()};
  emitEvent("inbox-deed", {token: of, name});
}

document.addEventListener("click", (event) => {
  const line = event.target.closest(".queue [data-token]");
  if (line && !event.ctrlKey && !event.metaKey) { event.preventDefault(); return choose(line.dataset.token); }
  const back = event.target.closest(".inbox [data-back]");
  if (back) return back.dataset.back === "list" ? choose("") : show(back.dataset.back);
  const mode = event.target.closest(".composer button[data-mode]");
  if (mode) { setMode(mode.dataset.mode); return box().focus(); }
  const bell = event.target.closest("[data-bell]");
  if (bell) return void turnBell(bell.dataset.bell);
  if (event.target.closest(".attach")) return document.getElementById("pick").click();
  if (event.target.closest(".queue-list .more")) return void emitEvent("inbox-more");
  const deed = event.target.closest("[data-deed]");
  if (deed) return doDeed(deed.dataset.of, deed.dataset.deed);
  const act = event.target.closest("[data-act]");
  if (act) return void emitEvent(`inbox-${act.dataset.act}`, act.dataset.message);
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
document.addEventListener("change", (event) => {
  if (event.target.id !== "pick") return;
  addFiles(event.target.files);
  event.target.value = "";
});
document.addEventListener("paste", (event) => {
  if (event.target.id === "reply" && event.clipboardData.files.length) { event.preventDefault(); addFiles(event.clipboardData.files); }
});
document.addEventListener("dragover", (event) => { if (event.target.closest?.(".inbox > .chat")) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  if (!event.target.closest?.(".inbox > .chat") || !event.dataTransfer.files.length) return;
  event.preventDefault();
  addFiles(event.dataTransfer.files);
});
document.addEventListener("input", (event) => {
  if (event.target.id !== "reply") return;
  showPeople();
  write(box().value);
  if (composer().dataset.writes === "reply") window.emitEvent?.("inbox-typing");
  if (box().value === "/") find(".canned")?.click();
});
document.addEventListener("visibilitychange", () => window.emitEvent?.("inbox-visible", !document.hidden));
addEventListener("popstate", () => choose(new URLSearchParams(location.search).get("chat") ?? "", false));

function move(step) {
  const lines = [...root().querySelectorAll(".queue [data-token]")];
  if (!lines.length) return;
  const at = lines.findIndex((one) => one.dataset.token === token);
  const more = find(".queue-list .more");
  if (step > 0 && at >= lines.length - 2 && more && !more.hidden) more.click();
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
const deedKeys = ["t", "p", "w", "z", "c"];
const act = (what) => [...root().querySelectorAll(`.log [data-act="${what}"]`)].at(-1)?.click(); // the newest message
const moves = {
  m: () => act("teach"),
  l: () => act("translate"),
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
    if (choosePerson(event)) return;
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
  if (!token || event.repeat || !deedKeys.includes(event.key)) return;
  event.preventDefault(); // the page knows what the key does in this conversation, also while it is being drawn
  doDeed(token, `key:${event.key}`);
});
watchLog();
