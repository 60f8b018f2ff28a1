import type { Attributes } from '@signalbox/signals/model/attributes';
import { eachField, stringText } from '../json/json-text.js';
import type { Target } from '../streams/routing.js';

/** The fields of a document by their dotted names; of those set twice the last counts. */
export class DocumentFields {
  private readonly fields = new Map<string, string>();

  raw(name: string, text: string): this {
    this.fields.set(name, text);
    return this;
  }

  string(name: string, value: string): this {
    return value === '' ? this : this.raw(name, stringText(value));
  }

  attributes(attributes: Attributes, nameOf: (name: string) => string): this {
    eachField(attributes, (name, text) => this.fields.set(nameOf(name), text));
    return this;
  }

  dataStream({ name }: Target): this {
    if (name === null) return this;
    return this.string('data_stream.type', name.type).string('data_stream.dataset', name.dataset).string('data_stream.namespace', name.namespace);
  }

  /** A name that is also the beginning of another's cannot hold a value: it goes to `name.value`. */
  toString(): string {
    const groups = new Set<string>();
    for (const name of this.fields.keys()) for (let at = name.indexOf('.'); at > 0; at = name.indexOf('.', at + 1)) groups.add(name.slice(0, at));
    const texts = new Map([...this.fields].map(([name, text]) => [groups.has(name) ? `${name}.value` : name, text]));
    return `{${[...texts].map(([name, text]) => `${stringText(name)}:${text}`).join(',')}}`;
  }
}
