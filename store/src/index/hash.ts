import { valueToJson } from '@signalbox/signals/model/attribute-text';
import type { AnyValue, KeyValue } from '@signalbox/signals/model/attributes';

/**
 * Hashes of the terms that files are indexed by: FNV-1a over bytes with a final mix (murmur3's), 32 bits. They stand on
 * disk: a change needs a new version of the index format. Equal hashes of different terms only cost a look in vain.
 */
const PRIME = 0x01000193;
const START = 0x811c9dc5;

export function hashBytes(seed: number, bytes: Uint8Array, from: number, to: number): number {
  let h = seed;
  for (let i = from; i < to; i++) h = addToHash(h, bytes[i]);
  return endHash(h);
}

/** One step of `hashBytes`, for loops that do something else with the bytes at the same time. */
export function addToHash(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, PRIME);
}

export function endHash(hash: number): number {
  return mix(hash);
}

export function hashText(seed: number, text: string): number {
  const bytes = Buffer.from(text);
  return hashBytes(seed, bytes, 0, bytes.length);
}

/** Of a 128-bit id as four words. */
export function hashWords(seed: number, a: number, b: number, c: number, d: number): number {
  let h = Math.imul(seed ^ a, PRIME);
  h = Math.imul(mix(h) ^ b, PRIME);
  h = Math.imul(mix(h) ^ c, PRIME);
  return mix(Math.imul(h ^ d, PRIME));
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** What a term is about; part of its seed. */
export type TermKind = 'service' | 'name' | 'status' | 'attribute' | 'resource';

const TRACE_SEED = hashText(START, 'trace');

/** Trace ids are looked up without knowing the service. */
export function traceTerm(hex: string): number {
  return hashWords(TRACE_SEED, parseInt(hex.slice(0, 8), 16), parseInt(hex.slice(8, 16), 16), parseInt(hex.slice(16, 24), 16), parseInt(hex.slice(24, 32), 16));
}

/** The same from the id's words, big-endian, first word first. */
export function traceTermOfWords(a: number, b: number, c: number, d: number): number {
  return hashWords(TRACE_SEED, a, b, c, d);
}

/**
 * Seeds of a service's terms. Since the service is part of every term, a look-up of service and attribute finds the blocks
 * where one span may have both.
 */
export interface ServiceSeeds {
  readonly service: number;
  readonly name: number;
  readonly status: number;
  readonly attribute: number;
  readonly resource: number;
}

export function serviceSeeds(tenant: string, service: string): ServiceSeeds {
  const seed = hashText(hashText(START, tenant), service);
  const of = (kind: TermKind): number => hashText(seed, kind);
  return { service: of('service'), name: of('name'), status: of('status'), attribute: of('attribute'), resource: of('resource') };
}

const ELEMENT = 0x5bd1e995;
const DOT = 0x2e;
const ZERO = 0x30;

/** Of an attribute's name; to be mixed into the seed of its values. */
export function keyHash(key: string): number {
  return hashText(START, key);
}

/**
 * Of an attribute with that name whose value stands in typed JSON in bytes from..to. Whole numbers have one term, whether they are
 * integers or doubles.
 */
export function valueTerm(seed: number, keyHash: number, bytes: Uint8Array, from: number, to: number): number {
  const whole = bytes[to - 1] === ZERO && bytes[to - 2] === DOT;
  return hashBytes(seed ^ keyHash, bytes, from, whole ? to - 2 : to);
}

/** Of an attribute: its own, and one for each element of an array, since a search for it must find the array. */
export function attributeTerms(seed: number, { key, value }: KeyValue): [whole: number, ...elements: number[]] {
  const hash = keyHash(key);
  const term = (of: number, element: AnyValue): number => {
    const bytes = Buffer.from(valueToJson(element));
    return valueTerm(of, hash, bytes, 0, bytes.length);
  };
  return Array.isArray(value) ? [term(seed, value), ...(value as readonly AnyValue[]).map((element) => term(seed ^ ELEMENT, element))] : [term(seed, value)];
}

/** Terms one of which there is where the attribute, or an element of it, equals the value. */
export function equalTerms(seed: number, key: string, value: string | number | bigint | boolean): number[] {
  const values = Number(value) === 0 && typeof value !== 'string' && typeof value !== 'boolean' ? [0, -0] : [value];
  return values.flatMap((of) => [...attributeTerms(seed, { key, value: of }), ...attributeTerms(seed ^ ELEMENT, { key, value: of })]);
}

/** Of a log stream, given as its labels' JSON. */
export function streamTerm(tenant: string, stream: string): number {
  return hashText(hashText(hashText(START, 'stream'), tenant), stream);
}
