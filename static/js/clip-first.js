// Asks for the confidence as soon as enough of the clip was played; the server checks.
import { bind } from "./bind-behaviour.js";

const EVERY_MS = 300;

bind("[data-clip-first]", (form) => {
  const watched = form.querySelector("[data-watched]");
  watched.value = "0";
  form.querySelector("button").hidden = true;
  const timer = setInterval(() => {
    if (!form.isConnected) return clearInterval(timer);
    if (Number(watched.value) < Number(form.dataset.watchS)) return;
    clearInterval(timer);
    form.requestSubmit();
  }, EVERY_MS);
});
