// Two windows of one person follow each other: what is opened in the queue is shown large on the wall, and an alert
// pressed on the wall opens in the queue. Each says whether the other is there; alone, each works as before.
import { gettext } from "./words.js";

const root = document.querySelector("[data-desk-link]");
const status = root?.querySelector("[data-desk-state]");
const HELLO_MS = 2000;
const LOST_MS = 6000;
const BACK_MS = 1500;
const PARTNER = { queue: "wall", wall: "queue" };
const LINKED = { queue: gettext("Linked to the wall window"), wall: gettext("Linked to the queue window") };
const CLOSED = { queue: gettext("The wall window is closed"), wall: gettext("The queue window is closed") };
const me = crypto.getRandomValues(new Uint32Array(2)).join("-");
const others = new Map(); // window → when it was last heard
let channel = null;
let said = null; // the last selection, for a window that joins later
let wasLinked = false;

const send = (message) => channel?.postMessage({ from: me, kind: root.dataset.deskLink, ...message });

export function isLinked() {
  return others.size > 0;
}

// What is open here, also told to a window that joins later.
export function select(selection) {
  said = selection;
  tell(selection);
}

// A word for now: a window that loads anew must not be told to go back to it.
export function tell(selection) {
  send({ type: "select", selection });
}

function show() {
  const kind = root.dataset.deskLink;
  const words = isLinked() ? LINKED[kind] : wasLinked ? CLOSED[kind] : gettext("One window");
  root.dataset.linked = String(isLinked());
  status.dataset.state = isLinked() ? "normal" : wasLinked ? "warn" : "off";
  if (status.textContent !== words) status.textContent = words;
  wasLinked ||= isLinked();
}

function hear({ data }) {
  if (data.kind !== PARTNER[root.dataset.deskLink]) return;
  const isNew = !others.has(data.from);
  if (data.type === "bye") {
    others.delete(data.from);
    setTimeout(show, BACK_MS); // it may only be loading another page
    return;
  }
  others.set(data.from, Date.now());
  if (isNew) send({ type: "hello" });
  if (isNew && said) send({ type: "select", selection: said });
  if (data.type === "select") document.dispatchEvent(new CustomEvent("paca:partner", { detail: data.selection }));
  show();
}

function join() {
  channel = new BroadcastChannel(`paca.desk.${root.dataset.person}`); // of this browser and this person only
  channel.addEventListener("message", hear);
  send({ type: "hello" });
}

if (root && "BroadcastChannel" in window) {
  root.hidden = false;
  join();
  setInterval(() => {
    send({ type: "hello" });
    for (const [other, heardAt] of others) if (Date.now() - heardAt > LOST_MS) others.delete(other);
    show();
  }, HELLO_MS);
  addEventListener("pagehide", () => {
    send({ type: "bye" });
    channel.close();
    channel = null;
  });
  addEventListener("pageshow", () => channel ?? join());
  show();
}
