// The button that swaps dark and light, remembered on this screen.
const root = document.documentElement;

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  const label = () => {
    button.textContent = root.dataset.theme === "light" ? "Dark" : "Light";
    button.setAttribute("aria-label", `Change to the ${button.textContent.toLowerCase()} theme`);
  };
  label();
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "light" ? "dark" : "light";
    localStorage.setItem("paca.theme", root.dataset.theme);
    label();
  });
}
