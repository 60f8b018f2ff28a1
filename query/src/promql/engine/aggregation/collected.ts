import type { Turns } from '../../../event-loop.js';
import type { SeriesBuilder, StepSeries } from '../values/values.js';
import { FLOAT } from '../values/values.js';
import type { GroupKernel } from './kernels.js';

const MOST_ROWS = 64;

/** Some rows, one behind the other. */
interface Block {
  readonly values: Float64Array;
  readonly present: Uint8Array;
  rows: number;
}

/** A group's floats at all steps, series after series, for what needs all of them at a step. Blocks grow up to a size, since groups have few series or very many. */
export class CollectedSteps {
  readonly #blocks: Block[] = [];
  #rows = 0;

  constructor(readonly result: SeriesBuilder) {}

  add({ values, present }: StepSeries): void {
    const steps = this.result.count;
    let block = this.#blocks.at(-1);
    if (block === undefined || block.rows * steps === block.values.length) {
      const slots = Math.min(MOST_ROWS, Math.max(1, this.#rows)) * steps;
      block = { values: new Float64Array(slots), present: new Uint8Array(slots), rows: 0 };
      this.#blocks.push(block);
    }
    const at = block.rows++ * steps;
    block.values.set(values, at);
    block.present.set(present, at);
    this.#rows++;
  }

  /** To be called once, when all were added. `params`: one for each step. */
  async finish(kernel: GroupKernel, params: Float64Array | null, turns: Turns): Promise<void> {
    const { result } = this;
    const buffer = new Float64Array(this.#rows);
    for (let step = 0; step < result.count; step++) {
      const count = this.#take(step, buffer);
      if (count > 0) result.setFloat(step, kernel(buffer, count, params?.[step] ?? NaN));
      if (turns.due(this.#rows)) await turns.turn();
    }
  }

  #take(step: number, buffer: Float64Array): number {
    const steps = this.result.count;
    let count = 0;
    for (const { values, present, rows } of this.#blocks) {
      for (let at = step, end = rows * steps; at < end; at += steps) if (present[at] === FLOAT) buffer[count++] = values[at] as number;
    }
    return count;
  }
}
