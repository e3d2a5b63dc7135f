// "Save data": live views come as a film of a fraction of the bytes. Remembered on this machine: the line is its own, not the person's.
import { canDecode } from "./wall-film.js";
import { gettext } from "./words.js";

const KEY = "paca.live-saving";
let isOn = false;
try {
  isOn = localStorage.getItem(KEY) === "on";
} catch {
  // a browser that stores nothing begins with pictures each time
}

export function isSaving() {
  return isOn && canDecode;
}

for (const button of document.querySelectorAll("[data-live-saving]")) {
  button.hidden = false;
  button.setAttribute("aria-pressed", String(isSaving()));
  if (!canDecode) {
    button.disabled = true;
    button.title = gettext("This browser cannot show it here: it needs https and a browser with WebCodecs.");
  }
  button.addEventListener("click", () => {
    isOn = !isOn;
    button.setAttribute("aria-pressed", String(isOn));
    try {
      localStorage.setItem(KEY, isOn ? "on" : "off");
    } catch {
      // then it holds for this page
    }
    document.dispatchEvent(new Event("live:saving"));
  });
}
