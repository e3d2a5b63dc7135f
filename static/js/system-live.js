// The pages about the system: they follow the pushes.
import "./system-notify.js";
import { openAlertSocket } from "./alert-socket.js";

document.addEventListener("paca:catch-up", () =>
  document.dispatchEvent(new CustomEvent("paca:connection", { detail: { state: "live" } })),
);
openAlertSocket();
