/** SB2009, SB2010: certificates that are not valid today, or soon will not be. */
import type { X509Certificate } from 'node:crypto';
import { certificatesOf, type FoundCertificate } from '../key-material.ts';
import type { Finding, Rule } from '../rule.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

export const expiredCertificate: Rule = {
  code: 'SB2009',
  check: ({ entities, now }) =>
    certificatesOf(entities).flatMap(({ certificate, place }): Finding | readonly Finding[] => {
      const { from, to } = validity(certificate);
      if (to <= now) {
        return {
          message: `${subjectOf(certificate)} expired on ${dayOf(to)}: clients refuse it`,
          help: 'put a new certificate in its place',
          at: place,
        };
      }
      if (from <= now) return [];
      return {
        message: `${subjectOf(certificate)} is not valid before ${dayOf(from)}`,
        help: 'keep the certificate of today until then, or check the clock of this machine',
        at: place,
      };
    }),
};

export const expiringCertificate: Rule = {
  code: 'SB2010',
  check: ({ entities, now }) =>
    certificatesOf(entities)
      .filter((found) => isSoon(found, now))
      .map(({ certificate, place }) => {
        const { to } = validity(certificate);
        const days = Math.max(1, Math.ceil((to - now) / DAY_MS));
        return {
          message: `${subjectOf(certificate)} expires on ${dayOf(to)}, in ${days} ${days === 1 ? 'day' : 'days'}`,
          help: 'renew it now',
          at: place,
        };
      }),
};

function isSoon({ certificate }: FoundCertificate, now: number): boolean {
  const { from, to } = validity(certificate);
  // A certificate that lives for days only is renewed by a machine.
  const isShortLived = to - from <= SOON_DAYS * DAY_MS;
  return from <= now && to > now && !isShortLived && to - now <= SOON_DAYS * DAY_MS;
}

/** Milliseconds since the epoch. */
const validity = ({ validFrom, validTo }: X509Certificate): { from: number; to: number } => ({
  from: Date.parse(validFrom),
  to: Date.parse(validTo),
});

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The common name is public: every client sees it. */
function subjectOf({ subject }: X509Certificate): string {
  const name = /^CN=(.*)$/m.exec(subject)?.[1];
  return name === undefined ? 'the certificate' : `the certificate of '${name}'`;
}
