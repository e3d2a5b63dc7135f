// Putting rows into the queue so that it stays what the database says: by id, most urgent first, then newest, those
// of one incident together.
import { arrange } from "./queue-groups.js";

const queue = document.querySelector("[data-queue]");

export const rows = () => [...(queue?.querySelectorAll("[data-row]") ?? [])];
export const rowOf = (alert) => document.getElementById(`alert-${alert}`);

export function parseRows(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.querySelectorAll("[data-row]")];
}

const sameRow = (a, b) => {
  const [left, right] = [a.cloneNode(true), b.cloneNode(true)].map((row) => {
    for (const name of ["aria-current", "data-fresh", "data-gone", "data-follower", "data-group"]) row.removeAttribute(name);
    for (const link of row.querySelectorAll("a")) link.removeAttribute("class");
    for (const count of row.querySelectorAll("[data-group-count]")) count.textContent = "";
    for (const time of row.querySelectorAll("time")) time.textContent = "";
    return row.outerHTML.replace(/\s+/g, " ");
  });
  return left === right;
};

// Puts one row where it belongs; keeps focus, and leaves an equal row alone.
export function putRow(row, { isFresh = false } = {}) {
  const known = rowOf(row.dataset.alert);
  if (known && sameRow(known, row)) return known.removeAttribute("data-gone");
  const hadFocus = known?.contains(document.activeElement);
  known?.remove();
  queue.insertBefore(row, queue.querySelector(".queue__rest"));
  arrange(queue, rows());
  if (isFresh) row.dataset.fresh = "";
  window.htmx?.process(row);
  markOpen();
  if (hadFocus) row.querySelector("a").focus({ preventScroll: true });
}

export function removeRow(alert) {
  rowOf(alert)?.remove();
  arrange(queue, rows());
}

// The row of the open alert.
export function markOpen() {
  const open = document.querySelector("[data-open-alert]")?.dataset.openAlert;
  for (const row of rows()) {
    if (row.dataset.alert === open) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

// Where no alert is open, its place says what the queue beside it says, and leads to the first that waits.
function offerFirst(shown) {
  const [waiting, quiet] = ["waiting", "quiet"].map((name) => document.querySelector(`[data-none-${name}]`));
  if (!waiting) return;
  const free = shown.find((row) => row.dataset.state === "new" && !row.querySelector(".row__state--held"));
  const first = (free ?? shown[0])?.querySelector("a");
  if (first) waiting.querySelector("[data-first]").setAttribute("href", first.getAttribute("href"));
  waiting.hidden = !first;
  quiet.hidden = Boolean(first);
}

export function countRows() {
  const shown = rows().filter((row) => !("gone" in row.dataset));
  const rest = document.querySelector("[data-queue-total]");
  const total = rest && !rest.hidden ? Number(rest.dataset.queueTotal) : shown.length;
  document.querySelector("[data-count-open]").textContent = Math.max(total, shown.length);
  document.querySelector("[data-count-escalated]").textContent = shown.filter((row) => row.dataset.state === "escalated").length;
  for (const [name, count] of [["to-log", rest?.dataset.queueToLog], ["shelved", rest?.dataset.queueShelved]]) {
    document.querySelector(`[data-${name}]`).hidden = !Number(count);
    document.querySelector(`[data-count-${name}]`).textContent = count ?? 0;
  }
  document.querySelector("[data-queue-empty]").hidden = shown.length > 0;
  offerFirst(shown);
}
