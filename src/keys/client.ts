/** What plugins see of keys, over a link to the node's key host. */
import type { KeySources, Keysets } from '../services.ts';
import { createSigningThreads } from '../tokens/signing-threads.ts';
import { createNamedKeysets } from './client-keysets.ts';
import { openDeclaredSource } from './declared-source.ts';
import { createSourceEntries, openKeySource } from './client-sources.ts';
import { openDeclaredKeyset, openUrlKeyset } from './fixed-keysets.ts';
import type { ConnectKeys, KeyLink } from './link.ts';

export interface KeyServices {
  readonly keySources: KeySources;
  readonly keysets: Keysets;
  close(): void;
}

/** The link is made with the first key that is wanted: most configs want none. */
export function createKeyServices(connect: ConnectKeys): KeyServices {
  let link: KeyLink | undefined;
  const linked = (): KeyLink => {
    link ??= connect((state) => {
      if (state.kind === 'source') sources.onState(state);
      else named.onState(state);
    });
    return link;
  };
  const sources = createSourceEntries(linked);
  const threads = createSigningThreads();
  const { makerFor } = threads;
  const named = createNamedKeysets(linked, makerFor);
  return {
    keySources: {
      open: (spec) =>
        spec.kind === 'declared' ? openDeclaredSource(spec) : openKeySource(sources, spec),
    },
    keysets: {
      open(spec) {
        if (spec.kind === 'declared') return openDeclaredKeyset(spec, makerFor);
        return spec.kind === 'url' ? openUrlKeyset(sources, spec, makerFor) : named.open(spec);
      },
    },
    close() {
      link?.close();
      void threads.close();
    },
  };
}
