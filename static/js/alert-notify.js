// Says in one polite live region what arrives, and to what somebody more is called.
const region = document.querySelector("[data-announce]");
const GATHER_MS = 1200;
const WORD = { 1: "low", 2: "medium", 3: "high" };
let waiting = [];
let timer = 0;

function announce() {
  const first = waiting[0];
  region.textContent = waiting.length > 1 ? `${waiting.length} alerts are new or call for somebody more.` : first;
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
  if (detail.is_call && region) {
    const who = detail.call_level > 1 ? "The supervisor is called" : "A second operator is called";
    waiting.push(`${who}: ${words(detail.html, ".row__name")}. ${words(detail.html, ".row__sentence")}`);
    clearTimeout(timer);
    timer = setTimeout(announce, GATHER_MS);
  }
});
