// An OpenID provider on loopback for the tests: node-oidc-provider with its own pages to sign in.
//   node provider.mjs PORT REDIRECT_URI HOME_URI
// Whoever types a name is that person. A line on standard output says when it listens.
import { Provider } from 'oidc-provider';

const [port, redirectUri, homeUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'estado',
    client_secret: 's3cret+with/odd=signs',
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [homeUri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  claims: {
    openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'],
    profile: ['name', 'preferred_username'],
  },
  scopes: ['openid', 'email', 'profile', 'groups'],
  pkce: { required: () => true },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({
      sub: id, email: `${id}@example.com`, email_verified: !id.startsWith('unverified'),
      name: `${id} at the provider`, preferred_username: id, groups: ['ops', 'staff'],
    }),
  }),
  cookies: { keys: ['for tests alone'] },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
