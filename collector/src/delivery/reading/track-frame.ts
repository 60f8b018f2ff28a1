import type { Frame, FrameHeader } from '@signalbox/journal/frame';
import { isSampled, NOT_SAMPLED } from '../../sampling/sampled-frame.js';
import { TrackedFrame } from '../accounting/settlement.js';

/** Books what tail sampling took out of a frame. */
export function trackFrame(frame: Frame, track: (header: FrameHeader) => TrackedFrame = (header) => new TrackedFrame(header)): TrackedFrame {
  if (!isSampled(frame)) return track(frame);
  const tracked = track(frame.sampling.whole);
  tracked.drop(NOT_SAMPLED, frame.sampling.notSampled);
  return tracked;
}
