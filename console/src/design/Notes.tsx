import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError, remedyFor } from '../api/errors.js';
import { CheckIcon, CopyIcon, EmptyIcon } from './icons.js';

/** Where there is nothing to show: what that means and what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return <div className="note"><EmptyIcon /><h2>{title}</h2>{children}</div>;
}

/** What went wrong, in the API's words, and what to do. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry?: () => void }) {
  return (
    <div className="alarm" role="alert">
      <div><strong>{error.message}</strong><p>{error instanceof ApiError ? error.remedy : remedyFor(500)}</p></div>
      {retry && <button type="button" className="button small" onClick={retry}>Try again</button>}
    </div>
  );
}

/** A thin bar at the top of what is being loaded; takes no room. */
export function Progress({ shown, label }: { readonly shown: boolean; readonly label: string }) {
  return shown ? <div className="progress" role="progressbar" aria-label={label} /> : null;
}

export function Command({ text }: { readonly text: string }) {
  return <div className="command"><code>{text}</code><Copy text={text} what="command" /></div>;
}

export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => { setCopied(false); }, 1_500);
    return () => { clearTimeout(timer); };
  }, [copied]);
  const copy = (): void => { void toClipboard(text).then(setCopied); };
  return (
    <button type="button" className="button quiet small icon" onClick={copy} aria-label={copied ? 'Copied' : `Copy ${what}`} title={copied ? 'Copied' : `Copy ${what}`}>
      {copied ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}

/** Whether it worked. Browsers offer their clipboard to secure origins only; elsewhere a selected field must do. */
async function toClipboard(text: string): Promise<boolean> {
  // The type says that it is always there.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard !== undefined) return clipboard.writeText(text).then(() => true, () => false);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}
