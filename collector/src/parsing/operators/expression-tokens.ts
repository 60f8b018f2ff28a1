/** A piece of an expression, with its place in the text. */
export interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/** What is wrong with an expression, and where. */
export class ExpressionError extends Error {
  constructor(what: string, expression: string, at: number) {
    super(`${what} at character ${at + 1} of: ${expression.length > 120 ? `${expression.slice(0, 120)}…` : expression}`);
    this.name = 'ExpressionError';
  }
}

const TOKEN = /\s*(?:([A-Za-z_$][\w$]*)|(0[xX][0-9a-fA-F]+|(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`|(==|!=|<=|>=|&&|\|\||\?\?|\?\.|[-+*/%<>!?:.,()[\]]))/sy;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

/** @throws ExpressionError */
export function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (expression.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    const begin = at + /^\s*/.exec(expression.slice(at))![0].length;
    if (!match) throw new ExpressionError(/["'`]/.test(expression.charAt(begin)) ? 'a quote that is not closed' : `'${expression.charAt(begin)}' means nothing`, expression, begin);
    const [all, name, number, double, single, raw, sign] = match;
    const quoted = double ?? single;
    if (name !== undefined) tokens.push({ kind: 'name', text: name, at: begin });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number.replaceAll('_', ''), at: begin });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char), at: begin });
    else if (raw !== undefined) tokens.push({ kind: 'text', text: raw, at: begin });
    else tokens.push({ kind: 'sign', text: sign!, at: begin });
    at += all.length;
  }
  tokens.push({ kind: 'end', text: '', at: expression.length });
  return tokens;
}
