// SPDX-License-Identifier: MIT
//
// Who may do what: credentials, the token endpoint, the metadata server of a virtual machine.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.mjs';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const GOOGLE_AUDIENCE = 'https://oauth2.googleapis.com/token'; // google-auth for Python, always
const CLOCK_SKEW = 300;
const AGE_MAX = 3600;

const decode = (text) => JSON.parse(Buffer.from(text, 'base64url'));
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export class Accounts {
	constructor(ttl) {
		this.ttl = ttl;
		this.publicKeys = new Map(); // e-mail: { key, role }
		this.tokens = new Map(); // token: { role, expires }
		this.user = { client_id: 'client.apps', client_secret: 'hush', refresh_token: '1//refresh' };
	}

	write(directory, base) {
		this.audience = base + '/token';
		const put = (name, value) =>
			fs.writeFileSync(path.join(directory, name), JSON.stringify(value), { mode: 0o600 });
		put('writer.json', this.serviceAccount('writer', 'writer', base));
		put('reader.json', this.serviceAccount('reader', 'reader', base));
		put('user.json', { type: 'authorized_user', token_uri: this.audience, ...this.user });
	}

	serviceAccount(name, role, base) {
		const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
		const email = `${name}@project.iam.gserviceaccount.com`;
		this.publicKeys.set(email, { key: pair.publicKey, role });
		return {
			type: 'service_account', project_id: 'project', private_key_id: name, client_id: '1',
			private_key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
			client_email: email, auth_uri: base + '/auth', token_uri: base + '/token',
		};
	}

	issue(role) {
		const token = 'ya29.' + crypto.randomBytes(16).toString('hex');
		this.tokens.set(token, { role, expires: Date.now() + this.ttl * 1000 });
		return { access_token: token, token_type: 'Bearer', expires_in: this.ttl };
	}

	// POST /token: { status, body }
	exchange(form) {
		const parameters = new URLSearchParams(form);
		const refused = (description) =>
			({ status: 400, body: { error: 'invalid_grant', error_description: description } });
		if (parameters.get('grant_type') === 'refresh_token') {
			for (const [name, value] of Object.entries(this.user))
				if (parameters.get(name) !== value)
					return refused('Token has been expired or revoked.');
			return { status: 200, body: this.issue('writer') };
		}
		if (parameters.get('grant_type') !== JWT_BEARER)
			return { status: 400, body: { error: 'unsupported_grant_type' } };
		try {
			return { status: 200, body: this.exchangeAssertion(parameters.get('assertion') ?? '') };
		} catch (e) {
			return refused(e.message);
		}
	}

	exchangeAssertion(assertion) {
		const [header, claims, signature] = assertion.split('.');
		const claim = decode(claims);
		const now = Date.now() / 1000;
		const account = this.publicKeys.get(claim.iss);
		if (!account)
			throw new Error('Invalid grant: account not found');
		if (decode(header).alg !== 'RS256' || !crypto.verify('RSA-SHA256',
			Buffer.from(`${header}.${claims}`), account.key, Buffer.from(signature, 'base64url')))
			throw new Error('Invalid JWT Signature.');
		if (![this.audience, GOOGLE_AUDIENCE].includes(claim.aud))
			throw new Error('Invalid JWT: Failed audience check.');
		if (!(claim.exp > now && claim.exp - claim.iat <= AGE_MAX
			&& Math.abs(now - claim.iat) < CLOCK_SKEW))
			throw new Error('Invalid JWT: Token must be a short-lived token (60 minutes) and in a '
				+ 'reasonable timeframe. Check your iat and exp values in the JWT claim.');
		if (!claim.scope && !claim.target_audience)
			throw new Error('Invalid OAuth scope or ID token audience provided.');
		const issued = this.issue(account.role);
		if (claim.target_audience) // google-auth for Python asks for one first
			issued.id_token = [{ alg: 'RS256' },
				{ aud: claim.target_audience, email: claim.iss, exp: claim.exp, iat: claim.iat }]
				.map(encode).join('.') + '.eHh4';
		return issued;
	}

	// The role of a request, or a failure.
	authenticate(request) {
		const token = this.tokens.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
		if (!token || token.expires < Date.now())
			throw new Failure(401, 'Invalid Credentials', { 'www-authenticate':
				'Bearer realm="https://accounts.google.com/", error="invalid_token"' });
		return token.role;
	}

	// GET /computeMetadata/v1/...: the text or object to answer with.
	metadata(request, pathname) {
		if (request.headers['metadata-flavor'] !== 'Google')
			throw new Failure(403, 'Missing Metadata-Flavor header');
		if (pathname.endsWith('/service-accounts/default/token'))
			return this.issue('writer');
		throw new Failure(404, 'no such metadata');
	}
}
