// Says what arrives in one polite live region, and tells whoever looks at an alert that somebody else has decided it.
const region = document.querySelector("[data-announce]");
const GATHER_MS = 1200;
const WORD = { 1: "low", 2: "medium", 3: "high" };
let waiting = [];
let timer = 0;

function announce() {
  const first = waiting[0];
  region.textContent = waiting.length > 1 ? `${waiting.length} new alerts.` : first;
  waiting = [];
}

const words = (html, part) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector(part)?.textContent.trim() ?? "";
};

document.addEventListener("paca:alert", ({ detail }) => {
  if (detail.is_new && region) {
    const place = words(detail.html, ".row__name");
    waiting.push(`New alert, ${WORD[detail.severity]}: ${place}. ${words(detail.html, ".row__sentence")}`);
    clearTimeout(timer);
    timer = setTimeout(announce, GATHER_MS);
  }
  const open = document.querySelector(`[data-open-alert="${Number(detail.alert)}"]`);
  const line = open?.querySelector("[data-decided-elsewhere]");
  const isMine = open?.querySelector("[data-decide].htmx-request");
  if (line && !isMine && open.dataset.state !== detail.state) {
    line.hidden = false;
    line.textContent = `A colleague has just decided this alert: ${detail.state}. What you wrote is still here.`;
  }
});
