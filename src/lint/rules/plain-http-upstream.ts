/**
 * SB2050: clients' credentials that go on, unencrypted, to a host which is not on this machine or
 * network. Names without a dot, private ranges and the usual inner domains are taken for inside.
 */
import type { PluginEntity, Service } from '../../config/types.ts';
import { groupBy } from '../../gateway/chain.ts';
import { isInternalHost } from '../internal-host.ts';
import { hostOf } from '../host-field.ts';
import { called } from '../names.ts';
import { settingOf } from '../plugin-view.ts';
import { at, type Finding, type Rule } from '../rule.ts';

export const plainHttpUpstream: Rule = {
  code: 'SB2050',
  check(view) {
    const targets = groupBy(view.entities.targets, ({ upstream }) => upstream.id);
    const outsideOf = new Map(
      view.entities.upstreams.map(({ id, name }) => {
        const hosts = (targets.get(id) ?? []).map(({ target }) => target.replace(/:\d+$/, ''));
        return [name, hosts.find(isOutside)];
      }),
    );
    const reported = new Set<string>();
    return view.routes.flatMap((route): readonly Finding[] => {
      const service = view.serviceOf(route);
      if (service === undefined || service.protocol !== 'http' || reported.has(service.id))
        return [];
      const { host: own } = service;
      const host = outsideOf.has(own) ? outsideOf.get(own) : [own].find(isOutside);
      const entry =
        host === undefined ? undefined : view.plugins.ofRoute(route).find(forwardsCredential);
      if (entry === undefined || host === undefined) return [];
      reported.add(service.id);
      return [{ ...findingOf(service, host, entry), at: hostOf(service, view) }];
    });
  },
};

const isOutside = (host: string): boolean => !isInternalHost(host);

function findingOf(service: Service, host: string, entry: PluginEntity): Omit<Finding, 'at'> {
  const what = entry.name === 'jwt' ? 'tokens' : 'credentials';
  return {
    message: `${called('service', service)} sends its clients' ${what} to '${host}' over plain http, where anybody on the way can read them`,
    help:
      entry.name === 'jwt'
        ? 'use https for the service'
        : `use https for the service, or set config.hide_credentials: true in '${entry.name}'`,
    related: [{ message: 'the plugin that forwards them', at: at(entry, 'name') }],
  };
}

const CAN_HIDE: ReadonlySet<string> = new Set([
  'key-auth',
  'basic-auth',
  'hmac-auth',
  'ldap-auth',
  'oauth2',
]);

/** jwt leaves the token in the request whatever its settings. */
const forwardsCredential = (entry: PluginEntity): boolean =>
  entry.name === 'jwt' ||
  (CAN_HIDE.has(entry.name) && settingOf(entry, 'hide_credentials') !== true);
