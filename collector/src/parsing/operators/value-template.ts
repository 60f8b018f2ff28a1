import type { Entry, Value } from '../entry.js';
import { compileExpression, type Expression } from './expression.js';
import { textOf } from './expression-values.js';

/**
 * What `add` adds: a value, or text in which each `EXPR(…)` stands for what the expression answers. One that is the whole text keeps its
 * type. Null: an expression answers nothing.
 * @throws ExpressionError
 */
export function valueTemplate(value: string | number | boolean): (entry: Entry) => Value {
  if (typeof value !== 'string') {
    const constant = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
    return () => constant;
  }
  const parts: (string | Expression)[] = [];
  let at = 0;
  for (let begin = value.indexOf(START); begin >= 0; begin = value.indexOf(START, at)) {
    const end = closing(value, begin + START.length);
    if (end < 0) throw new Error(`EXPR( without its closing parenthesis in: ${value.slice(0, 120)}`);
    if (begin > at) parts.push(value.slice(at, begin));
    parts.push(compileExpression(value.slice(begin + START.length, end)));
    at = end + 1;
  }
  if (at < value.length) parts.push(value.slice(at));
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'function') return only;
  return (entry) => {
    let text = '';
    for (const part of parts) {
      const each = typeof part === 'string' ? part : part(entry);
      if (each === null) return null;
      text += textOf(each);
    }
    return text;
  };
}

const START = 'EXPR(';

/** Place of the parenthesis that closes the one before `from`; quotes may hold any. */
function closing(text: string, from: number): number {
  let depth = 1;
  let quote = '';
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote !== '') {
      if (char === '\\' && quote !== '`') i++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'" || char === '`') quote = char;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return i;
  }
  return -1;
}
