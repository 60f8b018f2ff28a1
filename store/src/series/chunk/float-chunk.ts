import type { ByteSink } from './byte-sink.js';
import type { ByteSource } from './byte-source.js';
import { planDifferences, readDifferences, readXor, writeDifferences, writeXor } from './float-bits.js';
import { planSteps, readSteps, writeSteps } from './step-bits.js';
import { MAX_WHOLE, planWhole, readWhole, writeWhole } from './whole-numbers.js';

/** How the values of a chunk are written; 0 to 6: whole numbers after a multiplication by that power of ten. */
export const FORM = { maxDecimals: 6, xor: 8, differences: 9, steps: 10, histograms: 15 } as const;
const NOT_DECIMAL = -1;
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];
/** The most samples of one chunk, and of one of histograms, which are all made for one of them. */
export const CHUNK_SAMPLES = 720;
export const HISTOGRAM_CHUNK_SAMPLES = 240;

const scaled = new Float64Array(CHUNK_SAMPLES);

/**
 * Appends a chunk of float samples in ascending time:
 *
 *     form (1 byte) | count (varint) | times (whole numbers) | values
 *
 * @param words the values as pairs of 32 bits (low, high), beside `values`
 */
export function writeFloatChunk(sink: ByteSink, times: Float64Array, values: Float64Array, words: Uint32Array, from: number, to: number): void {
  const decimals = decimalsOf(values, words, from, to);
  const formAt = sink.length;
  sink.byte(decimals);
  sink.varint(to - from);
  writeWhole(sink, times, from, to);
  const valuesAt = sink.length;
  const differences = planDifferences(words, from, to);
  const stepBytes = planSteps(words, from, to);
  if (decimals !== NOT_DECIMAL) {
    const plan = planWhole(scaled, 0, to - from);
    if (plan.bytes <= Math.min(differences.bytes, stepBytes)) {
      writeWhole(sink, scaled, 0, to - from, plan);
      return;
    }
  }
  sink.bytes[formAt] = FORM.xor;
  writeXor(sink, words, from, to);
  if (Math.min(differences.bytes, stepBytes) >= sink.length - valuesAt) return;
  sink.length = valuesAt;
  sink.bytes[formAt] = stepBytes < differences.bytes ? FORM.steps : FORM.differences;
  if (stepBytes < differences.bytes) writeSteps(sink, words, from, to);
  else writeDifferences(sink, words, from, to, differences);
}

/** Reads times and values of a chunk whose form and count were read. */
export function readFloatChunk(source: ByteSource, form: number, count: number, times: Float64Array, values: Float64Array, words: Uint32Array, at: number): void {
  readWhole(source, times, at, count);
  if (form === FORM.xor) readXor(source, words, at, count);
  else if (form === FORM.steps) readSteps(source, words, at, count);
  else if (form === FORM.differences) readDifferences(source, words, at, count);
  else {
    readWhole(source, values, at, count);
    const power = POWERS[form];
    if (form > 0) for (let i = at; i < at + count; i++) values[i] /= power;
  }
}

/** The least power of ten that makes all values whole, exactly and reversibly; the whole numbers are then in `scaled`. */
function decimalsOf(values: Float64Array, words: Uint32Array, from: number, to: number): number {
  for (let decimals = 0; decimals <= FORM.maxDecimals; ) {
    const power = POWERS[decimals];
    let i = from;
    for (; i < to; i++) {
      const value = values[i];
      const whole = Math.round(value * power);
      // -0 is no whole number here, and NaN is not equal to itself.
      if (whole / power !== value || whole >= MAX_WHOLE || whole <= -MAX_WHOLE || (value === 0 && words[2 * i + 1] !== 0)) break;
      scaled[i - from] = whole;
    }
    if (i === to) return decimals;
    const value = values[i];
    if (!(Math.abs(value) < MAX_WHOLE) || (value === 0 && words[2 * i + 1] !== 0)) return NOT_DECIMAL;
    do decimals++; while (decimals <= FORM.maxDecimals && Math.round(value * POWERS[decimals]) / POWERS[decimals] !== value);
  }
  return NOT_DECIMAL;
}
