/** Kong's `propagation` record and the deprecated fields: what is read, cleared and written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeaderList } from '../http/headers.ts';
import type { InjectFormat } from './context.ts';
import {
  SHORT,
  SPAN,
  TRACE,
  config,
  object,
  propagate,
  type Propagation,
} from './propagate.test.fixture.ts';
import type { PropagationConfig } from './propagation.ts';

test('a header that stands twice is no context', () => {
  const twice = ['traceparent', `00-${TRACE}-${SPAN}-01`, 'Traceparent', `00-${TRACE}-${SPAN}-01`];
  assert.equal(propagate(twice).format, undefined);
  const states = ['tracestate', 'x=1', 'tracestate', `b3=${TRACE}-${SPAN}-1`];
  assert.equal(propagate(states).context.traceId, TRACE);
});

const reading = (extract: Propagation['extract']) => config({ extract, inject: ['preserve'] });

test('propagation.extract: only these, in this order', () => {
  const both = ['b3', `${SHORT}-${SPAN}-0`, 'traceparent', `00-${TRACE}-${SPAN}-01`];
  assert.equal(propagate(both, reading(['w3c', 'b3'])).format, 'w3c');
  assert.equal(propagate(both, reading(['b3', 'w3c'])).format, 'b3');
  assert.equal(propagate(both, reading(['gcp'])).format, undefined);
  assert.equal(propagate(both, reading([])).format, undefined);
});

const OUT: Readonly<Record<InjectFormat, readonly string[]>> = {
  w3c: ['traceparent'],
  b3: ['x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled'],
  'b3-single': ['b3'],
  jaeger: ['uber-trace-id'],
  ot: ['ot-tracer-traceid', 'ot-tracer-spanid', 'ot-tracer-sampled'],
  datadog: ['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-sampling-priority'],
  aws: ['x-amzn-trace-id'],
  gcp: ['x-cloud-trace-context'],
};
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the record above
const FORMATS = Object.keys(OUT) as InjectFormat[];

test('propagation.inject: all of these', () => {
  for (const format of FORMATS) {
    const { headers } = propagate([], config({ inject: [format] }), { sampled: true });
    assert.deepEqual(Object.keys(object(headers)), OUT[format], format);
  }
  const { headers, traceIds } = propagate([], config({ inject: FORMATS }), { sampled: true });
  assert.deepEqual(Object.keys(object(headers)), Object.values(OUT).flat());
  assert.deepEqual(Object.keys(traceIds ?? {}).toSorted(), [
    'aws',
    'b3',
    'datadog',
    'gcp',
    'jaeger',
    'ot',
    'w3c',
  ]);
  const none = propagate([], config({ inject: [] }));
  assert.deepEqual([none.headers, none.traceIds], [[], undefined]);
});

test('propagation.default_format: what preserve writes when nothing came', () => {
  for (const format of FORMATS) {
    const given = config({ extract: ['w3c'], inject: ['preserve'], default_format: format });
    const { headers } = propagate([], given, { sampled: true });
    assert.deepEqual(Object.keys(object(headers)), OUT[format], format);
  }
});

test('propagation.clear: after reading, before writing', () => {
  const given = config({ extract: ['ot'], inject: ['w3c'], clear: ['OT-Tracer-TraceId', 'x-y'] });
  const incoming = ['ot-tracer-traceid', TRACE, 'x-y', '1', 'x-z', '2'];
  const { context, headers } = propagate(incoming, given);
  assert.equal(context.traceId, TRACE);
  assert.deepEqual(Object.keys(object(headers)), ['x-z', 'traceparent']);
  const alone = propagate(incoming, config({ clear: ['x-y'] }));
  assert.deepEqual(alone.headers, ['ot-tracer-traceid', TRACE, 'x-z', '2']);
});

const deprecated = (type: PropagationConfig['header_type'], fallback?: InjectFormat) => ({
  ...config(),
  header_type: type,
  ...(fallback && { default_header_type: fallback }),
});

test('header_type, default_header_type: what the deprecated fields stand for', () => {
  const incoming = ['b3', `${SHORT}-${SPAN}-0`];
  const names = (headers: HeaderList, type: PropagationConfig['header_type']) =>
    Object.keys(object(propagate(headers, deprecated(type, 'jaeger')).headers));
  assert.deepEqual(names(incoming, 'preserve'), ['b3']);
  assert.deepEqual(names([], 'preserve'), ['uber-trace-id']);
  assert.deepEqual(names([], 'w3c'), ['uber-trace-id', 'traceparent']);
  assert.deepEqual(names(incoming, 'w3c'), ['b3', 'traceparent']);
  assert.deepEqual(names(incoming, null), ['b3']);
  assert.deepEqual(names([], null), []);
  const ignoring = propagate(incoming, deprecated('ignore', 'w3c'));
  assert.equal(ignoring.context.traceId, undefined);
  assert.deepEqual(Object.keys(object(ignoring.headers)), ['b3', 'traceparent']);
  assert.deepEqual(names([], 'ignore'), ['uber-trace-id']);
});
