/** How long one piece of work may go on before other work gets its turn. */
const SLICE_MS = 4;

/**
 * Work that has given its turn, in a line. The event loop belongs to the whole thread, and so does the line: in each of its turns one
 * piece of work goes on, so that sockets and timers wait for one slice, however many queries there are.
 */
const line: (() => void)[] = [];

function goOn(): void {
  const resume = line.shift();
  if (line.length > 0) setImmediate(goOn);
  resume?.();
}

/** Lets the event loop turn when the last turn is too long ago. */
export class Turn {
  private since = performance.now();

  get due(): boolean {
    return performance.now() - this.since > SLICE_MS;
  }

  async give(): Promise<void> {
    await new Promise<void>((resolve) => {
      line.push(resolve);
      if (line.length === 1) setImmediate(goOn);
    });
    this.since = performance.now();
  }
}
