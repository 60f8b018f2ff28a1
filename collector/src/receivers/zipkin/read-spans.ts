import { malformed } from '../requests/refusal.js';
import { zipkinSpan, type ZipkinSpan } from './span.js';

/** @throws Refusal */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw malformed(`the body is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Checks what JSON or protobuf gave. @throws Refusal that names the first thing that does not fit */
export function readSpans(value: unknown, maxSpans: number): ZipkinSpan[] {
  if (!Array.isArray(value)) throw malformed('expected a list of spans');
  if (value.length > maxSpans) throw malformed(`${value.length} spans in one request, the limit is ${maxSpans} (setting: max_spans)`);
  return value.map((span: unknown, i) => {
    const parsed = zipkinSpan.safeParse(span);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw malformed(`$[${i}]${issue?.path.map((key) => `.${String(key)}`).join('') ?? ''}: ${issue?.message ?? 'is no span'}`);
  });
}
