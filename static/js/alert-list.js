// The queue follows the pushes and, after each connect and every 20 s, the database. Changes that would move rows
// while somebody works wait behind a quiet bar. Lost, doubled or out-of-order pushes end in the same list.
import { isCalm } from "./queue-calm.js";
import { countRows, markOpen, parseRows, putRow, removeRow, rowOf, rows } from "./queue-merge.js";
import { fill, ngettext } from "./words.js";

const CATCH_UP_MS = 20_000;
const AFTER_PUSH_MS = 2000;
const queue = document.querySelector("[data-queue]");
const bar = document.querySelector("[data-held]");
const held = new Map(); // alert → row to put; these are new on this screen
const gone = new Set(); // alerts whose row goes when it is calm
let etag = null;
let isReading = false;
let pushCount = 0;
let soon = 0;

const connection = (state) => document.dispatchEvent(new CustomEvent("paca:connection", { detail: { state } }));

function settle(force = false) {
  if (force || isCalm()) {
    for (const row of held.values()) putRow(row, { isFresh: true });
    for (const alert of gone) removeRow(alert);
    held.clear();
    gone.clear();
  }
  bar.hidden = held.size === 0;
  bar.textContent = fill(ngettext("{count} new. Show it", "{count} new. Show them", held.size), { count: held.size });
  countRows();
}

function take(row) {
  const alert = row.dataset.alert;
  gone.delete(alert);
  if (rowOf(alert)) putRow(row);
  else held.set(alert, row);
}

function leave(alert) {
  held.delete(alert);
  const row = rowOf(alert);
  if (!row) return;
  row.dataset.gone = "";
  gone.add(alert);
}

async function catchUp() {
  if (isReading) return;
  isReading = true;
  const before = pushCount;
  try {
    const headers = { "X-Requested-With": "fetch", ...(etag ? { "If-None-Match": etag } : {}) };
    const answer = await fetch(queue.dataset.rowsUrl, { headers, cache: "no-store", signal: AbortSignal.timeout(10_000) });
    if (answer.redirected) return location.reload(); // signed out
    if (answer.status === 200) merge(await answer.text());
    else if (answer.status !== 304) throw new Error(`the queue answered ${answer.status}`);
    // A push during reading may be newer than what was read: the next reading must be a full one.
    etag = before === pushCount ? answer.headers.get("ETag") : null;
    if (isConnected) connection("live");
  } catch (error) {
    etag = null;
    if (isConnected) connection("catching-up");
    console.warn("catching up failed", error);
  } finally {
    isReading = false;
  }
}

// A flood folds the queue by incident; each leader says how many follow it.
function showFlood(words) {
  const banner = document.querySelector("[data-flood]");
  if (banner.textContent.trim() !== words) banner.textContent = words;
  banner.hidden = !words;
  queue.toggleAttribute("data-folded", Boolean(words));
}

function merge(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const rest = template.content.querySelector("[data-queue-total]");
  const current = parseRows(html);
  const open = new Set(current.map((row) => row.dataset.alert));
  if (rest) {
    document.querySelector("[data-queue-total]")?.replaceWith(rest);
    showFlood(rest.dataset.floodWords.trim());
  }
  for (const row of rows()) if (!open.has(row.dataset.alert)) leave(row.dataset.alert);
  for (const alert of [...held.keys()]) if (!open.has(alert)) held.delete(alert);
  for (const row of current) take(row);
  settle();
}

let isConnected = false;
if (queue) {
  document.addEventListener("paca:connection", ({ detail }) => {
    if (detail.state === "offline") isConnected = false;
  });
  document.addEventListener("paca:catch-up", ({ detail }) => {
    isConnected = detail?.isConnected ?? isConnected;
    catchUp();
  });
  document.addEventListener("paca:alert", ({ detail }) => {
    pushCount += 1;
    etag = null; // what is shown is no longer what was read
    if (detail.is_open) parseRows(detail.html).forEach(take);
    else leave(String(detail.alert));
    settle();
    clearTimeout(soon);
    soon = setTimeout(catchUp, AFTER_PUSH_MS * (1 + Math.random()));
  });
  document.addEventListener("paca:calm", () => settle());
  document.addEventListener("htmx:afterSettle", () => {
    markOpen();
    settle();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig.verb === "post") catchUp();
  });
  bar.addEventListener("click", () => {
    document.querySelector("[data-queue-scroll]").scrollTop = 0;
    settle(true);
  });
  setInterval(() => {
    settle();
    catchUp();
  }, CATCH_UP_MS);
  markOpen();
}
