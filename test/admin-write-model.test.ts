/**
 * Random sequences of writes to one file or two: after each, the Admin API, the files and what the model says are the
 * same, and so is a gateway that starts again. `RUNS=20 CALLS=300 SEED=… node --import tsx test/run.ts write-model` for more of them.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { isFields, type Fields } from '../src/config/checks/field-issue.ts';
import { isEntityKind } from '../src/config/schemas.ts';
import { startGateway, type RunningGateway } from '../src/index.ts';
import { call, configFiles, entitiesIn, entitiesOf, type Entities } from './support/writer.ts';
import { ONE_FILE, TWO_FILES, watchComments } from './support/write-model/commented.ts';
import { MODEL_KINDS } from './support/write-model/kinds.ts';
import {
  ACTIONS,
  meaningOf,
  planStep,
  settle,
  TARGETS,
  type Model,
  type Operation,
  type Step,
} from './support/write-model/model.ts';

const RUNS = Number(process.env['RUNS'] ?? 2);
const CALLS = Number(process.env['CALLS'] ?? 60);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000);
/** So many calls until the gateway starts again. */
const RESTART_EVERY = 20;
/** One call of so many finds a file that was edited since the last one. */
const EDIT_EVERY = 6;

const OPERATIONS: fc.Arbitrary<Operation[]> = fc.array(
  fc.record({
    action: fc.constantFrom(...ACTIONS),
    target: fc.constantFrom(...TARGETS),
    isNested: fc.boolean(),
    kind: fc.nat(MODEL_KINDS.length - 1),
    seed: fc.nat(),
  }),
  { minLength: CALLS, maxLength: CALLS },
);

/** Entities without what differs from one load to the next: times that nobody wrote down. */
function comparable(entities: Entities, untimed: ReadonlySet<string>): Entities {
  const strip = ({ updated_at: _updated, created_at, ...rest }: Fields): Fields =>
    untimed.has(String(rest['id'])) ? rest : { ...rest, created_at };
  return new Map(
    [...entities].map(([kind, rows]) => [
      kind,
      new Map([...rows].map(([id, row]) => [id, strip(row)])),
    ]),
  );
}

/** The written form of what was loaded: times are the load's, not the file's. */
function modelOf(entities: Entities): Model {
  return new Map(
    [...entities].flatMap(([kind, rows]) =>
      isEntityKind(kind)
        ? [
            [
              kind,
              new Map(
                [...rows].map(([id, { created_at: _created, updated_at: _updated, ...row }]) => [
                  id,
                  row,
                ]),
              ),
            ] as const,
          ]
        : [],
    ),
  );
}

const parentsIn = (row: Fields): readonly string[] =>
  Object.values(row).flatMap((value) =>
    isFields(value) && typeof value['id'] === 'string' ? [value['id']] : [],
  );

/** Ids of what differs between two models, and of its parents: they may hold it in the file. */
function changesBetween(before: Model, after: Model): readonly string[] {
  return MODEL_KINDS.flatMap(({ kind }) => {
    const [old, now] = [before.get(kind) ?? new Map(), after.get(kind) ?? new Map()];
    const ids = new Set([...old.keys(), ...now.keys()]);
    return [...ids].flatMap((id) => {
      const [was, is]: (Fields | undefined)[] = [old.get(id), now.get(id)];
      return was === is ? [] : [id, ...parentsIn(was ?? {}), ...parentsIn(is ?? {})];
    });
  });
}

class Bench {
  readonly #files: readonly string[];
  readonly #untimed: ReadonlySet<string>;
  readonly #comments;
  readonly #changed = new Set<string>();
  readonly #log: string[] = [];
  readonly #edits: string[] = [];
  #model: Model;
  #gateway: RunningGateway | undefined;

  constructor(files: readonly string[]) {
    this.#files = files;
    const initial = entitiesIn(...this.#texts);
    this.#model = modelOf(initial);
    this.#untimed = new Set([...initial.values()].flatMap((rows) => [...rows.keys()]));
    this.#comments = watchComments(initial);
  }

  get #adminUrl(): string {
    return `http://127.0.0.1:${this.#gateway?.admin[0]?.port ?? 0}`;
  }

  async start(): Promise<void> {
    this.#gateway = await startGateway({
      settings: { declarative_config: this.#files.join(), admin_write: 'on' },
    });
  }

  async stop(): Promise<void> {
    await this.#gateway?.close();
  }

  async perform(operation: Operation): Promise<void> {
    const step = planStep(this.#model, operation);
    if (step === undefined) return;
    if (operation.seed % EDIT_EVERY === 0) this.#editByHand();
    const before = this.#text;
    const { status, body } = await call(this.#adminUrl, step.method, step.path, step.body);
    this.#log.push(
      `${step.method} ${step.path} ${JSON.stringify(step.body) ?? ''} → ${status} ${JSON.stringify(body)}`,
    );
    this.#check(step.statuses.includes(status), `${status} is none of ${step.statuses.join()}`);
    const next = settle(step, body) ?? this.#model;
    for (const id of changesBetween(this.#model, next)) this.#changed.add(id);
    this.#model = next;
    const text = this.#text;
    if (step.next === undefined) this.#check(text === before, 'a refused write changed the file');
    this.#checkComments(text);
    const meaning = this.#meaning();
    this.#checkShown(step, body, meaning);
    await this.#agreeOn(meaning);
  }

  /** The API, the file and the model say the same. */
  agree(): Promise<void> {
    return this.#agreeOn(this.#meaning());
  }

  async #agreeOn(meaning: Entities): Promise<void> {
    const wanted = comparable(meaning, this.#untimed);
    this.#same(comparable(entitiesIn(...this.#texts), this.#untimed), wanted, 'the file');
    this.#same(comparable(await entitiesOf(this.#adminUrl), this.#untimed), wanted, 'the API');
  }

  #meaning(): Entities {
    const meaning = meaningOf(this.#model);
    this.#check(meaning !== undefined, 'the model itself is no valid config');
    return meaning ?? new Map();
  }

  get #texts(): readonly string[] {
    return this.#files.map((file) => readFileSync(file, 'utf8'));
  }

  get #text(): string {
    return this.#texts.join('\n');
  }

  /** The answer shows the entity whole. */
  #checkShown({ next, shown }: Step, body: Fields, meaning: Entities): void {
    if (next === undefined || shown === undefined) return;
    const id = String(body['id']);
    const row = meaning.get(shown.kind)?.get(id);
    const whole = (entity: Fields): Entities =>
      comparable(new Map([[shown.kind, new Map([[id, entity]])]]), this.#untimed);
    this.#same(whole(body), whole(row ?? {}), 'the answer');
  }

  /** A new line at the head of a file. The gateway may have read it before the next call comes, or not. */
  #editByHand(): void {
    const line = `# By hand, ${this.#edits.length}.`;
    this.#edits.push(line);
    const file = this.#files[this.#edits.length % this.#files.length] ?? '';
    writeFileSync(file, `${line}\n${readFileSync(file, 'utf8')}`);
  }

  #checkComments(text: string): void {
    const edit = this.#edits.find((line) => !text.includes(`${line}\n`));
    const missing = edit ?? this.#comments.missingIn(text, this.#changed);
    this.#check(missing === undefined, `is not in the file any more:\n${missing}`);
  }

  #same(actual: unknown, wanted: unknown, what: string): void {
    try {
      assert.deepEqual(actual, wanted);
    } catch (error) {
      this.#check(false, `${what} differs from the model: ${String(error)}`);
    }
  }

  #check(holds: boolean, message: string): void {
    if (holds) return;
    const calls = this.#log.slice(-10).join('\n');
    assert.fail(`${message}\n\nthe last calls:\n${calls}\n\nthe files:\n${this.#text}`);
  }
}

async function run(
  t: TestContext,
  texts: readonly string[],
  operations: readonly Operation[],
): Promise<void> {
  const bench = new Bench(configFiles(t, texts));
  await bench.start();
  try {
    for (const [index, operation] of operations.entries()) {
      await bench.perform(operation);
      if ((index + 1) % RESTART_EVERY !== 0) continue;
      await bench.stop();
      await bench.start();
      await bench.agree();
    }
  } finally {
    await bench.stop();
  }
}

test(`${RUNS} sequences of ${CALLS} writes: API, file, model and a restart agree`, async (t) => {
  const texts = fc.constantFrom(ONE_FILE, TWO_FILES);
  const property = fc.asyncProperty(texts, OPERATIONS, (files, operations) =>
    run(t, files, operations),
  );
  await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: true });
});
