/** Writes of certificates and snis, as Kong's own tests expect them. */
import { PAIR, PAIR_2 } from './pems.ts';
import { UUID, NOT_FOUND, violation, entityViolation, taken, type Story } from './story.ts';

export const CERTIFICATES: readonly Story[] = [
  {
    title: 'certificates with their snis',
    calls: [
      {
        ask: 'POST /certificates',
        json: { ...PAIR, snis: ['b.sni.test', 'a.sni.test', 'b.sni.test'] },
        status: 400,
        is: violation('snis: b.sni.test is duplicated', { snis: 'b.sni.test is duplicated' }),
      },
      {
        ask: 'POST /certificates',
        json: { ...PAIR, snis: ['b.sni.test', 'a.sni.test'] },
        status: 201,
        shows: { snis: ['a.sni.test', 'b.sni.test'], cert_alt: null, key_alt: null },
        as: 'c',
      },
      {
        ask: 'POST /certificates',
        json: { ...PAIR, snis: ['a.sni.test', 'c.sni.test'] },
        status: 400,
        shows: {
          message:
            "schema violation (snis: a.sni.test already associated with existing certificate '{c}')",
        },
      },
      { ask: 'GET /snis/c.sni.test', status: 404, is: NOT_FOUND },
      { ask: 'GET /certificates/a.sni.test', status: 200, shows: { id: '{c}' } },
      {
        ask: 'POST /certificates',
        multipart: [
          ['cert', PAIR_2.cert],
          ['key', PAIR_2.key],
          ['snis[1]', 'm1.sni.test'],
          ['snis[2]', 'm2.sni.test'],
        ],
        status: 201,
        shows: { snis: ['m1.sni.test', 'm2.sni.test'] },
        as: 'm',
      },
      {
        ask: 'POST /certificates',
        json: { cert: PAIR.cert, key: PAIR_2.key },
        status: 400,
        is: entityViolation('certificate does not match key'),
      },
      {
        ask: `PUT /certificates/${UUID}`,
        json: {},
        status: 400,
        is: {
          code: 2,
          name: 'schema violation',
          message:
            '2 schema violations (cert: required field missing; key: required field missing)',
          fields: { cert: 'required field missing', key: 'required field missing' },
        },
      },
      { ask: 'PATCH /certificates/{c}', json: {}, status: 200, shows: { id: '{c}' } },
      {
        ask: 'PATCH /certificates/a.sni.test',
        json: { snis: ['d.sni.test'] },
        status: 200,
        shows: { id: '{c}', snis: ['d.sni.test'] },
      },
      { ask: 'GET /snis/a.sni.test', status: 404, is: NOT_FOUND },
      {
        ask: 'PATCH /certificates/{c}',
        json: PAIR_2,
        status: 200,
        shows: { ...PAIR_2, snis: ['d.sni.test'] },
      },
      {
        ask: 'PATCH /certificates/{c}',
        json: { snis: ['m1.sni.test'] },
        status: 400,
        shows: {
          message:
            "schema violation (snis: m1.sni.test already associated with existing certificate '{m}')",
        },
      },
      { ask: 'PATCH /certificates/{c}', json: { snis: null }, status: 200, shows: { snis: [] } },
      {
        ask: 'PUT /certificates/new.sni.test',
        json: { ...PAIR, snis: ['also.sni.test'] },
        status: 200,
        shows: { snis: ['also.sni.test', 'new.sni.test'] },
        as: 'n',
      },
      {
        ask: 'PUT /certificates/{n}',
        json: PAIR_2,
        status: 200,
        shows: { id: '{n}', ...PAIR_2, snis: [] },
      },
      {
        ask: 'POST /certificates/{n}/snis',
        json: { name: '*.wild.sni.test' },
        status: 201,
        shows: { name: '*.wild.sni.test', certificate: { id: '{n}' } },
      },
      {
        ask: 'POST /certificates/{n}/snis',
        json: { name: 'm1.sni.test' },
        status: 409,
        is: taken('name="m1.sni.test"', { name: 'm1.sni.test' }),
      },
      {
        ask: `POST /certificates/${UUID}/snis`,
        json: { name: 'x.test' },
        status: 404,
        is: NOT_FOUND,
      },
      {
        ask: 'POST /snis',
        json: { name: 'e.sni.test', certificate: { id: '{n}' } },
        status: 201,
        as: 'e',
      },
      {
        ask: 'PATCH /snis/e.sni.test',
        json: { certificate: { id: '{m}' } },
        status: 200,
        shows: { id: '{e}', certificate: { id: '{m}' } },
      },
      {
        ask: 'GET /certificates/{m}',
        status: 200,
        shows: { snis: ['e.sni.test', 'm1.sni.test', 'm2.sni.test'] },
      },
      { ask: 'DELETE /certificates/m1.sni.test', status: 204 },
      { ask: 'GET /snis/e.sni.test', status: 404, is: NOT_FOUND },
      { ask: `PATCH /certificates/${UUID}`, json: { snis: ['f.sni.test'] }, status: 404 },
      { ask: 'DELETE /certificates/{n}', status: 204 },
      { ask: 'DELETE /certificates/{c}', status: 204 },
      { ask: 'GET /snis', status: 200, is: { data: [], next: null } },
    ],
  },
  {
    title: 'certificates: one that a service uses stays',
    calls: [
      { ask: 'POST /certificates', json: PAIR, status: 201, as: 'c', shows: { snis: [] } },
      {
        ask: 'POST /services',
        json: { name: 'mtls', url: 'https://a.test', client_certificate: { id: '{c}' } },
        status: 201,
        shows: { client_certificate: { id: '{c}' } },
      },
      {
        ask: 'DELETE /certificates/{c}',
        status: 400,
        shows: { code: 4, fields: { '@referenced_by': 'services' } },
      },
      { ask: 'GET /certificates/{c}/services', status: 200 },
      { ask: 'DELETE /services/mtls', status: 204 },
      { ask: 'DELETE /certificates/{c}', status: 204 },
    ],
  },
];
