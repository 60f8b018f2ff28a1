/** What a message needs to be for its place to be remembered. */
export interface Placed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

interface Entry<M> {
  readonly message: M;
  done: boolean;
}

/**
 * Messages on their way, by partition in the order of their offsets. Whatever the order in which they are settled, what may be
 * committed is only the end of a run without gaps.
 */
export class Progress<M extends Placed> {
  private readonly partitions = new Map<string, Entry<M>[]>();
  private open = 0;

  /** Messages that are not settled. */
  get size(): number {
    return this.open;
  }

  /** Answers what to call when the message is settled. */
  begin(message: M): () => void {
    const key = `${message.topic}/${message.partition}`;
    let line = this.partitions.get(key);
    if (line === undefined) this.partitions.set(key, (line = []));
    const entry: Entry<M> = { message, done: false };
    line.push(entry);
    this.open++;
    return () => {
      if (entry.done) return;
      entry.done = true;
      this.open--;
    };
  }

  /** The last message of each partition that can be committed, with all before it; each is answered once. */
  take(): M[] {
    const ends: M[] = [];
    for (const [key, line] of this.partitions) {
      let count = 0;
      while (line[count]?.done === true) count++;
      const last = line[count - 1];
      if (last === undefined) continue;
      ends.push(last.message);
      line.splice(0, count);
      if (line.length === 0) this.partitions.delete(key);
    }
    return ends;
  }
}
