import { acceptedItems, type Frame } from '@signalbox/journal/frame';
import type { TranslateOptions } from '@signalbox/signals/prometheus/options';
import { decodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/decode';
import { UNLIMITED_WRITE } from '@signalbox/signals/prometheus/remote-write/limits';
import type { DecodedWrite } from '@signalbox/signals/prometheus/remote-write/types';
import { DeltaState } from '../head/delta-state.js';
import type { HeadSamples } from '../head/head-samples.js';
import { ItemTally } from './item-tally.js';
import { MetricWire } from './metric-wire.js';
import { addWrite } from './write-samples.js';

export interface MetricOutcome {
  readonly delivered: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly problem?: string;
}

/** Takes frames of metrics of both encodings. Never throws for what a frame holds. */
export class MetricIntake {
  private readonly deltas: DeltaState;
  private readonly wire: MetricWire;

  /**
   * @param maxDeltas delta streams whose sums are remembered
   * @param translation how OTLP metrics become series
   */
  constructor(maxDeltas: number, translation: TranslateOptions = {}) {
    this.deltas = new DeltaState(maxDeltas);
    this.wire = new MetricWire(this.deltas, translation);
  }

  append(hot: HeadSamples, frame: Frame): MetricOutcome {
    const tally = new ItemTally();
    if (frame.encoding === 'otlp') this.wire.append(hot, frame, tally);
    else {
      let write: DecodedWrite;
      try {
        write = decodeWriteV2(frame.payload, UNLIMITED_WRITE);
      } catch (error) {
        return { delivered: 0, dropped: { undecodable: acceptedItems(frame) }, problem: error instanceof Error ? error.message : String(error) };
      }
      addWrite(hot, frame.tenant, write, frame.rejected, tally);
    }
    const { delivered, dropped, problem } = tally;
    return problem === null ? { delivered, dropped } : { delivered, dropped, problem };
  }

  /** Series have other numbers now. */
  forgetSeries(): void {
    this.wire.clear();
  }

  /** What was taken may be gone and come again. */
  forget(): void {
    this.deltas.clear();
    this.wire.clear();
  }
}
