// The wall's side of two linked windows.
import { isLinked, tell } from "./desk-link.js";
import { fill, gettext } from "./words.js";

const wall = document.querySelector("[data-wall]");
const word = wall.querySelector("[data-wall-followed]");
const all = wall.querySelector("[data-wall-all]");

function showLarge(camera, words = "") {
  word.textContent = words;
  word.hidden = !words;
  document.dispatchEvent(new CustomEvent("wall:large", { detail: { camera } }));
}

document.addEventListener("paca:partner", ({ detail }) => {
  if (detail.isBusy) {
    word.textContent = gettext("The queue window is deciding another alert. Finish that first.");
    word.hidden = false;
    return;
  }
  const { camera } = detail;
  if (camera === null) showLarge(null);
  else if (wall.querySelector(`[data-tile][data-camera="${Number(camera)}"]`)) showLarge(camera, fill(gettext("Follows the queue: {camera}"), { camera: detail.name }));
  else showLarge(null, fill(gettext("{camera} is not on this wall. Reload it."), { camera: detail.name }));
});

wall.addEventListener("click", (event) => {
  const link = event.target.closest("[data-tile-alert]");
  if (!link || !isLinked() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const alert = /^\/alerts\/(\d+)\/$/.exec(link.pathname);
  if (!alert) return;
  event.preventDefault();
  tell({ alert: Number(alert[1]) });
});

all.addEventListener("click", () => showLarge(null));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !all.hidden) showLarge(null);
});
document.addEventListener("wall:large", ({ detail }) => (all.hidden = detail.camera === null));
