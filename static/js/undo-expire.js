// The offer to undo goes when its time is up.
import { bind } from "./bind-behaviour.js";

bind("[data-undo]", (form) => {
  setTimeout(() => form.remove(), Math.max(0, Date.parse(form.dataset.until) - Date.now()));
});
