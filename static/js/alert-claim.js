// Who has the open alert: opening takes it, activity keeps it, and what colleagues do to it shows at once.
import { bind } from "./bind-behaviour.js";
import { isDeciding } from "./queue-calm.js";
import { fill, gettext } from "./words.js";

const STATES = { new: gettext("new"), escalated: gettext("escalated"), confirmed: gettext("confirmed"), dismissed: gettext("dismissed") };
const RENEW_MS = 20_000;
let isActive = false;
for (const name of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  addEventListener(name, () => (isActive = true), { passive: true });
}

bind("[data-claim-now]", (form) => {
  if (document.visibilityState === "visible") form.requestSubmit();
});

const part = () => document.querySelector("[data-decision]");
const say = (text) => {
  const line = part()?.querySelector("[data-decided-elsewhere]");
  if (!line) return;
  line.hidden = false;
  line.textContent = text;
};

// Brings the decision's part anew, if the same alert is still open; what was being written stays where it is.
async function refresh(alert, text) {
  const shown = part();
  if (!shown || shown.dataset.alert !== alert) return;
  const answer = await fetch(shown.dataset.decisionUrl, { cache: "no-store", headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok || answer.redirected || part() !== shown) return;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  if (part() !== shown || shown.querySelector(".htmx-request")) return;
  const fresh = template.content.querySelector("[data-decision]");
  shown.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (text) say(text);
}

async function renew() {
  const claim = document.querySelector("[data-mine]");
  const wasActive = isActive; // a clip that loops by itself is no activity
  isActive = false;
  if (!claim || !wasActive) return;
  const alert = part().dataset.alert;
  const body = new URLSearchParams({ renew: "1" });
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const answer = await fetch(claim.dataset.claimUrl, { method: "POST", body, headers });
  if (answer.status === 409) refresh(alert, gettext("The alert went back to the queue, or a colleague took it over."));
}
setInterval(() => renew().catch((error) => console.warn("the claim could not be renewed", error)), RENEW_MS);

document.addEventListener("paca:alert", ({ detail }) => {
  const shown = part();
  if (!shown || shown.dataset.alert !== String(detail.alert)) return;
  if (document.querySelector("#alert .htmx-request, #alert.htmx-request")) return; // one's own doing is on its way
  const article = shown.closest("[data-open-alert]");
  const isDecided = article.dataset.state !== detail.state;
  const isMoved = shown.dataset.holder !== String(detail.holder ?? "");
  if (!isDecided && !isMoved && !detail.is_call) return;
  const words = isDecided
    ? fill(gettext("A colleague has just decided this alert: {state}."), { state: STATES[detail.state] ?? detail.state })
    : isMoved && detail.holder && document.querySelector("[data-mine]")
      ? fill(gettext("{holder} has taken this alert over."), { holder: detail.holder_name })
      : "";
  if (isDecided && isDeciding()) return say(`${words} ${gettext("What you wrote is still here.")}`);
  article.dataset.state = detail.state;
  const note = shown.querySelector("[data-note]")?.value;
  refresh(String(detail.alert), words).then(() => {
    const field = part()?.querySelector("[data-note]");
    if (note && field && !field.value) field.value = note;
  });
});
