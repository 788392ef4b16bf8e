/** The declarative config of a gateway that runs, from its Admin API (`GET /config`). */
import { isFields } from '../config/checks/field-issue.ts';
import { AdminApiError, askAdmin, type AdminApi } from './admin-reader.ts';

/** Also of a Kong in DB-less mode. Rejects with AdminApiError. */
export async function readRunningConfig(api: AdminApi): Promise<string> {
  const url = `${api.url}/config`;
  const { status, body } = await askAdmin(url, api.headers);
  if (status === 401 || status === 403) {
    throw new AdminApiError(
      `${url} answered ${status}; give a token that may read it: --admin-token, or SILVERBACK_ADMIN_TOKEN`,
    );
  }
  const config = isFields(body) ? body['config'] : undefined;
  if (status !== 200 || typeof config !== 'string') {
    throw new AdminApiError(
      `${url} answered ${status} without a config; is it the Admin API of a gateway without a database?`,
    );
  }
  return config;
}
