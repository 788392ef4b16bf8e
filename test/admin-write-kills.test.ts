/**
 * SIGKILL at random instants during writes: the file is whole, loads, and holds every write that was answered.
 * `KILLS=200 node --import tsx test/run.ts write-kills` for many.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { call, configFile, entitiesIn, spawnWriter } from './support/writer.ts';
import { seeded, type Random } from './support/mutations.ts';
import { until } from './support/until.ts';

const KILLS = Number(process.env['KILLS'] ?? 10);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000);
const WRITERS = 4;
/** The longest that a gateway writes after its first answer. */
const LIFE_MS = 400;
/** Of a writer; older ones are deleted again. */
const SERVICES_MAX = 6;

const COMMENT = '# This comment outlives every kill.';
const INITIAL = `${COMMENT}
_format_version: "3.0"
services:
  - { name: by-hand, host: a.test }   # and this one
`;

/** A service by its port, or that there is none. */
type State = number | 'absent';

/** What one client has written under names of its own. It goes on with the next gateway where it was cut. */
class Writer {
  readonly #prefix: string;
  readonly #random: Random;
  /** What the last answer about a service said. */
  readonly #answered = new Map<string, State>();
  /** The write that has no answer yet: it may be in the file or not. */
  #open: { readonly name: string; readonly state: State } | undefined;
  #count = 0;

  constructor(prefix: string, random: Random) {
    this.#prefix = prefix;
    this.#random = random;
  }

  get answers(): number {
    return this.#count;
  }

  /** Writes until the gateway is gone. */
  async writeTo(adminUrl: string): Promise<void> {
    for (;;) {
      const { method, path, body, name, state } = this.#next();
      this.#open = { name, state };
      const answer = await call(adminUrl, method, path, body).catch(() => undefined);
      if (answer === undefined) return;
      assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer)}`);
      this.#answered.set(name, state);
      this.#open = undefined;
      this.#count += 1;
    }
  }

  #next() {
    const live = [...this.#answered].filter(([, state]) => state !== 'absent');
    const [oldest] = live;
    const port = 1 + this.#random(60_000);
    if (oldest !== undefined && live.length >= SERVICES_MAX) {
      const [name] = oldest;
      return { method: 'DELETE', path: `/services/${name}`, name, state: 'absent' } as const;
    }
    if (oldest !== undefined && this.#random(3) === 0) {
      const [name] = oldest;
      return { method: 'PATCH', path: `/services/${name}`, body: { port }, name, state: port };
    }
    const name = `${this.#prefix}-${this.#answered.size}-${this.#random(1000)}`;
    const body = { name, port, host: 'a.test', tags: ['kept: # whole'] };
    return { method: 'POST', path: '/services', body, name, state: port };
  }

  /** Compares with the ports in the file, and takes the outcome of the open write from it. */
  check(ports: ReadonlyMap<unknown, unknown>): void {
    const open = this.#open;
    if (open !== undefined) {
      const found = ports.get(open.name) ?? 'absent';
      const before = this.#answered.get(open.name) ?? 'absent';
      assert.ok(found === open.state || found === before, `${open.name} is in the file as neither`);
      this.#answered.set(open.name, found === open.state ? open.state : before);
      this.#open = undefined;
    }
    for (const [name, state] of this.#answered) {
      assert.equal(
        ports.get(name) ?? 'absent',
        state,
        `${name} was answered and is not in the file`,
      );
    }
  }
}

const answersOf = (writers: readonly Writer[]): number =>
  writers.reduce((sum, { answers }) => sum + answers, 0);

test(`${KILLS} kills lose nothing that was answered`, async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const random = seeded(SEED);
  const file = configFile(t, INITIAL);
  const writers = Array.from({ length: WRITERS }, (_, i) => new Writer(`w${i}`, random));
  for (let kill = 1; kill <= KILLS; kill++) {
    await t.test(`kill ${kill}`, async (sub) => {
      const gateway = await spawnWriter(sub, file);
      const writing = writers.map((writer) => writer.writeTo(gateway.adminUrl));
      const before = answersOf(writers);
      await until(() => answersOf(writers) > before);
      await Promise.race([pause(random(LIFE_MS)), ...writing]);
      gateway.child.kill('SIGKILL');
      await gateway.exited;
      await Promise.all(writing);

      const text = readFileSync(file, 'utf8');
      assert.ok(text.startsWith(COMMENT) && text.includes('# and this one'));
      const services = [...(entitiesIn(text).get('services') ?? new Map()).values()];
      const ports = new Map(services.map(({ name, port }) => [name, port]));
      assert.equal(ports.size, services.length);
      for (const writer of writers) writer.check(ports);
    });
  }
  t.diagnostic(`${answersOf(writers)} answered writes`);
});
