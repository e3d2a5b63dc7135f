// Keeps ages true: <time datetime="…" data-age> says how long ago that was,
// and <time datetime="…" data-due> how long is left.
export function ageText(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} d`;
}

export function tick() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-age]")) {
    const text = ageText((now - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== text) time.textContent = text;
  }
  for (const time of document.querySelectorAll("time[data-due]")) {
    const left = Math.max(0, Math.ceil((Date.parse(time.dateTime) - now) / 1000));
    const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (time.textContent !== text) time.textContent = text;
  }
}

tick();
setInterval(tick, 1000);
