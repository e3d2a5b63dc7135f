// Zones and doors, drawn over a masked picture. The text fields are the truth: drawing writes them, they draw.
import { bind } from "./bind-behaviour.js";
import { corner, grid, polygon } from "./zone-shapes.js";
import { fill, gettext, ngettext } from "./words.js";

const NEAR = 3; // so close to the first corner, a click closes the zone; units of a picture 100 high
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const clamp = (value) => Math.min(100, Math.max(0, Math.round(value * 10) / 10));

export const read = (text) =>
  text.split("\n").filter((line) => line.trim()).map((line) => line.trim().split(/\s+/).map((word) => word.split(",").map(Number)));
const isDrawable = (zone) => zone.length > 2 && zone.every((point) => point.length === 2 && point.every(Number.isFinite));

bind("[data-zones]", (root) => {
  const part = (name) => root.querySelector(`[data-zones-${name}]`);
  const [stage, word, list, choice] = ["stage", "word", "list", "kind"].map(part);
  const texts = Object.fromEntries([...root.querySelectorAll("[data-zones-text]")].map((text) => [text.dataset.zonesText, text]));
  let aspect = 16 / 9;
  let draft = [];
  let cross = [50, 50];
  let held = null; // the corner being moved: [kind, line, corner]

  const lines = (kind) => texts[kind].value.split("\n").filter((line) => line.trim());
  const named = (kind, number) => fill(kind === "door" ? gettext("Door {number}") : gettext("Zone {number}"), { number });
  const write = (kind, zones) => {
    texts[kind].value = zones.map((zone) => zone.map((point) => point.join(",")).join(" ")).join("\n");
    draw();
  };

  function show(kind) {
    const shapes = part("shapes");
    read(texts[kind].value).forEach((zone, line) => {
      const name = named(kind, line + 1);
      if (isDrawable(zone)) {
        shapes.append(...polygon(zone, aspect, line + 1, kind));
        shapes.append(...zone.map((point, index) => corner(point, aspect, `${kind}/${line}/${index}`)));
      }
      const item = document.createElement("li");
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--quiet", textContent: gettext("Delete") });
      button.setAttribute("aria-label", fill(gettext("Delete {name}"), { name }));
      button.addEventListener("click", () => {
        texts[kind].value = lines(kind).filter((_, index) => index !== line).join("\n");
        draw();
        word.textContent = fill(gettext("{name} is deleted. Nothing is saved yet."), { name });
      });
      const state = isDrawable(zone) ? gettext("{name}, {count} corners") : gettext("{name} cannot be drawn yet");
      item.append(fill(state, { name, count: zone.length }), button);
      list.append(item);
    });
  }

  function draw() {
    for (const element of [part("shapes"), list]) element.replaceChildren();
    Object.keys(texts).forEach(show);
    part("draft").replaceChildren(...(draft.length ? polygon(draft, aspect, "", choice.value) : []), ...draft.map((point) => corner(point, aspect, "")));
    part("close").disabled = draft.length < 3;
    part("back").disabled = draft.length === 0;
    part("cross").setAttribute("transform", `translate(${cross[0] * aspect} ${cross[1]})`);
  }

  const corners = () => fill(ngettext("{count} corner.", "{count} corners.", draft.length), { count: draft.length });

  function add(point) {
    const [first] = draft;
    if (draft.length > 2 && Math.hypot((point[0] - first[0]) * aspect, point[1] - first[1]) < NEAR) return close();
    draft.push(point);
    const next = draft.length > 2 ? gettext("Close it at the first corner, or with Enter.") : gettext("At least three are needed.");
    word.textContent = `${corners()} ${next}`;
    draw();
  }

  function close() {
    if (draft.length < 3) return;
    const kind = choice.value;
    const zones = [...lines(kind), draft.map((point) => point.join(",")).join(" ")];
    draft = [];
    texts[kind].value = zones.join("\n");
    word.textContent = fill(gettext("{name} is drawn. It counts once you save."), { name: named(kind, zones.length) });
    draw();
  }

  function back() {
    draft.pop();
    word.textContent = draft.length ? corners() : gettext("Nothing is being drawn.");
    draw();
  }

  function drop() {
    draft = [];
    word.textContent = gettext("Nothing is being drawn.");
  }

  const at = (event) => {
    const box = stage.getBoundingClientRect();
    return [clamp(((event.clientX - box.left) / box.width) * 100), clamp(((event.clientY - box.top) / box.height) * 100)];
  };
  stage.addEventListener("pointerdown", (event) => {
    const grip = event.target.dataset?.corner;
    if (grip) held = grip.split("/");
    else add(at(event));
    if (grip) stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [kind, line, index] = held;
    const zones = read(texts[kind].value);
    zones[line][index] = at(event);
    write(kind, zones);
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => (held = null));
  stage.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    if (step) cross = cross.map((value, axis) => clamp(value + step[axis] * (event.shiftKey ? 5 : 1)));
    else if (event.key === " ") add([...cross]);
    else if (event.key === "Enter") close();
    else if (event.key === "Backspace") back();
    else if (event.key === "Escape") drop();
    else return;
    event.preventDefault();
    draw();
  });
  part("close").addEventListener("click", close);
  part("back").addEventListener("click", back);
  for (const text of Object.values(texts)) text.addEventListener("input", draw);
  choice.addEventListener("change", draw);
  root.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction") || !draft.length) return;
    close(); // three corners are a zone: saving means it too
    if (!draft.length) return;
    event.preventDefault();
    word.textContent = gettext("Not saved: what is being drawn has fewer than three corners. Set another corner, or drop it with Escape.");
    stage.focus();
  });

  const size = () => {
    stage.setAttribute("viewBox", `0 0 ${100 * aspect} 100`);
    part("picture").setAttribute("width", String(100 * aspect));
    part("grid").replaceChildren(...(part("picture").hasAttribute("href") ? [] : [grid(aspect)]));
    draw();
  };
  bind(".trial__picture", (picture) => {
    aspect = picture.width / picture.height;
    part("picture").setAttribute("href", picture.src);
    size();
  });
  stage.removeAttribute("hidden");
  size();
});
