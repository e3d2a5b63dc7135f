// A page of history tells when it is left: the trail then says how long it stood open, by the server's clock.
import { bind } from "./bind-behaviour.js";

bind("[data-history-left]", (form) => {
  window.addEventListener("pagehide", () => navigator.sendBeacon(form.action, new FormData(form)), { once: true });
});
