import { withRoom } from '../growing-array.js';

/** What a frame of decisions says, in the journal's order: in arrays by number, which are used again for the next frame. */
export class DecidedList {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  /** Where in `bytes` the 16 bytes of each trace id begin. */
  idAt = new Int32Array(0);
  /** 1: sampled; 0: not. */
  sampled = new Uint8Array(0);
  /** Positions of the first and the last frame that it is about. */
  from = new Float64Array(0);
  to = new Float64Array(0);

  /** Of a frame with this payload; there is nothing in it yet. */
  begin(bytes: Buffer): void {
    this.bytes = bytes;
    this.count = 0;
  }

  add(idAt: number, sampled: boolean, from: number, to: number): void {
    const i = this.count++;
    this.idAt = withRoom(this.idAt, i);
    this.sampled = withRoom(this.sampled, i);
    this.from = withRoom(this.from, i);
    this.to = withRoom(this.to, i);
    this.idAt[i] = idAt;
    this.sampled[i] = sampled ? 1 : 0;
    this.from[i] = from;
    this.to[i] = to;
  }
}
