// An identity provider of the institution: oidc-provider on a free port of this machine, in which a
// person signs in by being named.
//
//   const provider = await IdentityProvider.start(t, { audience })     closed with the test
//   const token = await provider.signIn('anna')        the whole authorization code flow with PKCE
//   provider.people.anna = { name: 'Anna', roles: [] } the claims of their access tokens
//   await provider.forge({ aud: 'x' }, { typ: 'JWT' }) an access token with other claims and headers
//   provider.rotate()                                  new keys, under new names
//   await provider.leave(), provider.return()          gone, and back on the same port
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import http from 'node:http';
import { SignJWT, importJWK } from 'jose';
import Provider from 'oidc-provider';

const kinds = [['rsa', { modulusLength: 2048 }], ['ec', { namedCurve: 'P-256' }], ['ed25519', {}]];

const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

export class IdentityProvider {
    static async start(t, { audience = 'urn:register' } = {}) {
        const provider = new IdentityProvider();
        provider.audience = audience;
        provider.server = http.createServer((request, response) => provider.serve(request, response));
        await new Promise((listening) => { provider.server.listen(0, '127.0.0.1', listening); });
        provider.port = provider.server.address().port;
        provider.issuer = `http://127.0.0.1:${provider.port}`;
        provider.rotate();
        t.after(() => provider.leave());
        return provider;
    }

    people = {};
    algorithm = 'RS256';
    generation = 0;
    fetches = 0; // of keys
    replace = {}; // documents by path, instead of the provider's

    // Keys of each kind; the former are forgotten.
    rotate() {
        this.generation++;
        this.keys = kinds.map(([kind, options]) => ({
            ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }),
            kid: `${kind}-${this.generation}`,
        }));
        this.make();
    }

    make() {
        const provider = new Provider(this.issuer, {
            jwks: { keys: this.keys },
            clients: [{ client_id: 'desk', token_endpoint_auth_method: 'none',
                redirect_uris: ['https://desk.example/signed-in'] }],
            cookies: { keys: ['a key of the tests'] },
            claims: { openid: ['sub'] },
            features: {
                devInteractions: { enabled: false },
                resourceIndicators: {
                    enabled: true,
                    defaultResource: () => this.audience,
                    useGrantedResource: () => true,
                    getResourceServerInfo: () => ({ scope: 'actions:write outlook:read',
                        audience: this.audience, accessTokenFormat: 'jwt', accessTokenTTL: 600,
                        jwt: { sign: { alg: this.algorithm } } }),
                },
            },
            findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
            extraTokenClaims: (context, token) => this.people[token.accountId] ?? {},
            interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
            loadExistingGrant: async (context) => {
                const grant = new provider.Grant({ clientId: context.oidc.client.clientId,
                    accountId: context.oidc.session.accountId });
                grant.addOIDCScope('openid');
                grant.addResourceScope(this.audience, 'actions:write outlook:read');
                await grant.save();
                return grant;
            },
        });
        this.provider = provider;
        this.callback = provider.callback();
    }

    async serve(request, response) {
        const path = request.url.split('?')[0];
        this.fetches += path === '/jwks';
        if (path in this.replace) {
            response.setHeader('Content-Type', 'application/json');
            response.end(JSON.stringify(this.replace[path]));
        } else if (this.stalled) {
            this.stalled.push(response);
        } else if (path.startsWith('/interaction/')) {
            const { params } = await this.provider.interactionDetails(request, response);
            await this.provider.interactionFinished(request, response,
                { login: { accountId: params.login_hint } });
        } else {
            this.callback(request, response);
        }
    }

    async signIn(account) {
        const verifier = base64url(randomBytes(32));
        const cookies = new Map();
        let location = `${this.issuer}/auth?${new URLSearchParams({ client_id: 'desk',
            response_type: 'code', redirect_uri: 'https://desk.example/signed-in', login_hint: account,
            scope: 'openid actions:write outlook:read', resource: this.audience,
            code_challenge_method: 'S256',
            code_challenge: base64url(createHash('sha256').update(verifier).digest()) })}`;
        for (let steps = 0; !location.startsWith('https://desk.example/signed-in'); steps++) {
            if (steps > 9) {
                throw new Error(`not signed in: redirected to ${location}`);
            }
            const answer = await fetch(new URL(location, this.issuer), { redirect: 'manual',
                headers: { Cookie: [...cookies].map((each) => each.join('=')).join('; ') } });
            for (const cookie of answer.headers.getSetCookie()) {
                cookies.set(...cookie.split(';')[0].split(/=(.*)/s).slice(0, 2));
            }
            location = answer.headers.get('location');
            if (!location) {
                throw new Error(`not signed in: ${answer.status} ${await answer.text()}`);
            }
        }
        const answer = await fetch(`${this.issuer}/token`, { method: 'POST',
            body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'desk',
                code: new URL(location).searchParams.get('code'), code_verifier: verifier,
                redirect_uri: 'https://desk.example/signed-in', resource: this.audience }) });
        const { access_token: token, ...rest } = await answer.json();
        if (!token) {
            throw new Error(JSON.stringify(rest));
        }
        return token;
    }

    // An access token by hand, with the provider's key of that kind, or with `key`. Claims and
    // headers that are undefined are left out.
    async forge(claims = {}, header = {}, { kind = 'RSA', key } = {}) {
        const jwk = this.keys.find((each) => each.kty === kind);
        const now = Math.floor(Date.now() / 1000);
        const algorithm = { RSA: 'RS256', EC: 'ES256', OKP: 'EdDSA' }[kind];
        const full = { alg: algorithm, typ: 'at+jwt', kid: jwk.kid, ...header };
        const payload = { iss: this.issuer, aud: this.audience, sub: 'forged', client_id: 'desk',
            jti: base64url(randomBytes(8)), iat: now, exp: now + 600, scope: 'actions:write',
            ...claims };
        return new SignJWT(payload).setProtectedHeader(full)
            .sign(key ?? await importJWK(jwk, full.alg), { crit: { unknown: true } });
    }

    async leave() {
        this.server.closeAllConnections();
        await new Promise((closed) => { this.server.close(closed); });
    }

    async return() {
        await new Promise((listening) => { this.server.listen(this.port, '127.0.0.1', listening); });
    }

    // No answer to anything, until it is let go.
    stall() {
        this.stalled = [];
    }

    resume() {
        this.stalled?.forEach((response) => response.destroy());
        this.stalled = undefined;
    }
}
