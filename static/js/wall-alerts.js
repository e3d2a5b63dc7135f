// Marks the tiles whose camera has an open alert. The push only says "look": what is open comes from the database.
import { gettext } from "./words.js";

const EVERY_MS = 20000;
const SOON_MS = 150;
const LAST_PAUSE_MS = 15000;
const WORDS = { 1: gettext("Low alert"), 2: gettext("Medium alert"), 3: gettext("High alert") };
const root = document.querySelector("[data-wall-alerts]");
let pauseMs = 1000;
let soon = null;

function mark(tile, alert) {
  const link = tile.querySelector("[data-tile-alert]");
  tile.dataset.severity = alert ? alert.severity : "";
  link.hidden = !alert;
  if (!alert) return;
  link.href = alert.url;
  link.dataset.severity = alert.severity;
  link.querySelector("[data-tile-alert-word]").textContent = WORDS[alert.severity];
  link.querySelector("[data-tile-alert-sentence]").textContent = alert.sentence;
}

async function look() {
  soon = null;
  if (document.hidden) return;
  try {
    const answer = await fetch(root.dataset.wallAlerts, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return; // signed out or restarting: the header says so; the next look tells
    const { alerts } = await answer.json();
    for (const tile of root.querySelectorAll("[data-tile]")) mark(tile, alerts[tile.dataset.camera]);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // TypeError: the network is down, the next look comes by itself
  }
}

function lookSoon() {
  soon ??= setTimeout(look, SOON_MS); // a burst of pushes is one look
}

function connect() {
  const socket = new WebSocket(new URL("/ws/alerts/", location.href.replace(/^http/, "ws")));
  socket.addEventListener("open", () => {
    pauseMs = 1000;
    lookSoon();
  });
  socket.addEventListener("message", lookSoon);
  socket.addEventListener("close", () => {
    setTimeout(connect, pauseMs * (0.7 + 0.6 * Math.random()));
    pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2);
  });
}

look();
connect();
setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", lookSoon);
