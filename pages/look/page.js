// Shortcuts, signs of life, and what happens when the server was away. Works beside NiceGUI's own script.
const keys = () => document.getElementById("keys");
const isWriting = (one) => one.closest("input, textarea, select, [contenteditable=true]");
let afterG = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  if (event.key === "?") {
    keys()?.open ? keys().close() : keys()?.showModal();
  } else if (event.key === "/") {
    const field = document.querySelector("input[type=search]");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  } else if (event.key === "g") {
    afterG = Date.now();
  } else if (Date.now() - afterG < 1500) {
    document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`)?.click();
    afterG = 0;
  }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#show-keys")) { document.getElementById("navigation")?.hidePopover?.(); keys()?.showModal(); }
});

// A page that is only looked at makes no request: tell once a minute that someone is there.
let told = Date.now();
for (const sign of ["pointerdown", "keydown", "scroll"]) {
  document.addEventListener(sign, () => {
    if (Date.now() - told < 60000 || !window.emitEvent) return;
    told = Date.now();
    emitEvent("pronto-active");
  }, {passive: true, capture: true});
}

// NiceGUI loads the page again when the server was restarted. If the session ended meanwhile the socket is refused
// for good: then ask once, and let the page lead to the login.
const watchSocket = () => {
  if (!window.socket) return void setTimeout(watchSocket, 200);
  window.socket.on("connect_error", async () => {
    try {
      const answer = await fetch("/session", {redirect: "manual", cache: "no-store"});
      if (answer.status === 401) location.reload();
    } catch { /* the server is away; the socket tries again */ }
  });
};
addEventListener("load", watchSocket);

// Copies what a button points at.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
  button.querySelector("span").textContent = button.dataset.done;
});

// A journey is wider than a phone: what is seen of it first is where it begins. It is drawn again with every change.
const seen = new WeakSet();
new MutationObserver(() => {
  for (const drawing of document.querySelectorAll(".journey svg:has(.node)")) {
    if (seen.has(drawing)) continue;
    seen.add(drawing);
    requestAnimationFrame(() => {
      const frame = drawing.closest(".journey");
      if (!frame || frame.scrollLeft) return;
      const [outer, inner] = [frame, drawing.querySelector(".node")].map((one) => one.getBoundingClientRect());
      frame.scrollLeft = inner.left + inner.width / 2 - outer.left - outer.width / 2;
    });
  }
}).observe(document.documentElement, {childList: true, subtree: true});
