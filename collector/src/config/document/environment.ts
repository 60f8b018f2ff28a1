/** The environment as a program gets it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Expansion {
  readonly text: string;
  /** The scalar was one reference and nothing else: it gets the type that it looks like. */
  readonly whole: boolean;
  /** What is wrong with the references, in words; empty when all is well. */
  readonly mistakes: readonly string[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Replaces `${env:NAME}`, `${env:NAME:-default}` and `${NAME}` as the OpenTelemetry Collector does; `$$` is a plain `$`. A default
 * may hold references itself. Values that come in are not expanded again.
 */
export function expandEnvironment(text: string, env: Environment): Expansion {
  if (!text.includes('$')) return { text, whole: false, mistakes: [] };
  const mistakes: string[] = [];
  let out = '';
  let at = 0;
  let references = 0;
  let literal = false;
  while (at < text.length) {
    if (text.startsWith('$$', at)) {
      out += '$';
      literal = true;
      at += 2;
    } else if (text.startsWith('${', at)) {
      const end = closingBrace(text, at + 2);
      if (end < 0) {
        mistakes.push('a ${ without its } (for a plain dollar sign write $$)');
        break;
      }
      out += resolve(text.slice(at + 2, end), env, mistakes);
      references++;
      at = end + 1;
    } else {
      out += text[at]!;
      literal = true;
      at++;
    }
  }
  return { text: out, whole: references === 1 && !literal, mistakes };
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text.startsWith('${', i)) depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

function resolve(reference: string, env: Environment, mistakes: string[]): string {
  const separator = reference.indexOf(':-');
  const head = separator < 0 ? reference : reference.slice(0, separator);
  const scheme = /^([a-z][a-z0-9]*):/i.exec(head);
  if (scheme && scheme[1] !== 'env') {
    mistakes.push(`\${${scheme[1]}:…} is not known: only \${env:NAME} and \${env:NAME:-default} are (for a plain dollar sign write $$)`);
    return '';
  }
  const name = scheme ? head.slice(scheme[0].length) : head;
  if (!NAME.test(name)) {
    mistakes.push(`'${name.slice(0, 80)}' is no name of an environment variable (for a plain dollar sign write $$)`);
    return '';
  }
  const value = env[name];
  if (value !== undefined) return value;
  if (separator >= 0) {
    const inner = expandEnvironment(reference.slice(separator + 2), env);
    mistakes.push(...inner.mistakes);
    return inner.text;
  }
  mistakes.push(`the environment variable ${name} is not set: set it, or give a default: \${env:${name}:-…}`);
  return '';
}

/** The value that a plain YAML scalar of this text has (YAML 1.2, core schema). */
export function scalarFromText(text: string): string | number | boolean | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '~' || /^(null|Null|NULL)$/.test(trimmed)) return null;
  if (/^(true|True|TRUE)$/.test(trimmed)) return true;
  if (/^(false|False|FALSE)$/.test(trimmed)) return false;
  if (/^[-+]?\d+$/.test(trimmed) || /^0x[0-9a-fA-F]+$/.test(trimmed) || /^0o[0-7]+$/.test(trimmed)) {
    const value = Number(trimmed);
    return Number.isSafeInteger(value) ? value : text;
  }
  return /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(trimmed) ? Number(trimmed) : text;
}
