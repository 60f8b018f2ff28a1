import { RE2JS } from 're2js';

/** A test for the whole text by a glob: `*`, `?`, `[a-z]`, `[!a]`, `{one,two}`. @throws Error for brackets without their end */
export function globTest(glob: string): (text: string) => boolean {
  if (!/[*?[\]{}\\]/.test(glob)) return (text) => text === glob;
  let pattern = '';
  let braces = 0;
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i];
    if (c === '*') pattern += '.*';
    else if (c === '?') pattern += '.';
    else if (c === '{') {
      pattern += '(?:';
      braces++;
    } else if (c === '}' && braces > 0) {
      pattern += ')';
      braces--;
    } else if (c === ',' && braces > 0) pattern += '|';
    else if (c === '[') {
      const end = glob.indexOf(']', i + 2);
      if (end < 0) throw new Error(`a [ without its ] in the pattern '${glob}'`);
      const inner = glob.slice(i + 1, end);
      pattern += `[${inner.startsWith('!') ? '^' + inner.slice(1).replace(/[\\[\]]/g, '\\$&') : inner.replace(/[\\[\]^]/g, '\\$&')}]`;
      i = end;
    } else if (c === '\\' && i + 1 < glob.length) pattern += RE2JS.quote(glob[++i]);
    else pattern += RE2JS.quote(c);
  }
  if (braces > 0) throw new Error(`a { without its } in the pattern '${glob}'`);
  const regexp = RE2JS.compile(pattern, RE2JS.DOTALL);
  return (text) => regexp.testExact(text);
}
