// One connection for pushes. Dispatches on the document:
//   paca:alert       {alert, camera, state, severity, is_new, is_open, html}: something to look at
//   paca:system      {alert, camera, state, is_new, words}: something about the system itself, likewise
//   paca:catch-up    after every (re)connect: what was pushed meanwhile was missed, so read the database
//   paca:connection  {state, since} for the header
const PING_MS = 10_000;
const SILENT_MS = 16_000; // a connection that died silently is noticed after this long
const LONGEST_MS = 15_000;
const REFUSED = new Map([[4401, "/account/login/"], [4403, null]]);

const dispatch = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

export function openAlertSocket() {
  let attempt = 0;
  let offlineSince = null;
  let timer = 0;

  const connect = () => {
    clearTimeout(timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/alerts/`);
    let heardAt = Date.now();
    let isOver = false;
    const pulse = setInterval(() => {
      if (Date.now() - heardAt > SILENT_MS) lost(1006);
      else if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}');
    }, PING_MS);

    const lost = (code) => {
      if (isOver) return;
      isOver = true;
      clearInterval(pulse);
      socket.close();
      offlineSince ??= new Date();
      dispatch("paca:connection", { state: "offline", since: offlineSince });
      if (REFUSED.has(code)) {
        if (REFUSED.get(code)) location.assign(`${REFUSED.get(code)}?next=${encodeURIComponent(location.pathname)}`);
        return;
      }
      // Longer each time, and never all screens at once after a restart.
      const wait = Math.min(LONGEST_MS, 500 * 2 ** attempt) * (0.5 + Math.random());
      attempt += 1;
      timer = setTimeout(connect, wait);
    };

    socket.addEventListener("message", (event) => {
      heardAt = Date.now();
      const message = JSON.parse(event.data);
      if (message.type === "alert.changed") dispatch("paca:alert", message);
      if (message.type === "desk.changed") dispatch("paca:catch-up", { isConnected: true });
      if (message.type === "system.changed") dispatch("paca:system", message);
      if (message.type === "ready") {
        attempt = 0;
        offlineSince = null;
        dispatch("paca:connection", { state: "catching-up" });
        dispatch("paca:catch-up", { isConnected: true });
      }
    });
    socket.addEventListener("close", (event) => lost(event.code));
    socket.addEventListener("error", () => lost(1006));
  };

  addEventListener("online", () => {
    if (!offlineSince) return;
    clearTimeout(timer);
    timer = setTimeout(connect, 200);
  });
  connect();
}
