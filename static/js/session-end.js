// Tells the server that somebody is here, warns two minutes before the session ends, and clears the screen when it has.
import { fill, gettext } from "./words.js";

const TICK_MS = 5000;
const REPORT_MS = 60_000;
const WARN_MS = 120_000;
const box = document.querySelector("[data-session-end]");
const words = box.querySelector("[data-session-words]");
const stay = box.querySelector("[data-session-stay]");
let hasActed = false;
let reportedAt = Date.now();
let idleEndsAt, endsAt, askedAt = 0;

function learn({ idle_s: idleS, left_s: leftS }) {
  idleEndsAt = Date.now() + idleS * 1000;
  endsAt = Date.now() + leftS * 1000;
}

// Nothing stays on the screen. A new opening, not a reload: that would ask whether to send a form again, and wait.
function leave() {
  location.replace(location.pathname + location.search);
}

async function ask(method) {
  const headers = method === "POST" ? JSON.parse(document.body.getAttribute("hx-headers")) : {};
  const answer = await fetch(box.dataset.url, { method, headers: { ...headers, "X-Requested-With": "fetch" }, cache: "no-store" });
  if (answer.redirected) leave();
  else if (answer.ok) learn(await answer.json());
  else throw new Error(`the server answered ${answer.status}`); // restarting: what is being written stays
}

function show() {
  const leftMs = Math.min(idleEndsAt, endsAt) - Date.now();
  const isOver = endsAt <= idleEndsAt;
  if (leftMs > WARN_MS) {
    box.hidden = true;
    words.textContent = "";
    return;
  }
  const minutes = Math.max(1, Math.ceil(leftMs / 60_000));
  const text = isOver
    ? gettext("This session ends in {minutes} min, whatever you do. Finish what you are writing, then sign in again.")
    : gettext("Nobody has touched PACA here for a while. You are signed out in {minutes} min; what you are writing is then lost.");
  const told = fill(text, { minutes });
  stay.hidden = isOver;
  box.hidden = false;
  // Said after it is shown: screen readers are silent about words that were there before their place was.
  if (words.textContent !== told) setTimeout(() => (words.textContent = told), 100);
}

async function tick() {
  const now = Date.now();
  if (now >= Math.min(idleEndsAt, endsAt)) {
    await ask("GET").catch(() => {}); // another window may have been used; a server that is away keeps nobody here
    if (Date.now() >= Math.min(idleEndsAt, endsAt)) leave();
    return;
  }
  if (hasActed && (now - reportedAt >= REPORT_MS || !box.hidden)) {
    hasActed = false;
    reportedAt = now;
    await ask("POST").catch((error) => {
      hasActed = true; // told again in a minute
      throw error;
    });
  } else if (Math.min(idleEndsAt, endsAt) - now <= WARN_MS && now - askedAt >= REPORT_MS) {
    askedAt = now;
    await ask("GET");
  }
  show();
}

for (const name of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
  addEventListener(name, () => (hasActed = true), { passive: true });
}
stay.addEventListener("click", () => {
  hasActed = true;
  tick().catch(() => {});
});
learn({ idle_s: Number(box.dataset.idleS), left_s: Number(box.dataset.leftS) });
setInterval(() => tick().catch((error) => console.warn("how long the session holds is not known", error)), TICK_MS);
