// The shapes of zone drawing, in a picture that is 100 high and 100 × aspect wide; points are in percent.
import { fill, gettext } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export function polygon(zone, aspect, number, kind = "zone") {
  const points = zone.map(([x, y]) => `${x * aspect},${y}`).join(" ");
  const shape = element(number ? "polygon" : "polyline", { class: "zones__shape", points });
  shape.dataset.kind = kind;
  if (!number) {
    shape.dataset.state = "draft";
    return [shape];
  }
  const middle = [0, 1].map((axis) => zone.reduce((sum, point) => sum + point[axis], 0) / zone.length);
  const label = element("text", { class: "zones__number", x: middle[0] * aspect, y: middle[1] + 1.4 });
  label.textContent = kind === "door" ? fill(gettext("Door {number}"), { number }) : number;
  return [shape, label];
}

export function corner([x, y], aspect, name) {
  const made = element("circle", { class: "zones__corner", cx: x * aspect, cy: y, r: 1.2 });
  if (name) made.dataset.corner = name;
  return made;
}

export function grid(aspect) {
  const lines = Array.from({ length: 9 }, (_, index) => (index + 1) * 10);
  const path = lines.map((at) => `M0 ${at}H${100 * aspect}M${at * aspect} 0V100`).join("");
  return element("path", { d: path });
}
