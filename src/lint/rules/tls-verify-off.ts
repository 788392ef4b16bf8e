/** SB2051: TLS that anybody can step into. Only where it is said: the default follows the settings. */
import { called } from '../names.ts';
import { at, type Rule } from '../rule.ts';

export const tlsVerifyOff: Rule = {
  code: 'SB2051',
  check: ({ entities }) =>
    entities.services
      .filter(({ protocol, tls_verify: verify }) => protocol === 'https' && verify === false)
      .map((service) => ({
        message: `${called('service', service)} does not look at its upstream's certificate: whoever is on the way can be the upstream`,
        help: "set 'tls_verify: true', with 'ca_certificates' for an authority of your own",
        at: at(service, 'tls_verify'),
      })),
};
