// The chosen threshold stands out on the curve while one moves through the table.
import { bind } from "./bind-behaviour.js";

bind("[data-sensitivity]", (form) => {
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "threshold_percent") return;
    for (const point of form.querySelectorAll("circle[data-value]")) {
      point.toggleAttribute("data-state", false);
      if (point.dataset.value === target.value) point.dataset.state = "chosen";
    }
  });
});
