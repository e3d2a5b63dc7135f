// Says a new system alert in the page's polite live region; the list itself follows by htmx.
const region = document.querySelector("[data-announce]");
const GATHER_MS = 1500;
let waiting = [];
let timer = 0;

document.addEventListener("paca:system", ({ detail }) => {
  if (!detail.is_new || !region) return;
  waiting.push(detail.words);
  clearTimeout(timer);
  timer = setTimeout(() => {
    region.textContent = waiting.length > 1 ? `${waiting.length} new system alerts.` : `System alert. ${waiting[0]}`;
    waiting = [];
  }, GATHER_MS);
});
