// The header's connection state. Whoever holds a connection dispatches `paca:connection` on the document
// with {state: "live" | "catching-up" | "offline", since: Date}.
const slot = document.querySelector("[data-connection]");
const clock = (at) => at.toLocaleTimeString("en-GB");

document.addEventListener("paca:connection", (event) => {
  const { state, since } = event.detail;
  slot.hidden = false;
  slot.dataset.state = state;
  slot.textContent = state === "offline" ? `offline since ${clock(since)}` : state === "live" ? "live" : "catching up";
});
