import { z } from 'zod';
import { malformed } from '../requests/refusal.js';
import type { PushedEntry, PushedStream } from './push.js';
import { withoutEmpty } from './stream-labels.js';

const entry = z.tuple([z.string().regex(/^-?\d{1,19}$/), z.string()]).rest(z.unknown());
const stream = z.object({ stream: z.record(z.string(), z.string()), values: z.array(entry) });
const request = z.object({ streams: z.array(stream) });

/** `{"streams": [{"stream": {"app": "x"}, "values": [["<ns>", "line", {"name": "value"}]]}]}`. @throws Refusal */
export function readJsonPush(body: Buffer): PushedStream[] {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw malformed(`the body is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = request.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw malformed(`loghttp.PushRequest: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as Loki takes it'}; expected {"streams": [{"stream": {…}, "values": [["<unix nanoseconds as text>", "<line>", {…}]]}]}`);
  }
  return parsed.data.streams.map(({ stream: labels, values }) => ({ labels: withoutEmpty(Object.entries(labels)), entries: values.map(readEntry) }));
}

function readEntry([time, line, metadata]: z.output<typeof entry>): PushedEntry {
  if (metadata === undefined || metadata === null) return { timeNs: BigInt(time), line, metadata: [] };
  if (typeof metadata !== 'object' || Array.isArray(metadata)) throw malformed('structured metadata is no object');
  return {
    timeNs: BigInt(time),
    line,
    metadata: Object.entries(metadata).map(([name, value]: [string, unknown]) => {
      if (typeof value !== 'string') throw malformed(`the structured metadata '${name.slice(0, 100)}' is no text: its values must be strings`);
      return [name, value] as const;
    }),
  };
}
