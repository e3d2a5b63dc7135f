// The button that swaps dark and light, remembered on this screen.
import { gettext } from "./words.js";

const root = document.documentElement;

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  const label = () => {
    const isLight = root.dataset.theme === "light";
    button.textContent = isLight ? gettext("Dark") : gettext("Light");
    button.setAttribute("aria-label", isLight ? gettext("Change to the dark theme") : gettext("Change to the light theme"));
  };
  label();
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "light" ? "dark" : "light";
    localStorage.setItem("paca.theme", root.dataset.theme);
    label();
  });
}
