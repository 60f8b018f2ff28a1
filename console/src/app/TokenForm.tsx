import { useState } from 'react';
import type { FormEvent } from 'react';
import type { Session } from '../api/session.js';
import { Command } from '../design/Notes.js';
import { Mark } from './Mark.js';

/** Asks for a token when the appliance answered 401. */
export function TokenForm({ session, refused }: { readonly session: Session; readonly refused: boolean }) {
  const [token, setToken] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim() !== '') session.signIn(token.trim());
  };
  return (
    <main className="sign-in">
      <form className="panel" onSubmit={send}>
        <div className="brand"><Mark /> Signalbox</div>
        <h1>A token is needed to read</h1>
        <div className="field">
          <label htmlFor="token">Token</label>
          <input id="token" className="input mono" type="password" autoComplete="off" spellCheck={false} autoFocus value={token}
            onChange={(event) => { setToken(event.target.value); }} aria-invalid={refused} aria-describedby={refused ? 'token-fault' : 'token-hint'} />
          {refused && <p id="token-fault" className="field-fault" role="alert">The appliance did not accept this token. It may be mistyped, revoked, or lack the scope read.</p>}
        </div>
        <button type="submit" className="button primary" disabled={token.trim() === ''}>Open the console</button>
        <div id="token-hint" className="field-hint sign-in-hint">
          <p>Whoever runs the appliance makes one, in its folder, with</p>
          <Command text="npx signalbox token create --scope read" />
          <p>It is kept in this tab only, until the tab is closed.</p>
        </div>
      </form>
    </main>
  );
}
