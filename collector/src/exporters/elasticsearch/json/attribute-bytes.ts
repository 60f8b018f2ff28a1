import { KeyValueList, type Attributes } from '@signalbox/signals/model/attributes';
import type { JsonBuffer } from './json-buffer.js';
import { attributesText, fieldName, stringText, valueText } from './json-text.js';
import { isRouting } from '../streams/routing.js';

/** Keys of attributes are few, unless somebody puts values into them. */
const MAX_KEYS = 10_000;

/** What is known of a key. */
interface Field {
  /** `"key":` */
  readonly bytes: Uint8Array;
  readonly isRouting: boolean;
  /** The field is called otherwise, and so perhaps like another. */
  readonly isRenamed: boolean;
  /** Number of the attributes that it was last written in. */
  writtenIn: number;
}

/** Writes attributes as `attributesText` does, into bytes; what that has to think about is left to it. */
export class AttributeBytes {
  private readonly fields = new Map<string, Field>();
  private number = 0;

  write(out: JsonBuffer, attributes: Attributes): void {
    if (this.fields.size >= MAX_KEYS) this.fields.clear();
    const from = out.length;
    if (!this.writeFlat(out, attributes)) {
      out.rewind(from);
      out.raw(attributesText(attributes));
    }
  }

  /** False where a key stands twice, is renamed, or a value is a map. */
  private writeFlat(out: JsonBuffer, attributes: Attributes): boolean {
    const number = ++this.number;
    let separator = OPEN;
    for (let i = 0; i < attributes.length; i++) {
      const { key, value } = attributes[i];
      const field = this.fields.get(key) ?? this.learn(key);
      if (field.isRouting || value === null) continue;
      if (field.writtenIn === number || field.isRenamed || value instanceof KeyValueList) return false;
      field.writtenIn = number;
      out.byte(separator);
      separator = COMMA;
      out.copy(field.bytes);
      if (typeof value === 'string') out.string(value);
      else if (typeof value === 'number') out.double(value);
      else if (typeof value === 'object') out.raw(valueText(value));
      else out.ascii(String(value));
    }
    if (separator === OPEN) out.byte(OPEN);
    out.byte(CLOSE);
    return true;
  }

  private learn(key: string): Field {
    const field = { bytes: Buffer.from(`${stringText(key)}:`), isRouting: isRouting(key), isRenamed: fieldName(key) !== key, writtenIn: 0 };
    this.fields.set(key, field);
    return field;
  }
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
