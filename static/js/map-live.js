// The marks and lists of the map follow the pushes and, every 10 s, the database: a push only says "look".
const EVERY_MS = 10_000;
const SOON_MS = 150;
const root = document.querySelector("[data-map]");
let soon = 0;
let isReading = false;
let isConnected = false;

const connection = (state) => document.dispatchEvent(new CustomEvent("paca:connection", { detail: { state } }));

// Takes over what changes; the view (nearer, farther) and the place of the focus stay.
function put(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const focused = document.activeElement?.id;
  const scrolled = root.querySelector("[data-map-lists]").scrollTop;
  for (const part of ["[data-map-marks]", "[data-map-lists]"]) {
    root.querySelector(part).replaceWith(template.content.querySelector(part));
  }
  root.querySelector("[data-map-lists]").scrollTop = scrolled;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("map:put"));
}

async function look() {
  if (isReading) return lookSoon();
  isReading = true;
  try {
    const headers = { "X-Requested-With": "fetch" };
    const answer = await fetch(root.dataset.liveUrl, { headers, cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (answer.redirected) return location.reload(); // signed out
    if (!answer.ok) throw new Error(`the map answered ${answer.status}`);
    put(await answer.text());
    if (isConnected) connection("live");
  } catch (error) {
    if (isConnected) connection("catching-up");
    console.warn("the map could not be read", error);
  } finally {
    isReading = false;
  }
}

function lookSoon() {
  clearTimeout(soon);
  soon = setTimeout(look, SOON_MS); // a burst of pushes is one look
}

document.addEventListener("paca:connection", ({ detail }) => {
  if (detail.state === "offline") isConnected = false;
});
document.addEventListener("paca:catch-up", ({ detail }) => {
  isConnected = detail?.isConnected ?? isConnected;
  lookSoon();
});
document.addEventListener("paca:alert", lookSoon);
document.addEventListener("paca:system", lookSoon);
setInterval(() => {
  if (!document.hidden) look();
}, EVERY_MS);
document.addEventListener("visibilitychange", lookSoon);
