// SPDX-License-Identifier: MIT
//
// node gcs.mjs ENDPOINT CREDENTIALS - DIRECTORY: Google's client reads "ours a+b NAME" into
// NAME.read and writes NAME as "theirs a+b NAME", for small and large.
//
// It asks oauth2.googleapis.com for tokens, whatever the credentials say, so it gets one ready.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Storage } from '@google-cloud/storage';
import { OAuth2Client } from 'google-auth-library';

const [, , apiEndpoint, credentials, , directory] = process.argv;
const account = JSON.parse(fs.readFileSync(credentials));

async function fetchToken() {
	const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const now = Math.floor(Date.now() / 1000);
	const text = encode({ alg: 'RS256', typ: 'JWT' }) + '.' + encode({ iss: account.client_email,
		scope: 'https://www.googleapis.com/auth/devstorage.full_control',
		aud: account.token_uri, iat: now, exp: now + 3600 });
	const signature = crypto.sign('RSA-SHA256', Buffer.from(text), account.private_key);
	const reply = await fetch(account.token_uri, { method: 'POST', body: new URLSearchParams({
		grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
		assertion: text + '.' + signature.toString('base64url') }) });
	return (await reply.json()).access_token;
}

const token = await fetchToken();
const authClient = new OAuth2Client();
authClient.setCredentials({ access_token: token, expiry_date: Date.now() + 3.5e6 });
const storage = new Storage({ apiEndpoint, projectId: 'project', authClient,
	useAuthWithCustomEndpoint: true });
storage.interceptors.push({ request: (options) => ({ ...options,
	headers: { ...options.headers, Authorization: 'Bearer ' + token } }) });
const bucket = storage.bucket('backups');

for (const name of ['small', 'large']) {
	const [data] = await bucket.file(`clients/ours a+b ${name}`).download({ validation: 'crc32c' });
	fs.writeFileSync(path.join(directory, name + '.read'), data);
	await bucket.file(`clients/theirs a+b ${name}`).save(
		fs.readFileSync(path.join(directory, name)),
		{ resumable: name === 'large', chunkSize: 1 << 20 });
}
