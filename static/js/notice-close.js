// Messages go by themselves after a while; warnings and errors stay until they are closed.
import { fill, gettext } from "./words.js";

const QUIET_AFTER_MS = 5000;

document.addEventListener("click", (event) => {
  event.target.closest("[data-notice-close]")?.closest("[data-notice]")?.remove();
  document.dispatchEvent(new Event("paca:removed"));
});

function expire() {
  for (const notice of document.querySelectorAll("[data-notice]:not([data-expires])")) {
    if (notice.matches(".notice--warning, .notice--error")) continue;
    notice.dataset.expires = "";
    setTimeout(() => {
      notice.remove();
      document.dispatchEvent(new Event("paca:removed"));
    }, QUIET_AFTER_MS);
  }
}

expire();
document.addEventListener("htmx:oobAfterSwap", expire);
document.addEventListener("htmx:load", expire);

// A page that cannot be reached says so; what was typed is still in its field.
function say(text) {
  const list = document.querySelector("[data-notices]");
  if (!list || [...list.querySelectorAll("p")].some((known) => known.textContent === text)) return;
  const item = document.createElement("div");
  item.className = "notice notice--error";
  item.dataset.notice = "";
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  const close = document.createElement("button");
  close.className = "button button--quiet button--small notice__close";
  close.type = "button";
  close.dataset.noticeClose = "";
  close.setAttribute("aria-label", gettext("Close this message"));
  close.textContent = "×";
  item.append(paragraph, close);
  list.append(item);
}

const isPolling = (event) => event.detail.requestConfig?.triggeringEvent === undefined;
document.addEventListener("htmx:sendError", (event) => {
  if (!isPolling(event)) say(gettext("The server did not answer. Nothing was sent; what you wrote is still here. Try again."));
});
document.addEventListener("htmx:timeout", () => say(gettext("The server is slow. Nothing you wrote is lost. Try again.")));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  const refused = gettext("The server could not do that ({status}). Nothing you wrote is lost.");
  say(status === 404 ? gettext("That is not there, or not yours to see.") : fill(refused, { status }));
});
