import { PGlite } from '@electric-sql/pglite';

/** Makes a PostgreSQL cluster in the directory that is named, and ends. */
const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('the directory to make the cluster in is missing');
const database = await PGlite.create({ dataDir: dir });
await database.close();
