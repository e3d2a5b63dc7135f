// Says in one polite live region what arrives, and to what somebody more is called.
import { fill, gettext } from "./words.js";

const region = document.querySelector("[data-announce]");
const GATHER_MS = 1200;
const WORD = { 1: gettext("low"), 2: gettext("medium"), 3: gettext("high") };
let waiting = [];
let timer = 0;

function announce() {
  const first = waiting[0];
  region.textContent = waiting.length > 1 ? fill(gettext("{count} alerts are new or call for somebody more."), { count: waiting.length }) : first;
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
    waiting.push(fill(gettext("New alert, {severity}: {place}. {sentence}"), { severity: WORD[detail.severity], place, sentence: words(detail.html, ".row__sentence") }));
    clearTimeout(timer);
    timer = setTimeout(announce, GATHER_MS);
  }
  if (detail.is_call && region) {
    const who = detail.call_level > 1 ? gettext("The supervisor is called") : gettext("A second operator is called");
    waiting.push(`${who}: ${words(detail.html, ".row__name")}. ${words(detail.html, ".row__sentence")}`);
    clearTimeout(timer);
    timer = setTimeout(announce, GATHER_MS);
  }
});
