// After another alert has come into the page: the screen reader hears its name, the layout knows that one is open.
import { bind } from "./bind-behaviour.js";
import { alertName } from "./focus-keep.js";

bind("#alert", (alert) => {
  const isOpen = "openAlert" in alert.dataset;
  document.querySelector(".desk")?.classList.toggle("desk--open", isOpen);
  if (document.documentElement.dataset.swapped) {
    alertName()?.focus({ preventScroll: true }); // also where no alert is left
    if (isOpen && innerWidth <= 800) scrollTo(0, 0);
  }
  document.documentElement.dataset.swapped = "1";
});
