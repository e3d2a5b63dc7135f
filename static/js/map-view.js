// Nearer, farther, to the side: buttons, keys, wheel and dragging. What is chosen in the lists lights up on the map.
import { isTyping } from "./bind-behaviour.js";

const picture = document.querySelector("[data-map-picture]");
const root = document.querySelector("[data-map]");
const whole = picture.getAttribute("viewBox").split(" ").map(Number);
const NEAREST = 40; // times
const STEP = 1.4;
const SHIFT = 0.12; // of the width
let [left, top, width, height] = whole;
let drag = null;

function show() {
  picture.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
  for (const mark of picture.querySelectorAll("[data-map-scaled]")) mark.setAttribute("transform", `scale(${height / 100})`);
}

function zoom(factor, x = left + width / 2, y = top + height / 2) {
  const next = Math.min(whole[2] * 1.5, Math.max(whole[2] / NEAREST, width / factor));
  const by = next / width;
  left = x - (x - left) * by;
  top = y - (y - top) * by;
  width *= by;
  height *= by;
  show();
}

function shift(x, y) {
  left += x * width * SHIFT;
  top += y * height * SHIFT;
  show();
}

function showAll() {
  [left, top, width, height] = whole;
  show();
}

const VIEWS = { in: () => zoom(STEP), out: () => zoom(1 / STEP), all: showAll };
const KEYS = {
  "+": VIEWS.in,
  "=": VIEWS.in,
  "-": VIEWS.out,
  0: VIEWS.all,
  ArrowLeft: () => shift(-1, 0),
  ArrowRight: () => shift(1, 0),
  ArrowUp: () => shift(0, -1),
  ArrowDown: () => shift(0, 1),
};

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || !(event.key in KEYS)) return;
  if (event.key.startsWith("Arrow") && event.target.closest("[data-map-lists]")) return; // the lists scroll
  KEYS[event.key]();
  event.preventDefault();
});
root.querySelector("[data-map-tools]").hidden = false;
for (const button of root.querySelectorAll("[data-map-zoom]")) {
  button.addEventListener("click", VIEWS[button.dataset.mapZoom]);
}

function at(event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
  return [point.x, point.y];
}

picture.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, ...at(event));
}, { passive: false });
picture.addEventListener("pointerdown", (event) => {
  if (event.button === 0 && !event.target.closest("a")) drag = at(event);
});
addEventListener("pointermove", (event) => {
  if (!drag) return;
  const [x, y] = at(event);
  left += drag[0] - x;
  top += drag[1] - y;
  show();
});
addEventListener("pointerup", () => (drag = null));

function light(event) {
  const camera = event.target.closest?.("[data-pair]")?.dataset.pair;
  for (const mark of picture.querySelectorAll("[data-mark]")) mark.toggleAttribute("data-lit", mark.dataset.mark === camera);
}
for (const name of ["focusin", "pointerover"]) root.addEventListener(name, light);
document.addEventListener("map:put", show);
