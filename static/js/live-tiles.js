// Live tiles below one element, over one socket of their own, from now until `stop` or until the element leaves the page.
import { isSaving } from "./live-saving.js";
import { LiveSocket } from "./wall-socket.js";
import { Tile } from "./wall-tile.js";

const REFRESH_MS = 250;
const ANNOUNCED_AFTER_MS = 3000;
const RESIZED_AFTER_MS = 400;
const AGAIN_ON = [
  [document, "visibilitychange"],
  [document, "wall:shown"],
  [document, "live:saving"],
];

export class LiveTiles {
  // tellsPage: whether the header's word for the connection is this socket's
  constructor(root, { tellsPage }) {
    this.root = root;
    this.voice = root.querySelector("[data-live-voice]");
    this.tiles = new Map([...root.querySelectorAll("[data-tile]")].map((element) => [Number(element.dataset.camera), new Tile(element)]));
    this.startedAt = Date.now();
    this.isSourceUp = true;
    this.socket = new LiveSocket(root.dataset.live, this, { tellsPage });
    this.again = () => this.watchShown();
    for (const [where, name] of AGAIN_ON) where.addEventListener(name, this.again);
    this.sizes = new ResizeObserver(() => {
      clearTimeout(this.resizing);
      this.resizing = setTimeout(this.again, RESIZED_AFTER_MS);
    });
    for (const tile of this.tiles.values()) this.sizes.observe(tile.canvas);
    this.timer = setInterval(() => this.refresh(), REFRESH_MS);
    this.watchShown();
  }

  stop() {
    clearInterval(this.timer);
    clearTimeout(this.resizing);
    this.sizes.disconnect();
    for (const [where, name] of AGAIN_ON) where.removeEventListener(name, this.again);
    for (const tile of this.tiles.values()) tile.clear();
    this.socket.end();
  }

  // What the socket brings.
  async frame(message) {
    const tile = this.tiles.get(message.camera);
    try {
      await tile?.draw(message);
    } finally {
      this.socket.shown(message.camera); // also one that cannot be drawn is done with: the next may be whole
    }
  }

  conditions(cameras) {
    for (const [camera, condition] of Object.entries(cameras)) {
      const tile = this.tiles.get(Number(camera));
      if (tile) tile.condition = condition;
    }
  }

  source(isUp) {
    this.isSourceUp = isUp;
  }

  watchShown() {
    const shown = document.hidden ? [] : [...this.tiles.values()].filter((tile) => !tile.element.hidden);
    for (const tile of this.tiles.values()) {
      if (!shown.includes(tile)) tile.clear();
    }
    const film = isSaving();
    this.socket.watch(shown.map((tile) => ({ camera: tile.camera, width: Math.max(1, tile.pixelWidth), film })));
  }

  refresh() {
    if (!this.root.isConnected) return this.stop();
    if (document.hidden) return undefined;
    const said = [];
    for (const tile of this.tiles.values()) {
      if (tile.element.hidden) continue;
      const news = tile.refresh(this.socket.serverNow, this.socket.state, this.isSourceUp);
      if (news) said.push(news);
    }
    if (said.length && Date.now() - this.startedAt > ANNOUNCED_AFTER_MS) this.voice.textContent = said.join(". ");
    return undefined;
  }
}
