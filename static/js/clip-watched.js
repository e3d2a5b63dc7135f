// How many seconds of the clip were really played in front of somebody: posted with the decision.
import { bind } from "./bind-behaviour.js";

const EVERY_MS = 250;

bind("[data-video]", (video) => {
  const alert = video.closest("#alert");
  const field = alert?.querySelector("[data-decide] [data-watched]");
  let watched = Number(field?.value ?? 0); // a longer cut of the same clip goes on counting
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const isPlaying = !video.paused && !video.seeking && video.readyState > 2 && document.visibilityState === "visible";
    if (isPlaying) watched += Math.min(1, (now - last) / 1000);
    last = now;
    if (!video.isConnected) return clearInterval(timer);
    for (const current of alert?.querySelectorAll("[data-watched]") ?? []) current.value = watched.toFixed(1);
  }, EVERY_MS);
});
