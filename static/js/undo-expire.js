// The offer to undo goes when its time is up.
import { bind } from "./bind-behaviour.js";

bind("[data-undo]", (form) => {
  const expire = () => {
    form.remove();
    document.dispatchEvent(new Event("paca:removed"));
  };
  setTimeout(expire, Math.max(0, Date.parse(form.dataset.until) - Date.now()));
});
