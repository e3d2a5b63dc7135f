// The whole work by keyboard. Never while writing, with a modifier, with a key held down, or just after the alert
// under the hand has changed: a decision must be meant for the alert that is seen.
import { isTyping } from "./bind-behaviour.js";
import { rows } from "./queue-merge.js";
import { gettext } from "./words.js";

const SETTLED_MS = 400;
let changedAt = 0;
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "alert" || event.detail.elt?.id === "alert") changedAt = Date.now();
});

const form = () => document.querySelector("[data-decide]");
const dialog = document.querySelector("[data-help-dialog]");

function move(step) {
  const all = rows().filter((row) => !("gone" in row.dataset) && row.getClientRects().length);
  if (!all.length) return;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const from = at >= 0 ? at : all.findIndex((row) => row.hasAttribute("aria-current"));
  const to = from < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, from + step));
  const link = all[to].querySelector("a");
  link.focus({ preventScroll: true });
  all[to].scrollIntoView({ block: "nearest" });
}

function decide(key) {
  if (Date.now() - changedAt < SETTLED_MS) return;
  const button = document.querySelector(`#alert [data-key="${key}"]`);
  button?.click(); // htmx takes the verdict from the button that was clicked
}

function toggleReasons() {
  const reasons = form()?.querySelector("[data-dismiss]");
  if (!reasons) return;
  reasons.open = !reasons.open;
  reasons.querySelector(reasons.open ? "[data-reason]" : "summary").focus();
}

function choose(digit) {
  const box = document.querySelector(`[data-measure="${digit}"]`);
  if (box) box.click();
  else dismiss(digit);
}

function toggleShelf() {
  const shelve = document.querySelector("#alert [data-shelve]");
  if (!shelve) return;
  shelve.open = !shelve.open;
  shelve.querySelector(shelve.open ? "input[name=reason]" : "summary").focus();
}

function dismiss(digit) {
  const reasons = form()?.querySelector("[data-dismiss]");
  const button = reasons?.open ? reasons.querySelector(`[data-reason="${digit}"]`) : null;
  if (!button || Date.now() - changedAt < SETTLED_MS) return;
  const note = form().querySelector("[data-note]");
  if (button.value === "other" && !note.value.trim()) {
    note.focus();
    note.placeholder = gettext("Say in a few words why, then choose “Other” again");
    return;
  }
  button.click();
}

function help() {
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

// Escape goes one step back: out of the note, or out of the reasons or the shelf, which close.
function stepBack(from) {
  const fold = from.closest?.("[data-dismiss], [data-shelve]");
  if (fold?.open) {
    fold.open = false;
    fold.querySelector("summary").focus();
  } else if (from.matches?.("[data-note]")) {
    document.querySelector("#alert h1").focus({ preventScroll: true });
  } else return false;
  return true;
}

const KEYS = { j: () => move(1), k: () => move(-1), d: toggleReasons, s: toggleShelf, "?": help };
for (const key of ["c", "e", "t", "u", "l"]) KEYS[key] = () => decide(key);

document.addEventListener("keydown", (event) => {
  if (event.repeat && event.key.toLowerCase() !== "j" && event.key.toLowerCase() !== "k") return;
  if (event.key === "Escape" && stepBack(event.target)) return;
  if (isTyping(event) && event.target.type !== "checkbox") return;
  if (event.ctrlKey || event.metaKey || event.altKey || (dialog.open && event.key !== "?")) return;
  const key = event.key.toLowerCase();
  if (/^[1-9]$/.test(key)) choose(key);
  else if (key in KEYS) KEYS[key]();
  else return;
  event.preventDefault();
});

for (const button of document.querySelectorAll("[data-help]")) {
  button.hidden = false;
  button.addEventListener("click", help);
}
