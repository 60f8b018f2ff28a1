import { z } from 'zod';
import { WatchedText } from './watched-text.js';

const secret = z.string().min(1);

/** Who the exporter is, for destinations that ask. Files are read again when they change, so that tokens can be renewed. */
export const authSchema = z
  .strictObject({
    bearer_token: secret.optional().describe('Token to send as `Authorization: Bearer`; best from the environment.'),
    bearer_token_file: secret.optional().describe('File that holds the token; read again when it changes.'),
    username: secret.optional().describe('User for basic authentication; needs a password.'),
    password: z.string().optional().describe('Password of the user; best from the environment.'),
    password_file: secret.optional().describe('File that holds the password; read again when it changes.'),
  })
  .refine((auth) => [auth.bearer_token, auth.bearer_token_file, auth.username].filter((each) => each !== undefined).length <= 1, { message: 'give one of bearer_token, bearer_token_file and username.' })
  .refine((auth) => (auth.username === undefined ? 0 : 1) === [auth.password, auth.password_file].filter((each) => each !== undefined).length, { message: 'username goes with either password or password_file.' });

export type AuthConfig = z.output<typeof authSchema>;

/** The header for an `auth` section. */
export class Authorization {
  private readonly token: WatchedText | null;
  private readonly password: WatchedText | null;

  constructor(private readonly config: AuthConfig) {
    this.token = config.bearer_token_file === undefined ? null : new WatchedText(config.bearer_token_file);
    this.password = config.password_file === undefined ? null : new WatchedText(config.password_file);
  }

  /** @throws the file system's error where a file cannot be read and was not before */
  headers(): Readonly<Record<string, string>> {
    const { bearer_token, username, password } = this.config;
    const token = this.token?.read() ?? bearer_token;
    if (token !== undefined) return { authorization: `Bearer ${token}` };
    if (username === undefined) return {};
    const user = `${username}:${this.password?.read() ?? password ?? ''}`;
    return { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  }
}
