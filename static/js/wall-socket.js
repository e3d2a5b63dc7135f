// One WebSocket for all tiles of a page: frames in, acknowledgements out, the server's clock, reconnection.
import { gettext } from "./words.js";

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 10000;
const PING_MS = 10000;
const REFUSED = new Set([4401, 4403]);
const text = new TextDecoder();

export function unpack(buffer) {
  const view = new DataView(buffer);
  const length = view.getUint32(4);
  const header = JSON.parse(text.decode(new Uint8Array(buffer, 8, length)));
  return { camera: view.getUint32(0), header, picture: new Uint8Array(buffer, 8 + length) };
}

export class LiveSocket {
  // handlers: frame({camera, header, picture}), conditions(cameras), source(isUp)
  constructor(path, handlers, { tellsPage }) {
    this.tellsPage = tellsPage;
    this.url = new URL(path, location.href.replace(/^http/, "ws"));
    this.handlers = handlers;
    this.watched = [];
    this.rounds = [];
    this.pauseMs = FIRST_PAUSE_MS;
    this.offlineSince = null;
    this.connect();
    this.pinging = setInterval(() => this.ping(), PING_MS);
  }

  end() {
    this.isEnded = true;
    clearInterval(this.pinging);
    this.socket.close();
  }

  connect() {
    this.say("catching-up");
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      this.pauseMs = FIRST_PAUSE_MS;
      this.offlineSince = null;
      this.say("live");
      this.ping();
      this.send({ watch: this.watched });
    });
    socket.addEventListener("message", (event) => this.receive(event.data));
    socket.addEventListener("close", (event) => this.reconnect(event.code));
    this.socket = socket;
  }

  reconnect(code) {
    if (this.isEnded) return;
    if (REFUSED.has(code)) {
      this.say("refused");
      return;
    }
    this.offlineSince ??= new Date();
    this.say("offline");
    const pauseMs = this.pauseMs * (0.7 + 0.6 * Math.random()); // not all screens at once
    this.pauseMs = Math.min(LAST_PAUSE_MS, this.pauseMs * 2);
    setTimeout(() => this.isEnded || this.connect(), pauseMs);
  }

  receive(data) {
    if (data instanceof ArrayBuffer) {
      this.handlers.frame(unpack(data));
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "pong") this.learnClock(message);
    else if (message.type === "conditions") this.handlers.conditions(message.cameras);
    else if (message.type === "source") this.handlers.source(message.up);
    else if (message.type === "refused") {
      const refused = { name: "refused", label: gettext("Not yours to see any more"), reason: "" };
      this.handlers.conditions(Object.fromEntries(message.cameras.map((camera) => [camera, refused])));
    }
  }

  // The quickest of the last rounds tells best how far the server's clock is from ours.
  learnClock({ ping, at }) {
    const now = Date.now();
    this.rounds = [...this.rounds, { tripMs: now - ping, offsetMs: at - (now + ping) / 2 }].slice(-8);
  }

  get serverNow() {
    const best = this.rounds.reduce((a, b) => (b.tripMs < a.tripMs ? b : a), { tripMs: Infinity, offsetMs: 0 });
    return Date.now() + best.offsetMs;
  }

  // tiles: [{camera, width in pixels, film}]
  watch(tiles) {
    if (JSON.stringify(tiles) === JSON.stringify(this.watched)) return;
    this.watched = tiles;
    this.send({ watch: tiles });
  }

  shown(camera) {
    this.send({ shown: camera });
  }

  ping() {
    this.send({ ping: Date.now() });
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  say(state) {
    this.state = state;
    if (!this.tellsPage) return;
    const shown = state === "refused" ? "offline" : state;
    const detail = { state: shown, since: this.offlineSince ?? new Date() };
    document.dispatchEvent(new CustomEvent("paca:connection", { detail }));
  }
}
