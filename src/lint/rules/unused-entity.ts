/** SB2053: entities that nothing refers to: leftovers, or a name that is written wrong somewhere else. */
import { called } from '../names.ts';
import { at, type Finding, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

export const unusedEntity: Rule = {
  code: 'SB2053',
  check: (view) => [...unusedUpstreams(view), ...unusedCertificates(view), ...unusedGroups(view)],
};

function unusedUpstreams({ entities }: LintView): Finding[] {
  const hosts = new Set(entities.services.map(({ host }) => host));
  return entities.upstreams
    .filter(({ name }) => !hosts.has(name))
    .map((upstream) => ({
      message: `no service uses ${called('upstream', upstream)}`,
      help: `write '${upstream.name}' as the host of a service, or remove the upstream`,
      at: at(upstream, 'name'),
    }));
}

function unusedCertificates({ entities }: LintView): Finding[] {
  const used = new Set([
    ...entities.snis.map(({ certificate }) => certificate.id),
    ...entities.services.map(({ client_certificate: certificate }) => certificate?.id),
    ...entities.upstreams.map(({ client_certificate: certificate }) => certificate?.id),
  ]);
  return entities.certificates
    .filter(({ id }) => !used.has(id))
    .map((certificate) => ({
      message:
        'this certificate is never served: it has no server name (snis), and no service presents it',
      help: "add 'snis: [{ name: … }]', or remove the certificate",
      at: at(certificate, 'cert'),
    }));
}

function unusedGroups({ entities, plugins }: LintView): Finding[] {
  const used = new Set(
    entities.consumer_group_consumers.map(({ consumer_group: group }) => group.id),
  );
  const bound = new Set(plugins.enabled.map(({ consumer_group: group }) => group?.id));
  return entities.consumer_groups
    .filter(({ id }) => bound.has(id) && !used.has(id))
    .map((group) => ({
      message: `${called('consumer group', group)} has plugins and no member`,
      help: `add consumers to it (groups: [{ name: '${group.name}' }]), or remove it`,
      at: at(group, 'name'),
    }));
}
