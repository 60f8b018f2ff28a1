import { pathText, type ConfigPlace } from './place.js';

/** What can be wrong with a configuration. docs/errors.md says what to do about each. */
export type ConfigCode =
  | 'SBX_CONFIG_YAML'
  | 'SBX_CONFIG_TOO_LARGE'
  | 'SBX_CONFIG_ENV'
  | 'SBX_CONFIG_UNKNOWN_KEY'
  | 'SBX_CONFIG_UNKNOWN_COMPONENT'
  | 'SBX_CONFIG_UNDEFINED_COMPONENT'
  | 'SBX_CONFIG_UNUSED_COMPONENT'
  | 'SBX_CONFIG_UNSUPPORTED'
  | 'SBX_CONFIG_BUILT_IN'
  | 'SBX_CONFIG_PIPELINE'
  | 'SBX_CONFIG_WRONG_SIGNAL'
  | 'SBX_CONFIG_MISSING'
  | 'SBX_CONFIG_BAD_VALUE';

/** One mistake, with its place. */
export interface ConfigMistake {
  readonly code: ConfigCode;
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1; null when the value does not come from a file. */
  readonly line: number | null;
  readonly column: number | null;
  /** `exporters.loki/second.endpoint`; '' for the whole file. */
  readonly path: string;
  /** What is wrong and what to do. */
  readonly message: string;
  /** The valid name that was probably meant. */
  readonly nearest: string | null;
}

export interface MistakeOptions {
  readonly severity?: 'warning';
  readonly nearest?: string | null;
  /** Points at the key in front of the value. */
  readonly atKey?: boolean;
}

export function mistakeAt(place: ConfigPlace, code: ConfigCode, message: string, options: MistakeOptions = {}): ConfigMistake {
  const position = (options.atKey ? place.keyPosition?.() : undefined) ?? place.position();
  return {
    code,
    severity: options.severity ?? 'error',
    file: place.file,
    line: position?.line ?? null,
    column: position?.column ?? null,
    path: pathText(place.path),
    message,
    nearest: options.nearest ?? null,
  };
}

/** `signalbox.yaml:12:5 exporters.lokii: … Did you mean 'loki'? [SBX_CONFIG_UNKNOWN_COMPONENT]` */
export function formatMistake(mistake: ConfigMistake): string {
  const line = mistake.line === null ? '' : `:${mistake.line}${mistake.column === null ? '' : `:${mistake.column}`}`;
  const path = mistake.path === '' ? '' : ` ${mistake.path}`;
  const nearest = mistake.nearest === null ? '' : ` Did you mean '${mistake.nearest}'?`;
  return `${mistake.file}${line}${path}: ${mistake.message}${nearest} [${mistake.code}]`;
}

/** What a component's parseConfig throws: every mistake in its section. */
export class ConfigError extends Error {
  constructor(readonly mistakes: readonly ConfigMistake[]) {
    super(mistakes.map((mistake) => (mistake.severity === 'warning' ? `warning: ${formatMistake(mistake)}` : formatMistake(mistake))).join('\n'));
    this.name = 'ConfigError';
  }
}

/** What loadConfig throws: every mistake in the whole configuration, warnings included, in the order of the file. */
export class ConfigErrors extends ConfigError {
  constructor(mistakes: readonly ConfigMistake[]) {
    super(mistakes);
    this.name = 'ConfigErrors';
  }
}

/** Runs what may throw a ConfigError, and keeps its mistakes. */
export function collect<T>(mistakes: ConfigMistake[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    mistakes.push(...error.mistakes);
    return null;
  }
}
