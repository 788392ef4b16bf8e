/** Trace contexts in every format, in and out: what Kong 3.9.1 reads, ignores and writes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceContext } from './context.ts';
import {
  OWN,
  OWN_PARENT,
  PARENT,
  SHORT,
  SPAN,
  TRACE,
  object,
  propagate,
} from './propagate.test.fixture.ts';

interface Case {
  readonly title: string;
  readonly in: Readonly<Record<string, string>>;
  readonly format: string | undefined;
  readonly reads: Partial<TraceContext>;
  readonly out: Readonly<Record<string, string>>;
  readonly traceIds: Readonly<Record<string, string>>;
}

const W3C_OUT = { traceparent: `00-${TRACE}-${OWN}-00` };
const B3_OUT = {
  'x-b3-traceid': TRACE,
  'x-b3-spanid': OWN,
  'x-b3-parentspanid': OWN_PARENT,
};
const padded = (id: string): string => id.padStart(32, '0');

const CASES: readonly Case[] = [
  {
    title: 'nothing: the default format',
    in: {},
    format: undefined,
    reads: { traceId: undefined, sampled: undefined },
    out: W3C_OUT,
    traceIds: { w3c: TRACE },
  },
  {
    title: 'w3c, sampled',
    in: { traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-03` },
    format: 'w3c',
    reads: { traceId: TRACE, spanId: SPAN, parentId: undefined, sampled: true, w3cFlags: 3 },
    out: { traceparent: `00-${TRACE}-${OWN}-01` },
    traceIds: { w3c: TRACE },
  },
  {
    title: 'w3c, not sampled',
    in: { traceparent: `00-${TRACE}-${SPAN}-00` },
    format: 'w3c',
    reads: { sampled: false, sharesSpan: false },
    out: W3C_OUT,
    traceIds: { w3c: TRACE },
  },
  ...[
    `01-${TRACE}-${SPAN}-00`,
    `00-${'0'.repeat(32)}-${SPAN}-00`,
    `00-${TRACE}-${'0'.repeat(16)}-00`,
    `00-${TRACE}-${SPAN}-0`,
    `00-${TRACE}-${SPAN}`,
    `00-${SHORT}-${SPAN}-00`,
    '',
  ].map((traceparent): Case => ({
    title: `w3c, broken: ${traceparent}`,
    in: { traceparent },
    format: undefined,
    reads: { traceId: undefined },
    out: W3C_OUT,
    traceIds: { w3c: TRACE },
  })),
  {
    title: 'b3, several headers',
    in: {
      'x-b3-traceid': TRACE,
      'x-b3-spanid': SPAN,
      'x-b3-parentspanid': PARENT,
      'x-b3-sampled': '1',
    },
    format: 'b3',
    reads: { traceId: TRACE, spanId: SPAN, parentId: PARENT, sampled: true, sharesSpan: true },
    out: { ...B3_OUT, 'x-b3-sampled': '1' },
    traceIds: { b3: TRACE },
  },
  {
    title: 'b3, a short trace id stays short',
    in: { 'x-b3-traceid': SHORT, 'x-b3-spanid': SPAN, 'x-b3-sampled': 'false' },
    format: 'b3',
    reads: { traceId: padded(SHORT), traceIdDigits: 16, sampled: false },
    out: { ...B3_OUT, 'x-b3-traceid': SHORT, 'x-b3-sampled': '0' },
    traceIds: { b3: SHORT },
  },
  {
    title: 'b3, debug flag',
    in: { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-flags': '1' },
    format: 'b3',
    reads: { sampled: true, flags: '1' },
    out: { ...B3_OUT, 'x-b3-flags': '1' },
    traceIds: { b3: TRACE },
  },
  {
    title: 'b3, only the decision',
    in: { 'x-b3-sampled': '0' },
    format: 'b3',
    reads: { traceId: undefined, sampled: false },
    out: { ...B3_OUT, 'x-b3-sampled': '0' },
    traceIds: { b3: TRACE },
  },
  {
    title: 'b3, a broken id takes all of them with it',
    in: { 'x-b3-traceid': 'abc', 'x-b3-spanid': SPAN, 'x-b3-sampled': 'true' },
    format: 'b3',
    reads: { traceId: undefined, spanId: undefined, sampled: true },
    out: { ...B3_OUT, 'x-b3-sampled': '1' },
    traceIds: { b3: TRACE },
  },
  {
    title: 'b3, one header',
    in: { b3: `${TRACE}-${SPAN}-1-${PARENT}` },
    format: 'b3',
    reads: { traceId: TRACE, spanId: SPAN, parentId: PARENT, sampled: true, isSingleHeader: true },
    out: { b3: `${TRACE}-${OWN}-1-${OWN_PARENT}` },
    traceIds: { b3: TRACE },
  },
  {
    title: 'b3, one header without a decision',
    in: { b3: `${TRACE}-${SPAN}` },
    format: 'b3',
    reads: { sampled: undefined, parentId: undefined },
    out: { b3: `${TRACE}-${OWN}-${OWN_PARENT}` },
    traceIds: { b3: TRACE },
  },
  {
    title: 'b3, one header with the debug flag',
    in: { b3: `${TRACE}-${SPAN}-d` },
    format: 'b3',
    reads: { sampled: true, flags: '1' },
    out: { b3: `${TRACE}-${OWN}-d-${OWN_PARENT}` },
    traceIds: { b3: TRACE },
  },
  {
    title: 'b3, one header with nothing but the decision',
    in: { b3: '0' },
    format: 'b3',
    reads: { traceId: undefined, sampled: false },
    out: { b3: `${TRACE}-${OWN}-0-${OWN_PARENT}` },
    traceIds: { b3: TRACE },
  },
  {
    title: 'b3, one header that is broken',
    in: { b3: `${TRACE}-${SPAN}-1-abc` },
    format: 'b3',
    reads: { traceId: undefined, sampled: undefined, isSingleHeader: true },
    out: { b3: `${TRACE}-${OWN}-${OWN_PARENT}` },
    traceIds: { b3: TRACE },
  },
  {
    title: 'b3 in a tracestate',
    in: { tracestate: `b3=${TRACE}-${SPAN}-d-${PARENT}` },
    format: 'b3',
    reads: { traceId: TRACE, spanId: SPAN, parentId: PARENT, sampled: true },
    out: { tracestate: `b3=${TRACE}-${SPAN}-d-${PARENT}`, b3: `${TRACE}-${OWN}-d-${OWN_PARENT}` },
    traceIds: { b3: TRACE },
  },
  {
    title: 'jaeger with baggage',
    in: { 'uber-trace-id': `${SHORT}:${SPAN}:${PARENT}:1`, 'uberctx-Who': 'a%20b+c%zz' },
    format: 'jaeger',
    reads: { traceId: padded(SHORT), spanId: SPAN, parentId: PARENT, sampled: true },
    out: {
      'uber-trace-id': `${SHORT}:${OWN}:${OWN_PARENT}:01`,
      'uberctx-who': 'a%20b%20c%25zz',
    },
    traceIds: { jaeger: SHORT },
  },
  {
    title: 'jaeger, ids without their zeros',
    in: { 'uber-trace-id': `abc:1:0:0` },
    format: 'jaeger',
    reads: { traceId: padded('abc'), spanId: '1'.padStart(16, '0'), sampled: false },
    out: { 'uber-trace-id': `${padded('abc')}:${OWN}:${OWN_PARENT}:00` },
    traceIds: { jaeger: padded('abc') },
  },
  ...[`${TRACE}0:${SPAN}:0:1`, `0:${SPAN}:0:1`, `${TRACE}:0:0:1`, `${TRACE}:${SPAN}:0:111`].map(
    (value): Case => ({
      title: `jaeger, broken: ${value}`,
      in: { 'uber-trace-id': value },
      format: undefined,
      reads: { traceId: undefined },
      out: { 'uber-trace-id': value, ...W3C_OUT },
      traceIds: { w3c: TRACE },
    }),
  ),
  {
    title: 'OpenTracing',
    in: {
      'ot-tracer-traceid': SHORT,
      'ot-tracer-spanid': SPAN,
      'ot-tracer-sampled': 'true',
      'ot-baggage-k': 'v',
    },
    format: 'ot',
    reads: { traceId: padded(SHORT), spanId: SPAN, sampled: true, sharesSpan: false },
    out: {
      'ot-tracer-traceid': SHORT,
      'ot-tracer-spanid': OWN,
      'ot-tracer-sampled': '1',
      'ot-baggage-k': 'v',
    },
    traceIds: { ot: SHORT },
  },
  {
    title: 'OpenTracing, broken and without a decision, is none',
    in: { 'ot-tracer-traceid': 'zz' },
    format: undefined,
    reads: { traceId: undefined },
    out: { 'ot-tracer-traceid': 'zz', ...W3C_OUT },
    traceIds: { w3c: TRACE },
  },
  {
    title: 'Datadog: numbers',
    in: {
      'x-datadog-trace-id': ' 7532706236229423047',
      'x-datadog-parent-id': '5',
      'x-datadog-sampling-priority': '2',
    },
    format: 'datadog',
    reads: {
      traceId: padded(7532706236229423047n.toString(16)),
      spanId: '5'.padStart(16, '0'),
      sampled: true,
    },
    out: {
      'x-datadog-trace-id': '7532706236229423047',
      'x-datadog-parent-id': '170',
      'x-datadog-sampling-priority': '1',
    },
    traceIds: { datadog: '7532706236229423047' },
  },
  {
    title: 'Datadog with an unknown priority is none',
    in: { 'x-datadog-trace-id': '1', 'x-datadog-sampling-priority': '7' },
    format: undefined,
    reads: { traceId: undefined },
    out: { 'x-datadog-trace-id': '1', 'x-datadog-sampling-priority': '7', ...W3C_OUT },
    traceIds: { w3c: TRACE },
  },
  {
    title: 'AWS X-Ray',
    in: {
      'x-amzn-trace-id': `Self=x; Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${SPAN};Sampled=1`,
    },
    format: 'aws',
    reads: { traceId: TRACE, spanId: SPAN, sampled: true },
    out: {
      'x-amzn-trace-id': `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${OWN};Sampled=1`,
    },
    traceIds: { aws: TRACE },
  },
  ...['Root=2-x', `Parent=${SHORT}0`, 'Sampled=?', 'Lineage=1'].map((value): Case => ({
    title: `AWS X-Ray, broken: ${value}`,
    in: { 'x-amzn-trace-id': value },
    format: undefined,
    reads: { traceId: undefined },
    out: { 'x-amzn-trace-id': value, ...W3C_OUT },
    traceIds: { w3c: TRACE },
  })),
  {
    title: 'Google Cloud',
    in: { 'x-cloud-trace-context': `${TRACE}/123;o=1` },
    format: 'gcp',
    reads: { traceId: TRACE, spanId: (123).toString(16).padStart(16, '0'), sampled: true },
    out: { 'x-cloud-trace-context': `${TRACE}/170;o=1` },
    traceIds: { gcp: TRACE },
  },
  {
    title: 'Google Cloud without a flag: not sampled',
    in: { 'x-cloud-trace-context': `${TRACE}/123` },
    format: 'gcp',
    reads: { sampled: false },
    out: { 'x-cloud-trace-context': `${TRACE}/170;o=0` },
    traceIds: { gcp: TRACE },
  },
  {
    title: 'the first format in Kong’s order counts, and the other stays as it is',
    in: { traceparent: `00-${TRACE}-${SPAN}-01`, b3: `${SHORT}-${SPAN}-0` },
    format: 'b3',
    reads: { traceId: padded(SHORT), sampled: false },
    out: {
      traceparent: `00-${TRACE}-${SPAN}-01`,
      b3: `${SHORT}-${OWN}-0-${OWN_PARENT}`,
    },
    traceIds: { b3: SHORT },
  },
];

for (const { title, format, reads, out, traceIds, ...given } of CASES) {
  test(title, () => {
    const result = propagate(Object.entries(given.in).flat());
    assert.equal(result.format, format);
    for (const [name, value] of Object.entries(reads)) {
      assert.deepEqual(Reflect.get(result.context, name), value, name);
    }
    assert.deepEqual(object(result.headers), out);
    assert.deepEqual(result.traceIds, traceIds);
  });
}
