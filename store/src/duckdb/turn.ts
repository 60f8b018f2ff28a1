/** How long one piece of work may go on before other work gets its turn. */
const SLICE_MS = 4;

/** Lets the event loop turn when the last turn is too long ago. */
export class Turn {
  private since = performance.now();

  get due(): boolean {
    return performance.now() - this.since > SLICE_MS;
  }

  async give(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.since = performance.now();
  }
}
