/** A wait that can be ended early, for good. */
export class Pause {
  #ended = false;
  #wake: (() => void) | null = null;

  /** Up to `ms`, half of it at random, so that many processes do not come back at the same moment. */
  async wait(ms: number): Promise<void> {
    if (this.#ended) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms / 2 + (Math.random() * ms) / 2);
      this.#wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }
}
