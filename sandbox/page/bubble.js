// One message as a bubble, with whatever can be tapped on it.
import { h, icon, rich, showTime } from "./dom.js";
import { state, t } from "./state.js";

const TICKS = { accepted: ["clock", "tick_sent"], sent: ["tick", "tick_sent"], delivered: ["ticks", "tick_delivered"], read: ["ticks", "tick_read"] };
const TAP_ICONS = { reply: "reply", quick_reply: "reply", list: "list", link: "link", location_request_message: "pin", request_contact_info: "person", flow: "link" };
const TAP_WORDS = { location_request_message: "send_location", request_contact_info: "share_contact", flow: "start" };
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}])*){1,3}$/u;

/** The bubble's element. find: message by id; taps: what to do with a tapped button. */
export function bubble(message, find, taps) {
  const body = h(`div.bubble.${message.side}`, { "data-id": message.id, "data-state": message.state });
  const quoted = message.quote && message.kind !== "reaction" ? find(message.quote) : null;
  if (quoted && message.side === "mine") body.append(quote(quoted));
  if (message.media) body.append(media(message.media, message.id));
  if (message.location) body.append(place(message.location));
  if (message.header) body.append(h("p.head", {}, message.header));
  if (message.text) body.append(h(`p.text${ONLY_EMOJI.test(message.text) ? ".emoji" : ""}`, {}, ...rich(message.text), h("span.gap")));
  if (message.footer) body.append(h("p.foot", {}, message.footer));
  body.append(meta(message));
  const group = h(`div.group.${message.side}`, { "data-group": message.id }, body);
  if (message.buttons?.length) group.append(buttons(message, taps));
  return group;
}

function meta(message) {
  const line = h("span.meta", {}, h("time", { datetime: new Date(message.at * 1000).toISOString() }, showTime(message.at)));
  if (message.side === "mine") {
    const [name, label] = TICKS[message.state] ?? TICKS.read;
    line.append(icon(name, t(label)));
  }
  return line;
}

function quote(message) {
  const who = message.side === "mine" ? t("you") : state.business;
  return h("div.quote", {}, h("b", {}, who), h("span", {}, ...rich((message.text || message.kind).slice(0, 120))));
}

function buttons(message, taps) {
  const rows = message.buttons.map((button) => {
    const content = [icon(TAP_ICONS[button.kind] ?? "reply"), h("span", {}, button.title || t(TAP_WORDS[button.kind] ?? "choose"))];
    if (button.kind === "link") {
      return h("a.tap", { href: button.url, target: "_blank", rel: "noopener noreferrer" }, ...content);
    }
    return h("button.tap", { type: "button", onclick: () => taps(message, button) }, ...content);
  });
  return h("div.taps", {}, ...rows);
}

function place(location) {
  const map = h("div.map", { role: "img", "aria-label": t("location") }, icon("pin"));
  const lines = [h("b", {}, location.name || t("location"))];
  const where = location.address || `${Number(location.latitude).toFixed(4)}, ${Number(location.longitude).toFixed(4)}`;
  return h("div.place", {}, map, h("div", {}, ...lines, h("small", {}, where)));
}

function media(file, seed) {
  if (file.kind === "audio") return voice(file.url, seed);
  if (file.kind === "image" || file.kind === "sticker") {
    const picture = h("img", { src: file.url, alt: t("message"), loading: "lazy" });
    return h(`a.picture.${file.kind}`, { href: file.url, target: "_blank", rel: "noopener noreferrer" }, picture);
  }
  if (file.kind === "video") return h("video.picture", { src: file.url, controls: true, preload: "metadata" });
  return h("a.file", { href: file.url, target: "_blank", rel: "noopener noreferrer" }, icon("bill"), h("span", {}, file.name || file.kind));
}

/** A voice note: play button, a waveform drawn from the message's id, the time. */
function voice(url, seed) {
  const audio = new Audio();
  audio.preload = "metadata";
  audio.src = url;
  const play = h("button.play", { type: "button", "aria-label": t("play") }, icon("play"));
  const time = h("span.length", {}, "0:00");
  let number = [...seed].reduce((sum, letter) => (sum * 33 + letter.charCodeAt(0)) >>> 0, 5381);
  const bars = Array.from({ length: 34 }, (_, position) => {
    number = (number * 1103515245 + 12345) >>> 0;
    const bar = h("i");
    bar.style.height = `${18 + ((number >>> 16) % 70) * (0.45 + 0.55 * Math.sin((position / 33) * Math.PI))}%`;
    return bar;
  });
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const length = () => (Number.isFinite(audio.duration) ? audio.duration : 0);
  audio.addEventListener("loadedmetadata", () => { time.textContent = clock(length()); });
  audio.addEventListener("timeupdate", () => {
    const part = length() ? audio.currentTime / length() : 0;
    bars.forEach((bar, position) => bar.classList.toggle("on", position < part * bars.length));
    time.textContent = clock(audio.paused ? length() : audio.currentTime);
  });
  const showPlaying = () => {
    play.setAttribute("aria-label", t(audio.paused ? "play" : "pause"));
    play.replaceChildren(icon(audio.paused ? "play" : "pause"));
  };
  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, showPlaying);
  play.addEventListener("click", () => (audio.paused ? audio.play().catch(() => {}) : audio.pause()));
  return h("div.voice", {}, play, h("div.wave", { "aria-hidden": "true" }, ...bars), time);
}
