// A page redraws itself while people click. What was pressed is meant, wherever it stands by the time it is let go.
const sameAs = (one) => (other) =>
  other.getAttribute("href") === one.getAttribute("href") && JSON.stringify(other.dataset) === JSON.stringify(one.dataset);
const findAgain = (one) => (one.isConnected ? one : [...document.querySelectorAll(one.tagName)].find(sameAs(one)));
let pressed = null;
let made = null; // the click that was made for the browser
document.addEventListener("pointerdown", (event) => {
  const one = event.isPrimary && event.button === 0 && event.target.closest(".inbox a, .inbox button");
  pressed = one && (one.hasAttribute("href") || Object.keys(one.dataset).length)
    ? {one, at: event.target, x: event.clientX, y: event.clientY} : null;
}, true);
document.addEventListener("pointerup", (event) => {
  const {one, at, x, y} = pressed ?? {};
  pressed = null;
  if (!one || Math.hypot(event.clientX - x, event.clientY - y) > 10) return; // moved away, or scrolled
  const under = document.elementFromPoint(event.clientX, event.clientY);
  if (at.isConnected && one.contains(at) && one.contains(under)) return; // the browser makes the click
  const again = findAgain(one);
  if (!again) return;
  again.click();
  made = {x, y, at: Date.now()};
}, true);
document.addEventListener("pointercancel", () => { pressed = null; }, true);
// Fingers get a click of the browser's own at the same place: it would be a second one.
document.addEventListener("click", (event) => {
  if (!event.isTrusted || !made || Date.now() - made.at > 400) return;
  if (Math.hypot(event.clientX - made.x, event.clientY - made.y) > 20) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
// What had the focus and was drawn anew has it again.
let focused = null;
document.addEventListener("focusin", (event) => { focused = event.target.closest("[data-deed]"); });
new MutationObserver(() => {
  if (!focused || focused.isConnected || document.activeElement !== document.body) return;
  const again = findAgain(focused);
  focused = null;
  again?.focus({preventScroll: true});
}).observe(document.body, {childList: true, subtree: true});
