import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Where the services send their telemetry: OTLP over gRPC. */
  readonly otlpUrl: string;
  /** Where the console is, for what is printed. */
  readonly consoleUrl: string;
  /** Checkouts a second. */
  readonly rate: number;
}

export class OptionError extends Error {}

export const USAGE = `Usage: node demo/dist/main.js [options]

A small shop of four services, instrumented only by @signalbox/agent, with customers.

  --otlp URL      where telemetry is sent, OTLP over gRPC (http://127.0.0.1:4317)
  --console URL   where the console is, for the links (http://127.0.0.1:4319)
  --rate N        checkouts a second, 0.1 to 100 (5)
  --help          this text
`;

/** @throws OptionError that names the option and what it wants */
export function readOptions(args: readonly string[]): DemoOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  return {
    otlpUrl: url('--otlp', values.otlp ?? 'http://127.0.0.1:4317'),
    consoleUrl: url('--console', values.console ?? 'http://127.0.0.1:4319'),
    rate: number('--rate', values.rate ?? '5', 0.1, 100),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        otlp: { type: 'string' }, console: { type: 'string' }, rate: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

function url(option: string, text: string): string {
  if (!URL.canParse(text) || !/^https?:\/\//.test(text)) throw new OptionError(`${option} is "${text}", but an address such as http://127.0.0.1:4317 is needed`);
  return text.replace(/\/+$/, '');
}

function number(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) throw new OptionError(`${option} is "${text}", but a number from ${least} to ${most} is needed`);
  return value;
}
