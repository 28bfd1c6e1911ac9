// npm's oidc-provider as the issuer of the tests: node issuer.mjs CONFIGURATION
//
// CONFIGURATION is JSON: `modules` (where oidc-provider is installed), `port`, `page` (the server's
// address), `keys` (a file with its private keys, made where it is missing) and `ago` (by how many
// seconds its clock is slow).

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const given = JSON.parse(process.argv[2]);
const now = Date.now.bind(Date);
Date.now = () => now() - (given.ago ?? 0) * 1000;

const find = createRequire(`${given.modules}/`);
const load = (name) => import(pathToFileURL(find.resolve(name)).href);
const { Provider } = await load("oidc-provider");
const { exportJWK, generateKeyPair } = await load("jose");

if (!existsSync(given.keys)) {
  const keys = [];
  for (const alg of ["RS256", "ES256"]) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    const kid = `${alg}-${Math.random().toString(36).slice(2)}`;
    keys.push({ ...(await exportJWK(privateKey)), kid, alg, use: "sig" });
  }
  writeFileSync(given.keys, JSON.stringify(keys), { mode: 0o600 });
}

const issuer = `http://127.0.0.1:${given.port}`;
const common = { token_endpoint_auth_method: "none", scope: "openid offline_access cut" };
const provider = new Provider(issuer, {
  jwks: { keys: JSON.parse(readFileSync(given.keys)) },
  cookies: { keys: ["of the tests"] },
  scopes: ["openid", "offline_access", "cut"],
  clients: [
    {
      ...common,
      client_id: "page",
      client_secret: "a secret: %&",
      token_endpoint_auth_method: "client_secret_basic",
      redirect_uris: [`${given.page}/login/callback`],
      post_logout_redirect_uris: [`${given.page}/account`],
    },
    {
      ...common,
      client_id: "command",
      application_type: "native",
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
      response_types: [],
      redirect_uris: [],
    },
    {
      ...common,
      client_id: "program",
      client_secret: "secret",
      token_endpoint_auth_method: "client_secret_post",
      grant_types: ["client_credentials"],
      response_types: [],
      redirect_uris: [],
    },
  ],
  pkce: { required: () => true },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => [],
      getResourceServerInfo: (_, resource) => ({
        scope: "cut",
        audience: resource,
        accessTokenFormat: "jwt",
        accessTokenTTL: 600,
        jwt: { sign: { alg: resource.endsWith("#") ? "RS256" : "ES256" } },
      }),
      useGrantedResource: () => true,
    },
  },
});
provider.listen(given.port, "127.0.0.1", () => console.log("ready"));
