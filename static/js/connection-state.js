// The header's connection state. Whoever holds a connection dispatches `paca:connection` on the document
// with {state: "live" | "catching-up" | "offline", since: Date}.
import { fill, gettext } from "./words.js";

const slot = document.querySelector("[data-connection]");
const clock = (at) => at.toLocaleTimeString("en-GB");

document.addEventListener("paca:connection", (event) => {
  const { state, since } = event.detail;
  slot.hidden = false;
  slot.dataset.state = state;
  slot.textContent = state === "offline" ? fill(gettext("offline since {time}"), { time: clock(since) }) : state === "live" ? gettext("live") : gettext("catching up");
});
