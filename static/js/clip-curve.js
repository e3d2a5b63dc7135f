// The score curve's cursor follows the clip, and a click on the curve goes to that moment.
import { bind } from "./bind-behaviour.js";

bind("[data-clip]", (clip) => {
  const plot = clip.querySelector("[data-curve] svg");
  const cursor = plot?.querySelector("[data-cursor]");
  if (!cursor) return;
  clip.addEventListener("paca:time", ({ detail }) => {
    if (!Number.isFinite(detail.length)) return;
    const x = (1000 * detail.time) / detail.length;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
  });
  plot.addEventListener("click", (event) => {
    const box = plot.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    clip.dispatchEvent(new CustomEvent("paca:seek", { detail: { share } }));
  });
});
