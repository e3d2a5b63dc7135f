// Nothing moves under the pointer: is now a moment at which the queue may change?
const list = document.querySelector("[data-queue-scroll]");
let isOver = false;
let touchedAt = 0;

list?.addEventListener("pointerenter", () => (isOver = true));
list?.addEventListener("pointerleave", () => {
  isOver = false;
  document.dispatchEvent(new Event("paca:calm"));
});
list?.addEventListener("pointermove", () => (touchedAt = Date.now()));
list?.addEventListener("scroll", () => document.dispatchEvent(new Event("paca:calm")), { passive: true });
document.addEventListener("focusout", () => setTimeout(() => document.dispatchEvent(new Event("paca:calm"))));
document.addEventListener("toggle", () => document.dispatchEvent(new Event("paca:calm")), true);

export function isDeciding() {
  const decision = document.querySelector("[data-decide]");
  if (!decision) return false;
  return Boolean(decision.querySelector("[data-dismiss]")?.open || decision.querySelector("[data-note]")?.value.trim());
}

const HAND_RESTS_MS = 3000; // a pointer that lies still over the list is not about to click

export function isCalm() {
  const atTop = !list || list.scrollTop < 8;
  return atTop && !isDeciding() && !(isOver && Date.now() - touchedAt < HAND_RESTS_MS);
}
