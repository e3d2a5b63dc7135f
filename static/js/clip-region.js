// The highlighted region follows the event over the clip; outside the event's time there is nothing to highlight.
import { bind } from "./bind-behaviour.js";

const STORE = "paca.region";
const STAYS_S = 0.6; // how far from a sample the region still holds

bind("[data-clip]", (clip) => {
  const drawing = clip.querySelector("[data-region]");
  const polygon = drawing?.querySelector("polygon");
  const button = clip.querySelector("[data-region-toggle]");
  const samples = JSON.parse(clip.querySelector("#alert-regions")?.textContent || "[]");
  if (!polygon) return;

  const nearest = (offset) => {
    let best = null;
    for (const sample of samples) if (!best || Math.abs(sample[0] - offset) < Math.abs(best[0] - offset)) best = sample;
    return best;
  };
  clip.addEventListener("paca:time", ({ detail }) => {
    const sample = nearest(detail.offset);
    if (!sample) return;
    drawing.toggleAttribute("data-faint", Math.abs(sample[0] - detail.offset) > STAYS_S);
    polygon.setAttribute("points", sample[1].map((corner) => corner.join(",")).join(" "));
  });

  const show = (isOn) => {
    drawing.toggleAttribute("hidden", !isOn);
    button?.setAttribute("aria-pressed", String(isOn));
    localStorage.setItem(STORE, isOn ? "on" : "off");
  };
  const toggle = () => show(drawing.hasAttribute("hidden"));
  show(localStorage.getItem(STORE) !== "off");
  button?.addEventListener("click", toggle);
  clip.addEventListener("paca:key", ({ detail }) => detail.key === "r" && toggle());
});
