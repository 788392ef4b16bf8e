/** The Admin API of the proxy-cache plugin: one kept answer, and forgetting one or all of them. */
import type { CachedAnswer, PurgeableCache } from '../answer-cache/types.ts';
import type { Handler } from './request.ts';
import { empty, json, message, type AdminResponse } from './response.ts';
import type { AdminDeps, PluginCache } from './types.ts';

/** Gives something when it was there. */
type Act = (cache: PurgeableCache) => Promise<AdminResponse | undefined>;

const MISSING = empty(404);
const DONE = empty(204);

const read =
  (key: string): Act =>
  async (cache) => {
    const answer = await cache.get(key);
    return answer && json(200, shown(answer));
  };

const purge =
  (key: string): Act =>
  async (cache) =>
    (await cache.delete(key)) ? DONE : undefined;

/** Kong's members; a field with several lines is a list. */
function shown({ status, headers, body, storedAt, ttl }: CachedAnswer): object {
  const fields = new Map<string, string | string[]>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    const known = fields.get(name);
    fields.set(name, known === undefined ? value : [known, value].flat());
  }
  return {
    status,
    headers: Object.fromEntries(fields),
    body: Buffer.from(body).toString('utf8'),
    body_len: body.byteLength,
    timestamp: storedAt,
    ttl,
    version: 1,
  };
}

/** The first entry that has something decides; a server that is away must not hide the others. */
async function firstOf(
  caches: readonly PluginCache[],
  act: Act,
  { log }: AdminDeps,
): Promise<AdminResponse> {
  let failed = false;
  for (const { pluginId, open } of caches) {
    const { cache, close } = open();
    try {
      // oxlint-disable-next-line no-await-in-loop -- in order: the first that has it ends the search
      const found = await act(cache);
      if (found !== undefined) return found;
    } catch (err) {
      failed = true;
      log.warn({ err, plugin_id: pluginId }, 'the cache of an entry cannot be reached');
    } finally {
      close();
    }
  }
  return failed ? message(500, 'the cache cannot be reached') : MISSING;
}

const anywhere =
  (act: (key: string) => Act): Handler =>
  ({ params: [key = ''] }, deps) =>
    firstOf(deps.answerCaches(), act(key), deps);

const ofPlugin =
  (act: (key: string) => Act): Handler =>
  ({ params: [id = '', key = ''] }, deps) =>
    firstOf(
      deps.answerCaches().filter(({ pluginId }) => pluginId === id),
      act(key),
      deps,
    );

export const readAnywhere = anywhere(read);
export const purgeAnywhere = anywhere(purge);
export const readOfPlugin = ofPlugin(read);
export const purgeOfPlugin = ofPlugin(purge);

const clear: Act = async (cache) => {
  await cache.clear();
  return undefined;
};

/** Every entry's answers; 204 also when there were none. */
export const purgeAll: Handler = async (_request, deps) => {
  const answer = await firstOf(deps.answerCaches(), clear, deps);
  return answer === MISSING ? DONE : answer;
};
