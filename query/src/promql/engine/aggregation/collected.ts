import type { Turns } from '../../../event-loop.js';
import type { SeriesBuilder, StepSeries } from '../values/values.js';
import { FLOAT } from '../values/values.js';
import type { GroupKernel } from './kernels.js';

const FIRST_ROWS = 4;

/** A group's floats at all steps, series after series, for what needs all of them at a step. */
export class CollectedSteps {
  #values: Float64Array;
  #present: Uint8Array;
  #rows = 0;

  constructor(readonly result: SeriesBuilder) {
    this.#values = new Float64Array(FIRST_ROWS * result.count);
    this.#present = new Uint8Array(FIRST_ROWS * result.count);
  }

  add({ values, present }: StepSeries): void {
    const at = this.#rows++ * this.result.count;
    if (at === this.#values.length) this.#grow();
    this.#values.set(values, at);
    this.#present.set(present, at);
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
    const values = this.#values;
    const present = this.#present;
    const steps = this.result.count;
    let count = 0;
    for (let row = 0, at = step; row < this.#rows; row++, at += steps) if (present[at] === FLOAT) buffer[count++] = values[at] as number;
    return count;
  }

  #grow(): void {
    const values = new Float64Array(this.#values.length * 2);
    const present = new Uint8Array(this.#present.length * 2);
    values.set(this.#values);
    present.set(this.#present);
    this.#values = values;
    this.#present = present;
  }
}
