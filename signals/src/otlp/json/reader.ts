import { OtlpError } from '../error.js';

export type JsonObject = Readonly<Record<string, unknown>>;

const MAX_UINT64 = (1n << 64n) - 1n;
const MAX_INT64 = (1n << 63n) - 1n;
const MAX_UINT32 = 0xffffffff;
const MAX_INT32 = 0x7fffffff;

/**
 * Reads fields of parsed OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: protobuf's JSON
 * mapping, but ids in hex and enums as numbers). Fields are asked for by their lowerCamelCase name and found by their
 * original snake_case name too; a field that is absent or null has its default. Keeps the path for errors.
 */
export class JsonReader {
  private readonly path: (string | number)[] = [];
  /** Of the names that the code asks for. */
  private readonly snakeNames = new Map<string, string>();

  constructor(readonly maxDepth: number) {}

  fail(what: string, ...below: (string | number)[]): never {
    const path = [...this.path, ...below].map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    throw OtlpError.atPath(what, `$${path}`);
  }

  /** The request itself. */
  root(value: unknown): JsonObject {
    return this.asObject(value);
  }

  private asObject(value: unknown, ...below: (string | number)[]): JsonObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail(`expected an object, not ${describe(value)}`, ...below);
    return value as JsonObject;
  }

  private field(object: JsonObject, name: string): unknown {
    const value = object[name];
    if (value !== undefined) return value ?? undefined;
    let snake = this.snakeNames.get(name);
    if (snake === undefined) {
      snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      this.snakeNames.set(name, snake);
    }
    return object[snake] ?? undefined;
  }

  /** The one of these fields that is set, of which no two may be; null where none is. */
  oneof<N extends string>(object: JsonObject, names: readonly N[]): N | null {
    let set: N | null = null;
    for (const name of names) {
      if (this.field(object, name) === undefined) continue;
      if (set !== null) this.fail(`${set} and ${name} exclude each other`);
      set = name;
    }
    return set;
  }

  /** A nested message; null where it is absent. */
  message<T>(object: JsonObject, name: string, read: (json: JsonReader, object: JsonObject) => T): T | null {
    const value = this.field(object, name);
    if (value === undefined) return null;
    this.path.push(name);
    const message = read(this, this.asObject(value));
    this.path.pop();
    return message;
  }

  list<T>(object: JsonObject, name: string, read: (json: JsonReader, object: JsonObject) => T): T[] {
    const values = this.array(object, name);
    if (values.length === 0) return [];
    this.path.push(name);
    const list = values.map((value, i) => {
      this.path.push(i);
      const item = read(this, this.asObject(value));
      this.path.pop();
      return item;
    });
    this.path.pop();
    return list;
  }

  uint64List(object: JsonObject, name: string): bigint[] {
    return this.array(object, name).map((value, i) => this.toInteger(value, 0n, MAX_UINT64, name, i));
  }

  doubleList(object: JsonObject, name: string): number[] {
    return this.array(object, name).map((value, i) => this.toDouble(value, name, i));
  }

  private array(object: JsonObject, name: string): readonly unknown[] {
    const value = this.field(object, name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) this.fail(`expected an array, not ${describe(value)}`, name);
    return value;
  }

  string(object: JsonObject, name: string): string {
    const value = this.field(object, name);
    if (value === undefined) return '';
    if (typeof value !== 'string') this.fail(`expected a string, not ${describe(value)}`, name);
    return value;
  }

  bool(object: JsonObject, name: string): boolean {
    const value = this.field(object, name);
    if (value === undefined) return false;
    if (typeof value !== 'boolean') this.fail(`expected true or false, not ${describe(value)}`, name);
    return value;
  }

  uint32(object: JsonObject, name: string): number {
    const value = this.field(object, name);
    return value === undefined ? 0 : Number(this.toInteger(value, 0n, BigInt(MAX_UINT32), name));
  }

  int32(object: JsonObject, name: string): number {
    const value = this.field(object, name);
    return value === undefined ? 0 : this.toInt32(value, name);
  }

  private toInt32(value: unknown, name: string): number {
    return Number(this.toInteger(value, BigInt(-MAX_INT32 - 1), BigInt(MAX_INT32), name));
  }

  /** An enum as a number or by its name in the official definitions. */
  enumeration(object: JsonObject, name: string, names: readonly string[]): number {
    const value = this.field(object, name);
    if (value === undefined) return 0;
    if (typeof value !== 'string' || /^-?[0-9]/.test(value)) return this.toInt32(value, name);
    const number = names.indexOf(value);
    if (number < 0) this.fail(`unknown name "${value.slice(0, 60)}"; known are ${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}`, name);
    return number;
  }

  uint64(object: JsonObject, name: string): bigint {
    const value = this.field(object, name);
    return value === undefined ? 0n : this.toInteger(value, 0n, MAX_UINT64, name);
  }

  int64(object: JsonObject, name: string): bigint {
    const value = this.field(object, name);
    return value === undefined ? 0n : this.toInteger(value, -MAX_INT64 - 1n, MAX_INT64, name);
  }

  private toInteger(value: unknown, min: bigint, max: bigint, ...below: (string | number)[]): bigint {
    let integer: bigint;
    if (typeof value === 'number' && Number.isInteger(value)) integer = BigInt(value);
    // 20 characters hold every 64-bit number, and keep BigInt from working on megabytes of digits.
    else if (typeof value === 'string' && value.length <= 20 && /^-?[0-9]+$/.test(value)) integer = BigInt(value);
    else this.fail(`expected an integer, not ${describe(value)}`, ...below);
    if (integer < min || integer > max) this.fail(`${integer} is not between ${min} and ${max}`, ...below);
    return integer;
  }

  double(object: JsonObject, name: string): number {
    return this.optionalDouble(object, name) ?? 0;
  }

  optionalDouble(object: JsonObject, name: string): number | null {
    const value = this.field(object, name);
    return value === undefined ? null : this.toDouble(value, name);
  }

  private toDouble(value: unknown, ...below: (string | number)[]): number {
    if (typeof value === 'number') return value;
    if (typeof value === 'string' && /^(?:-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|NaN|-?Infinity)$/.test(value)) return Number(value);
    this.fail(`expected a number, "NaN", "Infinity" or "-Infinity", not ${describe(value)}`, ...below);
  }

  bytes(object: JsonObject, name: string): Uint8Array {
    const text = this.string(object, name);
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) this.fail('expected base64', name);
    return Uint8Array.from(Buffer.from(text, 'base64'));
  }

  /** An id as lowercase hex. Its length is not looked at: the scanner rejects the item, not the request. */
  id(object: JsonObject, name: string): string {
    const hex = this.string(object, name);
    if (!/^[0-9a-fA-F]*$/.test(hex)) this.fail('expected an id in hexadecimal digits', name);
    return hex.toLowerCase();
  }

  /** Like `id`; all zeros is the same as none. */
  optionalId(object: JsonObject, name: string): string {
    const hex = this.id(object, name);
    return /^0*$/.test(hex) ? '' : hex;
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
