// One tile: draws masked frames, and says how old the picture is and what is wrong, if anything.
import { Film } from "./wall-film.js";
import { fill, gettext, lineWords } from "./words.js";

const STALE_S = 2;
const WAITING = new Set(["waiting", "connecting", "silent", "masking-down"]);

export class Tile {
  constructor(element) {
    this.element = element;
    this.camera = Number(element.dataset.camera);
    this.name = element.dataset.name;
    this.canvas = element.querySelector("[data-tile-canvas]");
    this.paint = this.canvas.getContext("2d", { alpha: false });
    this.word = element.querySelector("[data-tile-word]");
    this.status = element.querySelector("[data-tile-status]");
    this.age = element.querySelector("[data-tile-age]");
    this.condition = { name: element.dataset.condition, label: element.dataset.conditionLabel, reason: "" };
    this.film = new Film((image, header) => this.show(image, image.displayWidth, image.displayHeight, header));
    this.capturedAt = null;
    this.withheld = "";
    this.shownText = "";
  }

  get pixelWidth() {
    return Math.ceil(this.canvas.clientWidth * devicePixelRatio);
  }

  // Resolves when another frame may come.
  async draw({ header, picture }) {
    if (header.meta.film) return this.film.take(header, picture);
    const bitmap = await createImageBitmap(new Blob([picture], { type: "image/jpeg" }));
    this.show(bitmap, bitmap.width, bitmap.height, header);
  }

  show(image, width, height, header) {
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.paint.drawImage(image, 0, 0, width, height);
    image.close();
    this.capturedAt = Date.parse(header.captured_at);
    this.withheld = lineWords(header.withheld.replace(/^masking down: /, ""));
  }

  // Forget the picture: what was seen before a pause says nothing about now.
  clear() {
    this.film.forget();
    this.capturedAt = null;
    this.withheld = "";
    this.paint.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  judge(ageS, connection, isSourceUp) {
    const { name, label, reason } = this.condition;
    const isFresh = ageS !== null && ageS <= STALE_S;
    if (connection === "refused") return ["fault", gettext("Signed out"), gettext("Your access has ended. Sign in again.")];
    if (name === "refused") return ["off", label, reason];
    if (name === "held-back") return ["off", label, reason];
    if (name === "stopped") return ["off", gettext("Camera stopped"), reason];
    if (isFresh && this.withheld) return ["fault", gettext("Masking down"), this.withheld];
    if (isFresh) return ["normal", gettext("Live"), ""];
    if (connection !== "live") return ["fault", gettext("No connection"), gettext("Connecting again")];
    if (!isSourceUp) return ["fault", gettext("Live view down"), gettext("Frames cannot be read; cameras and alerts go on")];
    if (name === "lost") return ["fault", gettext("Camera lost"), reason];
    if (WAITING.has(name) && ageS === null) return [name === "connecting" || name === "waiting" ? "warn" : "fault", label, reason];
    if (ageS === null) return ["warn", gettext("Connecting"), ""];
    return ["fault", fill(gettext("No frame for {seconds} s"), { seconds: Math.floor(ageS) }), reason, gettext("No frames")];
  }

  refresh(serverNow, connection, isSourceUp) {
    const ageS = this.capturedAt === null ? null : Math.max(0, (serverNow - this.capturedAt) / 1000);
    const [state, label, reason, short = label] = this.judge(ageS, connection, isSourceUp);
    const ageText = ageS === null ? "–" : ageS < 10 ? `${ageS.toFixed(1)} s` : ageS < 100 ? `${Math.floor(ageS)} s` : "> 99 s";
    if (this.age.textContent !== ageText) this.age.textContent = ageText;
    const shownText = `${state} ${label} ${reason}`;
    if (shownText === this.shownText) return null;
    const before = this.element.dataset.state;
    this.shownText = shownText;
    this.element.dataset.state = state;
    this.status.dataset.state = state;
    this.status.textContent = short;
    this.word.hidden = state === "normal";
    this.word.firstElementChild.textContent = label;
    this.word.lastElementChild.textContent = reason;
    return before !== state && (state === "fault" || before === "fault") ? `${this.name}: ${label}` : null;
  }
}
