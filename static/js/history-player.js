// Many recorded files as one film: each is fetched when its moment comes near and laid on the film's own clock.
import { bind, isTyping } from "./bind-behaviour.js";
import { fill, gettext } from "./words.js";

const PART_BYTES = 2 * 1024 * 1024; // the server's own limit for one answer
const KEPT_S = 120; // of the film around the cursor; the rest is fetched again when it is needed
const AHEAD_S = 12;
const FRAME_S = 0.2; // until the film itself tells

async function fetchFile(url) {
  const parts = [];
  for (let at = 0, size = 1; at < size; ) {
    const answer = await fetch(url, { headers: { Range: `bytes=${at}-${at + PART_BYTES - 1}` }, redirect: "error" });
    if (answer.status !== 206) throw new Error(answer.status === 503 ? await answer.text() : `answer ${answer.status}`);
    const part = new Uint8Array(await answer.arrayBuffer());
    size = Number(answer.headers.get("Content-Range").split("/")[1]);
    at += part.length;
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function codecOf(bytes) {
  const at = bytes.findIndex((_, i) => bytes[i] === 0x61 && bytes[i + 1] === 0x76 && bytes[i + 2] === 0x63 && bytes[i + 3] === 0x43);
  if (at < 0) throw new Error(gettext("the file holds no H.264"));
  const hex = [...bytes.slice(at + 5, at + 8)].map((value) => value.toString(16).padStart(2, "0"));
  return `video/mp4; codecs="avc1.${hex.join("")}"`;
}

bind("[data-history]", (root) => {
  const find = (name) => root.querySelector(`[data-${name}]`);
  const facts = JSON.parse(document.getElementById("history-pieces").textContent);
  const [video, words, scrub, time, cursor, speed, play] = ["video", "words", "scrub", "time", "cursor", "speed", "play"].map(find);
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: facts.zone, dateStyle: "short", timeStyle: "medium" });
  const source = new MediaSource();
  const loaded = new Set();
  let [buffer, type] = [null, ""];
  let frame = FRAME_S;
  let lastFrameAt = null;
  let target = 0;
  let wanted = null; // where the hand wants to be, until the film is there
  let work = Promise.resolve();
  for (const name of ["stage", "transport", "scrub"]) find(name).hidden = false;

  const pieceAt = (at) => facts.pieces.find(([, , end]) => at < end);
  const settle = (act) => new Promise((done, failed) => {
    buffer.addEventListener("updateend", done, { once: true });
    buffer.addEventListener("error", () => failed(new Error(gettext("it cannot be decoded"))), { once: true });
    act();
  });
  async function load(piece) {
    if (!piece || loaded.has(piece[0])) return;
    const bytes = await fetchFile(`${piece[0]}.mp4?opening=${encodeURIComponent(facts.opening)}`);
    const found = codecOf(bytes);
    if (!buffer) buffer = source.addSourceBuffer(found);
    else if (found !== type) buffer.changeType(found);
    type = found;
    for (const [key, start, end] of facts.pieces) {
      if (!loaded.has(key) || (end > target - KEPT_S && start < target + KEPT_S)) continue;
      await settle(() => buffer.remove(start, end));
      loaded.delete(key);
    }
    buffer.timestampOffset = piece[1];
    await settle(() => buffer.appendBuffer(bytes));
    loaded.add(piece[0]);
  }
  const say = (text) => (words.textContent = text);
  const queue = (act) => (work = work.then(act).catch((error) => say(fill(gettext("This recording cannot be shown: {error}. Load the page again."), { error: error.message }))));
  const near = () => {
    const last = target + AHEAD_S * Math.max(1, video.playbackRate);
    for (const piece of facts.pieces) if (piece[2] > target && piece[1] < last && !loaded.has(piece[0])) queue(() => load(piece));
  };
  const seek = (at) => {
    target = Math.min(facts.lengthS - 0.1, Math.max(0, at));
    const moment = (wanted = target);
    queue(async () => {
      if (moment !== wanted) return; // the hand has moved on
      wanted = null;
      const piece = pieceAt(moment);
      if (!piece) return say(gettext("No footage from here on in this time."));
      target = piece[1] > moment ? piece[1] : moment;
      await load(piece);
      if (wanted !== null) return;
      say(piece[1] > moment + 3 ? gettext("No footage at that moment; this is the next there is.") : "");
      video.currentTime = Math.max(moment, piece[1] + 0.001);
    });
  };
  const show = () => {
    if (wanted !== null) return;
    target = video.currentTime;
    scrub.value = target;
    time.textContent = clock.format(facts.startsAtMs + target * 1000) + `.${Math.floor((target % 1) * 10)}`;
    scrub.setAttribute("aria-valuetext", time.textContent);
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, (1000 * target) / facts.lengthS);
    near();
  };
  const jumpGap = () => {
    if (video.paused || !buffer) return;
    const next = facts.pieces.find(([, start]) => start > video.currentTime + 0.01);
    const current = pieceAt(video.currentTime + 0.3);
    if (next && current === next) seek(next[1]);
    else near();
    if (!current) video.pause();
  };
  const onFrame = (_now, { mediaTime }) => {
    const gap = mediaTime - (lastFrameAt ?? mediaTime);
    if (gap > 0.01 && gap <= 1 && video.playbackRate <= 1) frame = gap;
    lastFrameAt = mediaTime;
    show();
    video.requestVideoFrameCallback(onFrame);
  };
  source.addEventListener("sourceopen", () => {
    source.duration = facts.lengthS;
    seek(pieceAt(facts.atS) ? facts.atS : (facts.pieces.at(-1)?.[1] ?? facts.atS)); // after the last file: its beginning
  }, { once: true });
  video.src = URL.createObjectURL(source);
  video.requestVideoFrameCallback?.(onFrame);
  video.addEventListener("timeupdate", show);
  video.addEventListener("waiting", jumpGap);
  const label = () => (play.firstChild.textContent = `${video.paused ? gettext("Play") : gettext("Pause")} `);
  video.addEventListener("play", label);
  video.addEventListener("pause", label);

  const toggle = () => (video.paused ? video.play() : video.pause());
  const skip = (by) => seek(video.currentTime + by);
  const step = (by) => { video.pause(); skip(by * frame); };
  const alert = (by) => {
    const later = facts.alerts.filter((at) => (by > 0 ? at > video.currentTime + 0.5 : at < video.currentTime - 0.5));
    if (later.length) seek(by > 0 ? later[0] : later.at(-1));
  };
  const faster = (by) => {
    speed.selectedIndex = Math.min(speed.options.length - 1, Math.max(0, speed.selectedIndex + by));
    video.playbackRate = Number(speed.value);
  };
  for (const [name, act] of Object.entries({ step, skip, alert })) {
    for (const button of root.querySelectorAll(`[data-${name}]`)) button.addEventListener("click", () => act(Number(button.dataset[name])));
  }
  play.addEventListener("click", toggle);
  speed.addEventListener("change", () => faster(0));
  scrub.addEventListener("input", () => seek(Number(scrub.value)));
  for (const link of root.querySelectorAll("[data-jump]")) link.addEventListener("click", (event) => { event.preventDefault(); seek(Number(link.dataset.jump)); });
  const KEYS = { " ": toggle, arrowleft: () => step(-1), arrowright: () => step(1), j: () => skip(-10), l: () => skip(10), n: () => alert(1), p: () => alert(-1), "+": () => faster(1), "-": () => faster(-1) };
  document.addEventListener("keydown", (event) => {
    const act = KEYS[event.key.toLowerCase()];
    if (!act || isTyping(event) || (event.key === " " && event.target.closest("button, a, summary"))) return;
    event.preventDefault();
    act();
  });
});
