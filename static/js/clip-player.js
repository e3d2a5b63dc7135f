// Playing the masked clip: play, speed, one frame at a time; and the time from the event's start, for whoever draws.
import { bind, isTyping } from "./bind-behaviour.js";
import { fill, gettext } from "./words.js";

const SPEEDS = [1, 2, 0.5, 0.25];
const LEAD_S = 3;
const FRAME_S = 0.1; // until the video itself tells how far its frames are apart

bind("[data-clip]", (clip) => {
  const video = clip.querySelector("[data-video]");
  const picture = video ?? clip.querySelector("[data-poster]");
  const stage = clip.querySelector("[data-stage]");
  const fit = () => {
    const width = picture?.videoWidth || picture?.naturalWidth;
    const height = picture?.videoHeight || picture?.naturalHeight;
    if (width && height) stage.style.setProperty("--ratio", width / height);
  };
  picture?.addEventListener(video ? "loadedmetadata" : "load", fit);
  fit();
  if (!video) return;

  const transport = clip.querySelector("[data-transport]");
  const play = clip.querySelector("[data-play]");
  const speed = clip.querySelector("[data-speed]");
  const time = clip.querySelector("[data-time]");
  const zero = Number(clip.dataset.zeroS);
  let frame = FRAME_S;
  let lastFrameAt = null;
  transport.hidden = false;
  const lead = () => {
    // The first time from shortly before the event; the loop then shows the whole pre-roll.
    if (-zero > LEAD_S) video.currentTime = -zero - LEAD_S;
  };
  if (video.readyState > 0) lead();
  else video.addEventListener("loadedmetadata", lead, { once: true });

  const show = () => {
    const offset = video.currentTime + zero;
    time.textContent = `${offset < 0 ? "−" : "+"}${Math.abs(offset).toFixed(1)} s`;
    clip.dispatchEvent(new CustomEvent("paca:time", { detail: { offset, time: video.currentTime, length: video.duration } }));
  };
  const onFrame = (_now, facts) => {
    const gap = facts.mediaTime - (lastFrameAt ?? facts.mediaTime);
    if (gap > 0.01 && gap < 1 && !video.paused) frame = gap;
    lastFrameAt = facts.mediaTime;
    show();
    if (clip.isConnected) video.requestVideoFrameCallback(onFrame);
  };
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(onFrame);
  video.addEventListener("timeupdate", show);
  video.addEventListener("seeked", show);

  const label = () => (play.firstChild.textContent = `${video.paused ? gettext("Play") : gettext("Pause")} `);
  video.addEventListener("play", label);
  video.addEventListener("pause", label);
  label();
  const toggle = () => (video.paused ? video.play() : video.pause());
  const step = (by) => {
    video.pause();
    video.currentTime = Math.min(video.duration, Math.max(0, video.currentTime + by * frame));
  };
  play.addEventListener("click", toggle);
  video.addEventListener("click", toggle);
  for (const button of clip.querySelectorAll("[data-step]")) button.addEventListener("click", () => step(Number(button.dataset.step)));
  speed.addEventListener("click", () => {
    video.playbackRate = SPEEDS[(SPEEDS.indexOf(video.playbackRate) + 1) % SPEEDS.length];
    speed.textContent = `${video.playbackRate} ×`;
    speed.setAttribute("aria-label", fill(gettext("Speed: {rate} ×"), { rate: video.playbackRate }));
  });
  clip.addEventListener("paca:seek", ({ detail }) => {
    if (Number.isFinite(video.duration)) video.currentTime = detail.share * video.duration;
  });
  clip.addEventListener("paca:key", ({ detail }) => ({ " ": toggle, arrowleft: () => step(-1), arrowright: () => step(1) })[detail.key]?.());
});

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (![" ", "arrowleft", "arrowright", "r"].includes(key) || isTyping(event)) return;
  if (key === " " && event.target.closest("button, summary, a")) return; // Space presses what has the focus
  if (document.querySelector("dialog[open]")) return;
  const clip = document.querySelector("[data-clip]");
  if (!clip) return;
  event.preventDefault();
  clip.dispatchEvent(new CustomEvent("paca:key", { detail: { key } }));
});
