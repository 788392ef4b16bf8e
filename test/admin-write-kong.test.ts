/**
 * Writes as the tests of Kong's own Admin API (3.9.1, `spec/02-integration/04-admin_api` and the plugins' `api_spec.lua`)
 * expect them of its traditional mode: status, and what of the body is said there.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFields, type Fields } from '../src/config/checks/field-issue.ts';
import { startGateway } from '../src/index.ts';
import { configFile } from './support/writer.ts';
import { STORIES, type Call } from './support/kong-writes/index.ts';

type Names = ReadonlyMap<string, string>;

/** `{name}` in texts is the id of what an earlier call of the story called so. */
const fill = (text: string, names: Names): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => names.get(name) ?? whole);

const fillAll = (value: unknown, names: Names): unknown => {
  if (typeof value === 'string') return fill(value, names);
  if (Array.isArray(value)) return value.map((item) => fillAll(item, names));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, fillAll(member, names)]),
  );
};

/** Compares the members that `expected` names; lists and everything inside of them as a whole. */
function assertShows(actual: unknown, expected: Fields, where: string): void {
  assert.ok(isFields(actual), `${where} is no object`);
  for (const [name, value] of Object.entries(expected)) {
    if (isFields(value)) assertShows(actual[name], value, `${where}.${name}`);
    else assert.deepEqual(actual[name], value, `${where}.${name}`);
  }
}

function requestOf({ json, form, multipart, type, raw }: Call, names: Names): RequestInit {
  if (form !== undefined) {
    const pairs = form.map(([name, value]): [string, string] => [name, fill(value, names)]);
    return { body: new URLSearchParams(pairs) };
  }
  if (multipart !== undefined) {
    const body = new FormData();
    for (const [name, value] of multipart) body.append(name, value);
    return { body };
  }
  const body = json === undefined ? raw : JSON.stringify(fillAll(json, names));
  const named = type ?? (json === undefined ? undefined : 'application/json');
  return {
    ...(body !== undefined && { body }),
    // fetch would name a type for a text by itself.
    ...(named !== undefined && { headers: { 'Content-Type': named } }),
  };
}

async function tell(adminUrl: string, call: Call, names: Map<string, string>): Promise<void> {
  const [method = '', path = ''] = call.ask.split(' ');
  const answer = await fetch(adminUrl + fill(path, names), { method, ...requestOf(call, names) });
  const text = await answer.text();
  const where = `${call.ask} → ${answer.status} ${text}`;
  assert.equal(answer.status, call.status, where);
  if (call.status === 204) return assert.equal(text, '', where);
  if (call.is === undefined && call.shows === undefined && call.as === undefined) return;
  const body: unknown = JSON.parse(text);
  if (call.is !== undefined) assert.deepEqual(body, fillAll(call.is, names), where);
  if (call.shows !== undefined) {
    const shows = fillAll(call.shows, names);
    assert.ok(isFields(shows));
    assertShows(body, shows, where);
  }
  if (call.as !== undefined && isFields(body)) names.set(call.as, String(body['id']));
}

test('writes answer as in traditional Kong', async (t) => {
  const gateway = await startGateway({
    settings: { declarative_config: configFile(t), admin_write: 'on' },
  });
  t.after(() => gateway.close());
  const adminUrl = `http://127.0.0.1:${gateway.admin[0]?.port ?? 0}`;
  for (const { title, calls } of STORIES) {
    await t.test(title, async () => {
      const names = new Map<string, string>();
      for (const call of calls) await tell(adminUrl, call, names);
    });
  }
});
