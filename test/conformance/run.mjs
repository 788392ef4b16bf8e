// Differential conformance runner.
//   node run.mjs record --admin URL --proxy URL [suite…]   write golden/<suite>.json from a reference gateway
//   node run.mjs check  --admin URL --proxy URL [--departures FILE] [--waiting FILE] [suite…]   compare a gateway with the goldens
// --departures names a JSON object {"suite: block › case": "why we answer otherwise"}: those cases must differ, all others must not.
// --waiting names a JSON object {"suite: block": "what it waits for"} or {"suite: block › case": …}: a waiting block's config must be
// refused and a waiting case must differ, so that the list shrinks with every plugin that arrives; neither counts as failed.
// Each suite's config is loaded with POST /config; its requests go to the proxy; what the client got and
// what the upstream saw are compared field by field, volatile fields masked.
import http from 'node:http';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startEcho } from './echo.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const [mode, ...rest] = process.argv.slice(2);
const opt = { admin: 'http://127.0.0.1:18001', proxy: 'http://127.0.0.1:18000', settle: '0', departures: '', waiting: '' };
const names = [];
for (let i = 0; i < rest.length; i++) rest[i].startsWith('--') ? (opt[rest[i].slice(2)] = rest[++i]) : names.push(rest[i]);

const UP_A = 19081, UP_B = 19082, DEAD = 19099;
const VOLATILE = new Set(['date', 'x-kong-request-id', 'x-kong-upstream-latency', 'x-kong-proxy-latency', 'x-kong-response-latency',
  'x-kong-total-latency', 'x-kong-third-party-latency', 'x-kong-client-latency', 'keep-alive', 'connection', 'etag', 'last-modified', 'age', 'expires']);
const PRESENCE = new Set(['server', 'via', 'x-kong-admin-latency', 'content-length', 'ratelimit-reset', 'retry-after']);

function send(base, { method = 'GET', path: p = '/', headers = [], body }) {
  return new Promise((ok) => {
    const u = new URL(base);
    const flat = [];
    let host = false;
    for (const [k, v] of headers) { flat.push(k, v); if (k.toLowerCase() === 'host') host = true; }
    if (!host) flat.push('Host', u.host);
    if (body !== undefined && !headers.some(([k]) => /^(content-length|transfer-encoding)$/i.test(k))) flat.push('Content-Length', String(Buffer.byteLength(body)));
    const req = http.request({ host: u.hostname, port: u.port, method, path: p, headers: flat, agent: false, timeout: 15_000 }, (res) => {
      const c = [];
      res.on('data', (x) => c.push(x));
      res.on('end', () => ok({ status: res.statusCode, raw: res.rawHeaders, body: Buffer.concat(c).toString('utf8') }));
      res.on('error', (e) => ok({ error: e.code }));
    });
    req.on('timeout', () => req.destroy(new Error('timeout')));
    req.on('error', (e) => ok({ error: e.code || e.message }));
    req.end(body);
  });
}
const mask = (name, v) => (PRESENCE.has(name) ? '<set>' : v);
function normHeaders(pairs) {
  const out = {};
  for (let i = 0; i < pairs.length; i += 2) {
    const k = pairs[i].toLowerCase();
    if (VOLATILE.has(k)) continue;
    (out[k] ??= []).push(scrub(mask(k, pairs[i + 1])));
  }
  return Object.fromEntries(Object.entries(out).sort(([a], [b]) => (a < b ? -1 : 1)));
}
let known = '';
const scrub = (s) => s.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '<jwt>')
  .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (u) => (known.includes(u) ? u : '<uuid>'))
  .replace(/"updated_at":[\d.]+/g, '"updated_at":0').replace(/<requestid>\w+/g, '<requestid><id>')
  .replace(/"request_id":\s*"[^"]*"/g, '"request_id":"<id>"').replace(/request_id: \S+/g, 'request_id: <id>')
  .replace(/127\.0\.0\.1:18000|127\.0\.0\.1:8000/g, '<proxy>');
function observe(r) {
  if (r.error) return { error: r.error };
  const o = { status: r.status, headers: normHeaders(r.raw) };
  let j; try { j = JSON.parse(r.body); } catch {}
  if (j && typeof j === 'object' && 'url' in j && 'headers' in j && 'label' in j) {
    const h = {};
    for (const [k, v] of Object.entries(j.headers).sort(([a], [b]) => (a < b ? -1 : 1))) if (!VOLATILE.has(k)) h[k] = v.map((x) => scrub(mask(k, x)));
    o.upstream = { label: j.label, method: j.method, url: scrub(j.url), headers: h, body: scrub(j.body) };
  } else if (j !== undefined) o.json = JSON.parse(scrub(JSON.stringify(j)));
  else o.body = scrub(r.body).slice(0, 4000);
  return o;
}
function diff(a, b, at = '') {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (a && b && typeof a === 'object' && typeof b === 'object' && !Array.isArray(a) && !Array.isArray(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((k) => diff(a[k], b[k], at ? `${at}.${k}` : k));
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) return a.flatMap((x, i) => diff(x, b[i], `${at}[${i}]`));
  return [`${at}: want ${JSON.stringify(a)} got ${JSON.stringify(b)}`];
}

const suites = fs.readdirSync(path.join(here, 'suites')).filter((f) => f.endsWith('.mjs') && (!names.length || names.includes(f.slice(0, -4)))).sort();
const a = await startEcho(UP_A, 'a');
const b = await startEcho(UP_B, 'b');
const readList = (file) => (file ? JSON.parse(fs.readFileSync(file, 'utf8')) : {});
const departures = readList(opt.departures);
const waiting = readList(opt.waiting);
let pass = 0, fail = 0, departed = 0, waits = 0;
const perSuite = [];
for (const f of suites) {
  const name = f.slice(0, -4);
  const { default: suite } = await import(pathToFileURL(path.join(here, 'suites', f)));
  const goldenFile = path.join(here, 'golden', `${name}.json`);
  const golden = fs.existsSync(goldenFile) ? JSON.parse(fs.readFileSync(goldenFile, 'utf8')) : {};
  const record = {};
  let sp = 0, sf = 0;
  for (const block of suite) {
    const config = block.config({ A: `http://127.0.0.1:${UP_A}`, B: `http://127.0.0.1:${UP_B}`, aPort: UP_A, bPort: UP_B, dead: DEAD });
    known = config;
    const load = await send(opt.admin, { method: 'POST', path: '/config', headers: [['Content-Type', 'application/json']], body: JSON.stringify({ config }) });
    const blockWaits = mode === 'check' && `${name}: ${block.name}` in waiting;
    if (blockWaits && load.status === 400) { waits += block.cases.length; continue; }
    if (blockWaits) { console.log(`FAIL ${name}: ${block.name} is listed as waiting, yet loading its config answers ${load.status ?? load.error}`); sf += block.cases.length; continue; }
    if (load.status !== 201) {
      const note = `config of ${name}/${block.name} refused: ${load.status ?? load.error} ${String(load.body).slice(0, 600)}`;
      if (mode === 'record') { console.log('!!', note); continue; }
      console.log('FAIL', note); sf += block.cases.length; continue;
    }
    await new Promise((r) => setTimeout(r, Math.max(Number(opt.settle), block.settle ?? 0)));
    for (const c of block.cases) {
      const key = `${block.name} › ${c.name}`;
      let r;
      for (let i = 0; i < (c.times ?? 1); i++) r = await send(c.admin ? opt.admin : opt.proxy, typeof c.request === 'function' ? c.request() : c.request);
      const o = observe(r);
      if (c.only) for (const k of Object.keys(o)) if (!c.only.includes(k)) delete o[k];
      if (mode === 'record') { record[key] = o; continue; }
      if (!(key in golden)) continue;
      const d = diff(golden[key], o);
      if (`${name}: ${key}` in departures) {
        if (d.length) { departed++; continue; }
        d.push('listed as a departure, yet it answers as recorded');
      }
      if (`${name}: ${key}` in waiting) {
        if (d.length) { waits++; continue; }
        d.push('listed as waiting, yet it answers as recorded');
      }
      if (d.length) { sf++; console.log(`FAIL ${name}: ${key}`); for (const l of d.slice(0, 8)) console.log('     ' + l.slice(0, 400)); }
      else sp++;
    }
  }
  if (mode === 'record') { fs.writeFileSync(goldenFile, JSON.stringify(record, null, 1) + '\n'); console.log(`${name}: ${Object.keys(record).length} recorded`); }
  else { perSuite.push(`${name} ${sp}/${sp + sf}`); pass += sp; fail += sf; }
}
a.close(); b.close();
if (mode === 'check') { console.log(perSuite.join('  ')); console.log(`${pass} passed, ${fail} failed${departed ? `, ${departed} departures` : ''}${waits ? `, ${waits} waiting` : ''}`); process.exitCode = fail ? 1 : 0; }
