// A short tone for a new alert, by severity: off until the person turns it on, remembered on this screen, and no
// browser plays before a first gesture. The help tries each out, also while they are off.
import { gettext } from "./words.js";

const STORE = "paca.sound";
const TONES = { 1: [440], 2: [523, 659], 3: [659, 880, 659] }; // Hz, one after the other
const button = document.querySelector("[data-sound]");
const told = document.querySelector("[data-sound-told]");
let audio = null;
let isOn = localStorage.getItem(STORE) === "on";

function play(severity) {
  if (!audio || audio.state !== "running") return;
  TONES[severity]?.forEach((frequency, index) => {
    const at = audio.currentTime + index * 0.16;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.16, at + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.15);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.16);
  });
}

function show() {
  const isReady = audio?.state === "running";
  button.textContent = !isOn ? gettext("Sound off") : isReady ? gettext("Sound on") : gettext("Sound on after a click");
  button.setAttribute("aria-pressed", String(isOn));
}

async function wake() {
  if (!isOn) return;
  audio ??= new AudioContext();
  await audio.resume();
  show();
}

async function tryOut(severity) {
  audio ??= new AudioContext();
  await audio.resume();
  play(severity);
  const isThrough = audio.state === "running";
  const muted = isOn ? "" : ` ${gettext("Alerts stay silent until sound is turned on.")}`;
  told.textContent = (isThrough ? gettext("Played. If you heard nothing: loudspeaker, volume, this tab.") : gettext("This browser lets no sound through.")) + muted;
}

for (const trial of document.querySelectorAll("[data-sound-try]")) {
  trial.addEventListener("click", () => tryOut(Number(trial.dataset.soundTry)).catch((error) => (told.textContent = String(error))));
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    isOn = !isOn;
    localStorage.setItem(STORE, isOn ? "on" : "off");
    if (isOn) {
      await wake();
      play(1);
    } else await audio?.suspend();
    show();
  });
  addEventListener("pointerdown", wake, { once: true });
  addEventListener("keydown", wake, { once: true });
  document.addEventListener("paca:alert", ({ detail }) => {
    if (((detail.is_new && !detail.is_muted) || detail.is_call) && isOn) play(detail.severity);
  });
  show();
}
