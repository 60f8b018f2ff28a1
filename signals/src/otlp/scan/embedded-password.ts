const STAR = 0x2a;
const COLON = 0x3a;
const SLASH = 0x2f;
const AT = 0x40;

/**
 * Overwrites the password in `bytes` from `start` to `end`, in place: of the userinfo of URLs
 * (`https://user:password@host/`, RFC 3986 section 3.2.1; several in one text as well) and of `password=` and `pwd=` in
 * connection strings. Takes time linear in the length.
 */
export function coverPassword(bytes: Uint8Array, start: number, end: number): void {
  coverUserinfo(bytes, start, end);
  coverAssignments(bytes, start, end);
}

function coverUserinfo(bytes: Uint8Array, start: number, end: number): void {
  let i = start;
  while (i + 2 < end) {
    if (bytes[i] !== COLON || bytes[i + 1] !== SLASH || bytes[i + 2] !== SLASH) {
      i++;
      continue;
    }
    // The authority ends at the next / ? # or white space; a password may hold an @ that was not escaped.
    let colon = -1;
    let at = -1;
    for (i += 3; i < end && !endsAuthority(bytes[i]); i++) {
      if (bytes[i] === COLON && colon < 0) colon = i;
      else if (bytes[i] === AT) at = i;
    }
    if (colon >= 0 && at > colon) bytes.fill(STAR, colon + 1, at);
  }
}

function endsAuthority(byte: number): boolean {
  return byte === SLASH || byte === 0x3f || byte === 0x23 || byte <= 0x20;
}

const NAMES = [Buffer.from('password'), Buffer.from('pwd')];

function coverAssignments(bytes: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== 0x3d || !NAMES.some((name) => endsWithName(bytes, start, i, name))) continue;
    let from = i + 1;
    const quote = from < end && (bytes[from] === 0x22 || bytes[from] === 0x27) ? bytes[from++] : 0;
    let to = from;
    while (to < end && (quote === 0 ? !endsAssignment(bytes[to]) : bytes[to] !== quote)) to++;
    if (from < to) bytes.fill(STAR, from, to);
    i = to - 1;
  }
}

function endsAssignment(byte: number): boolean {
  return byte === 0x3b || byte === 0x26 || byte <= 0x20; // ; & or white space
}

function endsWithName(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  const from = end - name.length;
  if (from < start) return false;
  for (let i = 0; i < name.length; i++) {
    if ((bytes[from + i] | 0x20) !== name[i]) return false;
  }
  return true;
}
