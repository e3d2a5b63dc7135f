// Decodes one camera's H.264 film (WebCodecs) and gives each picture with the header it came with.
const WAITING_AT_MOST = 4;

export const canDecode = "VideoDecoder" in window; // browsers have it on https and on this machine only

export class Film {
  constructor(show) {
    this.show = show;
    this.headers = new Map();
    this.number = 0;
    this.decoder = null;
    this.kind = "";
  }

  // Resolves when the decoder has room again. What cannot be shown without a missing frame is dropped up to the next key.
  async take(header, data) {
    const isKey = header.meta.film === "key";
    const kind = `${header.meta.codec} ${header.width}x${header.height}`;
    if (isKey && (kind !== this.kind || this.decoder?.state !== "configured")) this.begin(kind, header.meta.codec);
    if (this.decoder?.state !== "configured") return;
    const decoder = this.decoder;
    this.number += 1;
    this.headers.set(this.number, header);
    decoder.decode(new EncodedVideoChunk({ type: isKey ? "key" : "delta", timestamp: this.number, data }));
    while (decoder.state === "configured" && decoder.decodeQueueSize > WAITING_AT_MOST) {
      await new Promise((resolve) => decoder.addEventListener("dequeue", resolve, { once: true }));
    }
  }

  begin(kind, codec) {
    this.forget();
    this.kind = kind;
    this.decoder = new VideoDecoder({
      output: (image) => {
        const header = this.headers.get(image.timestamp);
        for (const number of this.headers.keys()) if (number <= image.timestamp) this.headers.delete(number);
        this.show(image, header);
      },
      error: () => this.forget(), // the next key begins anew; until then the tile's age tells
    });
    this.decoder.configure({ codec, optimizeForLatency: true });
  }

  forget() {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
    this.headers.clear();
  }
}
