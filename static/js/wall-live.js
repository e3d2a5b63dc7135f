// Ties the tiles of a page to one socket; tells the rest of the page through `wall:shown` which tiles to watch.
import { isSaving } from "./live-saving.js";
import { LiveSocket } from "./wall-socket.js";
import { Tile } from "./wall-tile.js";

const REFRESH_MS = 250;
const ANNOUNCED_AFTER_MS = 3000;
const RESIZED_AFTER_MS = 400;
const root = document.querySelector("[data-live]");
const voice = root.querySelector("[data-live-voice]");
const tiles = new Map([...root.querySelectorAll("[data-tile]")].map((element) => [Number(element.dataset.camera), new Tile(element)]));
const startedAt = Date.now();
let isSourceUp = true;

const socket = new LiveSocket(root.dataset.live, {
  frame: async (message) => {
    const tile = tiles.get(message.camera);
    try {
      await tile?.draw(message);
    } finally {
      socket.shown(message.camera); // also one that cannot be drawn is done with: the next may be whole
    }
  },
  conditions: (cameras) => {
    for (const [camera, condition] of Object.entries(cameras)) {
      const tile = tiles.get(Number(camera));
      if (tile) tile.condition = condition;
    }
  },
  source: (isUp) => {
    isSourceUp = isUp;
  },
  state: () => {},
});

function watchShown() {
  const shown = document.hidden ? [] : [...tiles.values()].filter((tile) => !tile.element.hidden);
  const cameras = shown.map((tile) => tile.camera);
  for (const tile of tiles.values()) {
    if (!cameras.includes(tile.camera)) tile.clear();
  }
  const film = isSaving();
  socket.watch(shown.map((tile) => ({ camera: tile.camera, width: Math.max(1, tile.pixelWidth), film })));
}

let resizing = 0;
const sizes = new ResizeObserver(() => {
  clearTimeout(resizing);
  resizing = setTimeout(watchShown, RESIZED_AFTER_MS);
});

setInterval(() => {
  if (document.hidden) return;
  const said = [];
  for (const tile of tiles.values()) {
    if (tile.element.hidden) continue;
    const news = tile.refresh(socket.serverNow, socket.state, isSourceUp);
    if (news) said.push(news);
  }
  if (said.length && Date.now() - startedAt > ANNOUNCED_AFTER_MS) voice.textContent = said.join(". ");
}, REFRESH_MS);

document.addEventListener("visibilitychange", watchShown);
document.addEventListener("wall:shown", watchShown);
document.addEventListener("live:saving", watchShown);
for (const tile of tiles.values()) sizes.observe(tile.canvas);
watchShown();
