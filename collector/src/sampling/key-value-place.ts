import type { Reader } from '@signalbox/signals/otlp/protobuf/reader';

/** Where key and value of an attribute lie on the wire, without an object for each: one for many of them. */
export class KeyValuePlace {
  keyFrom = 0;
  keyTo = 0;
  /** -1 where there is no value. */
  valueFrom = -1;
  valueTo = -1;

  /** Goes over a KeyValue that ends at `end`; its fields may come in any order, and the last of each counts. @throws OtlpError */
  find(reader: Reader, end: number): void {
    this.keyFrom = this.keyTo = 0;
    this.valueFrom = this.valueTo = -1;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) {
        this.keyTo = reader.limit(end);
        this.keyFrom = reader.pos;
        reader.pos = this.keyTo;
      } else if (tag === 18) {
        this.valueTo = reader.limit(end);
        this.valueFrom = reader.pos;
        reader.pos = this.valueTo;
      } else reader.skip(tag, end);
    }
  }
}
