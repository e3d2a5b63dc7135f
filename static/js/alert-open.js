// After another alert has come into the page: the screen reader hears its name, the layout knows that one is open.
import { bind } from "./bind-behaviour.js";

bind("#alert", (alert) => {
  const isOpen = "openAlert" in alert.dataset;
  document.querySelector(".desk")?.classList.toggle("desk--open", isOpen);
  if (isOpen && document.documentElement.dataset.swapped) {
    alert.querySelector("h1")?.focus({ preventScroll: true });
    if (innerWidth <= 800) scrollTo(0, 0);
  }
  document.documentElement.dataset.swapped = "1";
});
