/** Tells a client to ask for lenses again when they have changed. */

/** In ms, after lenses have changed: they are asked for once more. */
const AGAIN = 2000;

export class LensRefresh {
  readonly #send: () => void;
  /** What the lenses were made of when the client was last told. */
  #shown = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(send: () => void) {
    this.#send = send;
  }

  /** @param lenses what the lenses of all documents are made of */
  changed(lenses: string): void {
    if (lenses === this.#shown) return;
    this.#shown = lenses;
    setImmediate(this.#send);
    // VS Code drops what it was going to ask when its editor loses the focus just then (a terminal opens).
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#send, AGAIN);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
