/** Tests of the path sent upstream: every combination of service path, route path and strip_path. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizePath } from '../http/path.ts';
import { upstreamPath } from './upstream-path.ts';

/** Service path, route path, request path, path upstream kept, path upstream stripped. */
const ROWS: readonly (readonly [string, string, string, string, string])[] = [
  ['/', '/', '/', '/', '/'],
  ['/', '/', '/api', '/api', '/api'],
  ['/', '/', '/api/x/', '/api/x/', '/api/x/'],
  ['/', '/api', '/api', '/api', '/'],
  ['/', '/api', '/api/', '/api/', '/'],
  ['/', '/api', '/apix', '/apix', '/x'],
  ['/', '/api', '/api/x', '/api/x', '/x'],
  ['/', '/api/', '/api/', '/api/', '/'],
  ['/', '/api/', '/api/x', '/api/x', '/x'],
  ['/', 'host only', '/', '/', '/'],
  ['/', 'host only', '/api', '/api', '/api'],
  ['/', 'host only', '/api/', '/api/', '/api/'],
  ['/base', '/', '/', '/base', '/base'],
  ['/base', '/', '/api', '/base/api', '/base/api'],
  ['/base', '/', '/api/x/', '/base/api/x/', '/base/api/x/'],
  ['/base', '/api', '/api', '/base/api', '/base'],
  ['/base', '/api', '/api/', '/base/api/', '/base/'],
  ['/base', '/api', '/apix', '/base/apix', '/base/x'],
  ['/base', '/api', '/api/x', '/base/api/x', '/base/x'],
  ['/base', '/api/', '/api/', '/base/api/', '/base/'],
  ['/base', '/api/', '/api/x', '/base/api/x', '/base/x'],
  ['/base', 'host only', '/', '/base', '/base'],
  ['/base', 'host only', '/api', '/base/api', '/base/api'],
  ['/base', 'host only', '/api/', '/base/api/', '/base/api/'],
  ['/base/', '/', '/', '/base/', '/base/'],
  ['/base/', '/', '/api', '/base/api', '/base/api'],
  ['/base/', '/', '/api/x/', '/base/api/x/', '/base/api/x/'],
  ['/base/', '/api', '/api', '/base/api', '/base'],
  ['/base/', '/api', '/api/', '/base/api/', '/base/'],
  ['/base/', '/api', '/apix', '/base/apix', '/base/x'],
  ['/base/', '/api', '/api/x', '/base/api/x', '/base/x'],
  ['/base/', '/api/', '/api/', '/base/api/', '/base/'],
  ['/base/', '/api/', '/api/x', '/base/api/x', '/base/x'],
  ['/base/', 'host only', '/', '/base/', '/base/'],
  ['/base/', 'host only', '/api', '/base/api', '/base/api'],
  ['/base/', 'host only', '/api/', '/base/api/', '/base/api/'],
  ['/base', '/api', '/api./x', '/base/api./x', '/base/x'],
  ['/base', '/api', '/api%2E/x', '/base/api./x', '/base/x'],
  ['/base', '/api', '/api../x', '/base/api../x', '/base/x'],
  ['/base', '/api', '/api%2e%2e/x', '/base/api../x', '/base/x'],
  ['/base', '/api', '/api/./x', '/base/api/x', '/base/x'],
  ['/base', '/api', '/q/../api//x', '/base/api/x', '/base/x'],
  ['/base', '/a%2Fb', '/a%2fb/c', '/base/a%2Fb/c', '/base/c'],
  ['/base', '/café', '/café/x', '/base/café/x', '/base/x'],
];

for (const [service, routePath, request, kept, stripped] of ROWS) {
  test(`service ${service}, route ${routePath}, request ${request}`, () => {
    const path = normalizePath(request);
    const prefix = routePath === 'host only' ? undefined : routePath;
    assert.equal(
      upstreamPath(service, path, prefix, false),
      encodeURI(kept).replaceAll('%25', '%'),
    );
    assert.equal(
      upstreamPath(service, path, prefix, true),
      encodeURI(stripped).replaceAll('%25', '%'),
    );
  });
}

/** What a regex consumed, request path, strip_path, path upstream for service paths `/` and `/svc`. */
const REGEX_ROWS: readonly (readonly [string, string, boolean, string, string])[] = [
  ['/v2', '/v2/items', true, '/items', '/svc/items'],
  ['/v2', '/v2', true, '/', '/svc'],
  ['/v2/', '/v2/items', true, '/items', '/svc/items'],
  ['/v22', '/v22x', true, '/x', '/svc/x'],
  ['/any/thing', '/any/thing', true, '/', '/svc'],
  ['/fr/doc', '/fr/doc', false, '/fr/doc', '/svc/fr/doc'],
  ['/v2', '/v2/items', false, '/v2/items', '/svc/v2/items'],
];

for (const [prefix, path, strip, atRoot, atService] of REGEX_ROWS) {
  test(`a regex consumed ${prefix} of ${path}, strip_path ${strip}`, () => {
    assert.equal(upstreamPath(null, path, prefix, strip), atRoot);
    assert.equal(upstreamPath('/', path, prefix, strip), atRoot);
    assert.equal(upstreamPath('/svc', path, prefix, strip), atService);
  });
}

const ENCODED: readonly (readonly [string, string])[] = [
  ['/a b', '/a%20b'],
  ['/~u', '/~u'],
  ['/café', '/caf%C3%A9'],
  ['/a%2Fb', '/a%2Fb'],
  ['/a|b"c\\d', '/a%7Cb%22c%5Cd'],
  ['/{a}<b>^`', '/%7Ba%7D%3Cb%3E%5E%60'],
  ['/a\n\tb', '/a%0A%09b'],
  ["/(a)'b'*!$&,=;:@[]+#?", "/(a)'b'*!$&,=;:@[]+#?"],
  ['/\u{1f600}', '/%F0%9F%98%80'],
];

for (const [path, sent] of ENCODED) {
  test(`${JSON.stringify(path)} goes upstream as ${sent}`, () => {
    assert.equal(upstreamPath(null, path, undefined, true), sent);
  });
}
