// Says a new system alert in the page's polite live region; the list itself follows by htmx.
import { fill, gettext } from "./words.js";

const region = document.querySelector("[data-announce]");
const GATHER_MS = 1500;
let waiting = [];
let timer = 0;

document.addEventListener("paca:system", ({ detail }) => {
  if (!detail.is_new || !region) return;
  waiting.push(detail.words);
  clearTimeout(timer);
  timer = setTimeout(() => {
    region.textContent = waiting.length > 1 ? fill(gettext("{count} new system alerts."), { count: waiting.length }) : fill(gettext("System alert. {words}"), { words: waiting[0] });
    waiting = [];
  }, GATHER_MS);
});
