#!/usr/bin/env bash
# Both articles as they are told, call by call, against a gateway that writes its file. Ends at the first
# answer with another status than the article promises. README.md says how to start it.
set -euo pipefail

ADMIN=${ADMIN:-http://localhost:8001}
PROXY=${PROXY:-http://localhost:8000}
HERE=$(cd "$(dirname "$0")" && pwd)
WORK=$(mktemp -d)
trap 'kill "${STAND_IN:-}" 2>/dev/null || true; rm -rf "$WORK"' EXIT
cd "$WORK"

# What the articles find on the internet: httpbin, Auth0, Keycloak and Curity. INTERNET names one that runs.
if [ -z "${INTERNET:-}" ]; then
  node "$HERE/internet.mjs" "${INTERNET_PORT:-9080}" > internet &
  STAND_IN=$!
  until [ -s internet ] || ! kill -0 "$STAND_IN" 2>/dev/null; do sleep 0.1; done
  INTERNET=$(cat internet)
fi

title() { printf '\n=== %s\n' "$1"; }

# expect STATUS curl …: shows the call and its answer, which the file `answer` then holds.
expect() {
  local want=$1 got
  shift
  printf '\n$'
  printf ' %q' "$@"
  printf '\n'
  got=$("$@" --silent --show-error --output answer --write-out '%{http_code}')
  cat answer
  printf '\n'
  if [ "$got" != "$want" ]; then
    printf 'expected the status %s, got %s\n' "$want" "$got" >&2
    exit 1
  fi
}

# member NAME: the text that the JSON in `answer` has under a name.
member() { sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p' answer; }

# What jwt.io or a JWT command line does: hs256 CLAIMS SECRET, rs256 CLAIMS PRIVATE_KEY_FILE.
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
unsigned() {
  printf '%s.%s' "$(printf '{"alg":"%s","typ":"JWT"}' "$1" | base64url)" "$(printf '%s' "$2" | base64url)"
}
hs256() {
  local head
  head=$(unsigned HS256 "$1")
  printf '%s.%s' "$head" "$(printf '%s' "$head" | openssl dgst -sha256 -hmac "$2" -binary | base64url)"
}
rs256() {
  local head
  head=$(unsigned RS256 "$1")
  printf '%s.%s' "$head" "$(printf '%s' "$head" | openssl dgst -sha256 -sign "$2" -binary | base64url)"
}

title 'JWT: a Service and a Route'
expect 201 curl -X POST "$ADMIN/services" \
  -H "Content-Type: application/json" \
  -H "Accept: application/json, */*" \
  -d '{"name":"jwt-service","url":"'"$INTERNET"'/anything"}'
expect 201 curl -X POST "$ADMIN/services/jwt-service/routes" \
  -H "Content-Type: application/json" \
  -H "Accept: application/json, */*" \
  -d '{"name":"jwt-route","paths":["/jwt"]}'
expect 200 curl "$PROXY/jwt" -i

title 'JWT: the plugin, for every route'
expect 201 curl --request POST \
  --url "$ADMIN/plugins" \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --data name=jwt
JWT_PLUGIN=$(member id)
expect 401 curl "$PROXY/jwt" -i

title 'JWT: a Consumer'
expect 201 curl --request POST \
  --url "$ADMIN/consumers" \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --data username=jwt-user

title 'JWT: HS256, key and secret drawn by the gateway'
expect 201 curl -X POST "$ADMIN/consumers/jwt-user/jwt"
TOKEN=$(hs256 '{"iss":"'"$(member key)"'"}' "$(member secret)")
expect 200 curl "$PROXY/jwt" \
  -H "Authorization: Bearer $TOKEN"

title 'JWT: HS256, a key and a secret of your own'
expect 201 curl --request POST \
  --url "$ADMIN/consumers/jwt-user/jwt" \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --data key=Mt4RTRWJk9pfWJpgthP4sHhcqR4hFKzK \
  --data secret=J3NKsJgt79tcLRfLWwVMJvVnTFk7WskW
# The token that the article prints.
expect 200 curl "$PROXY/jwt" \
  -H "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNdDRSVFJXSms5cGZXSnBndGhQNHNIaGNxUjRoRkt6SyJ9.pCV1wm3VixWkZ_Nh24v4RSQjvYhpb5vJp_LeTRZnF2o"

title 'JWT: RS256, the public key from a file'
openssl genrsa -out jwt-private.pem 2048 2>/dev/null &&
  openssl rsa -in jwt-private.pem -outform PEM -pubout -out jwt-public.pem 2>/dev/null
expect 201 curl -X POST "$ADMIN/consumers/jwt-user/jwt" \
  -F rsa_public_key=@jwt-public.pem \
  -F algorithm=RS256 \
  -F key=test-key
TOKEN=$(rs256 '{"iss":"test-key"}' jwt-private.pem)
expect 200 curl "$PROXY/jwt" \
  -H "Accept: application/json, */*" \
  -H "Authorization:Bearer $TOKEN"

title 'JWT: Auth0, the public key from its certificate'
curl --silent --show-error --fail -o auth0.pem "$INTERNET/pem"
openssl x509 -pubkey -noout -in auth0.pem > auth0-pub.pem
expect 201 curl -X POST "$ADMIN/consumers/jwt-user/jwt" \
  -F rsa_public_key=@auth0-pub.pem \
  -F algorithm=RS256 \
  -F key=https://company.auth0.com/
expect 200 curl --request POST \
  --url "$INTERNET/oauth/token" \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --data grant_type=client_credentials \
  --data client_id=app \
  --data client_secret=app-secret \
  --data audience=https://company.auth0.com/api/v2/
TOKEN=$(member access_token)
expect 200 curl "$PROXY/jwt" \
  -H "Accept: application/json, */*" \
  -H "Authorization: Bearer $TOKEN"

title 'JWT Signer: a route to show it on'
# The demos bring tokens that the jwt plugin does not know; it waits.
expect 200 curl -X PATCH "$ADMIN/plugins/$JWT_PLUGIN" -d enabled=false
expect 201 curl -X POST "$ADMIN/services/jwt-service/routes" -d name=demo-route -d 'paths[]=/demo'

title 'JWT Signer: validate one JWT and sign it again'
expect 201 curl --request POST \
  --url "$ADMIN/plugins" \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --data name=jwt-signer \
  --data "config.access_token_jwks_uri=$INTERNET/auth/realms/demo/protocol/openid-connect/certs" \
  --data config.channel_token_optional=true
SIGNER=$(member id)
expect 200 curl -X POST "$INTERNET/auth/realms/demo/protocol/openid-connect/token"
KEYCLOAK_TOKEN=$(member access_token)
expect 200 curl "$PROXY/demo" --header "Authorization: Bearer $KEYCLOAK_TOKEN"
expect 401 curl "$PROXY/demo" --header "Authorization: Bearer $TOKEN"
expect 204 curl -X DELETE "$ADMIN/plugins/$SIGNER"

title 'JWT Signer: introspect an opaque token and sign the result'
expect 201 curl --request POST \
  --url "$ADMIN/plugins" \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --data name=jwt-signer \
  --data "config.access_token_introspection_endpoint=$INTERNET/oauth/v2/oauth-introspect" \
  --data 'config.access_token_introspection_authorization=Basic YWRtaW46YWRtaW4=' \
  --data config.channel_token_optional=true
SIGNER=$(member id)
expect 200 curl -X POST "$INTERNET/oauth/v2/oauth-token"
OPAQUE=$(member access_token)
expect 200 curl "$PROXY/demo" --header "Authorization: Bearer $OPAQUE"
expect 401 curl "$PROXY/demo" --header 'Authorization: Bearer never-issued'
expect 204 curl -X DELETE "$ADMIN/plugins/$SIGNER"

title 'JWT Signer: two tokens at the same time'
expect 201 curl --request POST \
  --url "$ADMIN/plugins" \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --data name=jwt-signer \
  --data "config.access_token_introspection_endpoint=$INTERNET/oauth/v2/oauth-introspect" \
  --data 'config.access_token_introspection_authorization=Basic YWRtaW46YWRtaW4=' \
  --data "config.channel_token_jwks_uri=$INTERNET/auth/realms/demo/protocol/openid-connect/certs" \
  --data config.channel_token_request_header=X-JWT-channel-client \
  --data config.channel_token_upstream_header=X-JWT-channel-upstream
SIGNER=$(member id)
expect 200 curl --request GET \
  --url "$PROXY/demo" \
  --header "Authorization: Bearer $OPAQUE" \
  --header "X-JWT-channel-client: $KEYCLOAK_TOKEN"
expect 401 curl "$PROXY/demo" --header "Authorization: Bearer $OPAQUE"
expect 204 curl -X DELETE "$ADMIN/plugins/$SIGNER"

title 'JWT Signer: sign again without validation'
expect 201 curl --request POST \
  --url "$ADMIN/plugins" \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --data name=jwt-signer \
  --data config.channel_token_optional=true \
  --data config.verify_access_token_signature=false \
  --data config.verify_access_token_expiry=false
# Both plugins together: the token is checked by jwt, and the upstream gets one that the gateway signed.
expect 200 curl -X PATCH "$ADMIN/plugins/$JWT_PLUGIN" -d enabled=true
expect 200 curl "$PROXY/demo" --header "Authorization: Bearer $TOKEN"
expect 401 curl "$PROXY/demo" --header "Authorization: Bearer $KEYCLOAK_TOKEN"

title 'Every answer was the one that the articles promise'
