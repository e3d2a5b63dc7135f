// How many tiles, which page of them, and moving among them by keyboard. Remembered per person on this machine.
import { fill, gettext } from "./words.js";

const SIZES = [1, 4, 9, 16];
const wall = document.querySelector("[data-wall]");
const grid = wall.querySelector("[data-wall-grid]");
const tiles = [...grid.querySelectorAll("[data-tile]")];
const key = `paca.wall.${wall.dataset.wall}`;
const range = wall.querySelector("[data-wall-range]");
const [previous, next] = ["previous", "next"].map((name) => wall.querySelector(`[data-wall-${name}]`));

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {}; // no storage, or somebody else's words in it
  }
}

function fitting() {
  return SIZES.find((size) => size >= tiles.length) ?? SIZES.at(-1);
}

let { size, first = 0 } = remembered();
if (!SIZES.includes(size)) size = fitting();

let large = null; // the one camera that another window asks for; what is remembered stays as it was

function layLarge() {
  grid.dataset.size = "1";
  for (const tile of tiles) tile.hidden = tile.dataset.camera !== String(large);
  previous.hidden = next.hidden = true;
  range.textContent = fill(gettext("{shown} of {all}"), { shown: 1, all: tiles.length });
  document.dispatchEvent(new Event("wall:shown"));
}

function lay() {
  if (large !== null) return layLarge();
  const last = Math.max(0, Math.ceil(tiles.length / size) - 1) * size;
  first = Math.min(Math.max(0, Math.floor(first / size) * size), last);
  grid.dataset.size = String(size);
  tiles.forEach((tile, index) => {
    tile.hidden = index < first || index >= first + size;
  });
  for (const button of wall.querySelectorAll("[data-wall-size]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.wallSize) === size));
  }
  const end = Math.min(first + size, tiles.length);
  range.textContent = tiles.length > size ? fill(gettext("{shown} of {all}"), { shown: `${first + 1}–${end}`, all: tiles.length }) : `${tiles.length}`;
  previous.disabled = first === 0;
  next.disabled = end >= tiles.length;
  previous.hidden = next.hidden = tiles.length <= size;
  try {
    localStorage.setItem(key, JSON.stringify({ size, first }));
  } catch {
    // a browser that stores nothing shows what fits each time
  }
  document.dispatchEvent(new Event("wall:shown"));
}

function turn(pages) {
  first += pages * size;
  lay();
}

function shownLinks() {
  return tiles.filter((tile) => !tile.hidden).map((tile) => tile.querySelector("[data-tile-link]"));
}

function step(by) {
  const links = shownLinks();
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

const MOVES = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ArrowUp: () => step(-Math.sqrt(size)),
  ArrowDown: () => step(Math.sqrt(size)),
  PageUp: () => turn(-1),
  PageDown: () => turn(1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
  if (digit) shownLinks()[digit - 1]?.focus();
  else if (event.key in MOVES) {
    event.preventDefault();
    MOVES[event.key]();
  }
});
for (const button of wall.querySelectorAll("[data-wall-size]")) {
  button.addEventListener("click", () => {
    size = Number(button.dataset.wallSize);
    document.dispatchEvent(new CustomEvent("wall:large", { detail: { camera: null } }));
  });
}
document.addEventListener("wall:large", ({ detail }) => {
  large = detail.camera;
  lay();
});
previous.addEventListener("click", () => turn(-1));
next.addEventListener("click", () => turn(1));
lay();
