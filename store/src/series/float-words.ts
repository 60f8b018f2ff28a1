import { STALE_NAN_BITS } from '@signalbox/signals/prometheus/types';

/** A number and its bits: set one, read the other. Words are low, then high. */
export const FLOAT = new Float64Array(1);
export const WORDS = new Uint32Array(FLOAT.buffer);

/** The stale marker's words. It is a signalling NaN, which may become another one where it is moved as a number. */
export const STALE_LOW = Number(STALE_NAN_BITS & 0xffff_ffffn);
export const STALE_HIGH = Number(STALE_NAN_BITS >> 32n);
/** A NaN that stands where a sample is a histogram. */
export const NAN_LOW = 0;
export const NAN_HIGH = 0x7ff8_0000;
