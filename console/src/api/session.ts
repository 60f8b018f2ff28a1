const KEY = 'signalbox.token';

/** What is known of the reader's right to read. */
export interface SessionState {
  readonly token: string | null;
  /** The appliance wants a token, or another one than it was given. */
  readonly demanded: 'no' | 'missing' | 'refused';
}

/** The bearer token, kept until the tab is closed. */
export class Session {
  #state: SessionState;
  readonly #listeners = new Set<() => void>();

  constructor(readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
    this.#state = { token: storage.getItem(KEY), demanded: 'no' };
  }

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  };

  /** An answer was 401 to a request that carried `token`. One that was sent with an older token changes nothing. */
  refuse(token: string | null): void {
    if (token !== this.#state.token) return;
    this.#set({ ...this.#state, demanded: token === null ? 'missing' : 'refused' });
  }

  signIn(token: string): void {
    this.storage.setItem(KEY, token);
    this.#set({ token, demanded: 'no' });
  }

  signOut(): void {
    this.storage.removeItem(KEY);
    this.#set({ token: null, demanded: 'missing' });
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
