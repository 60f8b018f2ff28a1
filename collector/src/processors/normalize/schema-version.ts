/** The version in a schema URL of OpenTelemetry's (`https://opentelemetry.io/schemas/1.21.0`), as a number that compares; null where it has none. */
export function schemaVersion(url: string): number | null {
  const match = /^https?:\/\/opentelemetry\.io\/schemas\/(\d{1,4})\.(\d{1,4})\.(\d{1,4})$/.exec(url);
  return match ? versionNumber(Number(match[1]), Number(match[2]), Number(match[3])) : null;
}

export function parseVersion(text: string): number {
  const [major, minor, patch] = text.split('.').map(Number);
  return versionNumber(major, minor, patch);
}

function versionNumber(major: number, minor: number, patch: number): number {
  return (major * 10_000 + minor) * 10_000 + patch;
}
