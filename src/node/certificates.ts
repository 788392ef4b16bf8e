/** What the listeners of a node show for themselves. */
import type { Settings, TlsPair } from '../settings/types.ts';
import { selfSignedPair } from './self-signed.ts';

export interface Certificates {
  readonly proxy: TlsPair | undefined;
  readonly admin: TlsPair | undefined;
  readonly status: TlsPair | undefined;
}

/** Listeners with `ssl` and without a certificate share one that is made here. */
export async function certificates(settings: Settings): Promise<Certificates> {
  const { proxyTls, adminTls, statusTls, proxyListen, adminListen, statusListen } = settings;
  const hasSsl = [...proxyListen, ...adminListen, ...statusListen].some(({ ssl }) => ssl);
  const own = hasSsl ? await selfSignedPair(settings.prefix) : undefined;
  return { proxy: proxyTls ?? own, admin: adminTls ?? own, status: statusTls ?? own };
}
