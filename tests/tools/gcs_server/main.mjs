// SPDX-License-Identifier: MIT
//
// A strict test server for the JSON API of Google Cloud Storage. Node 18 or later, no packages.
//
//     node main.mjs --accounts DIR [--port N] [--ttl SECONDS] [--bucket NAME,...]
//                   [--payers NAME,...] [--cert FILE --key FILE]
//
// Writes credentials into DIR: writer.json and reader.json (service accounts, the second may only
// read), user.json (as gcloud auth application-default login leaves it). Prints "READY URL" when
// it listens on 127.0.0.1. Everything is in memory.
//
// What it holds its clients to: signatures, ages and audiences of JWTs; bearer tokens that expire;
// generation preconditions; checksums; the rules of resumable uploads; page tokens.
// POST /__fault and POST /__reset are its own (faults.mjs).
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { Accounts } from './accounts.mjs';
import { Api } from './api.mjs';

function option(name, otherwise) {
	const at = process.argv.indexOf('--' + name);
	return at < 0 ? otherwise : process.argv[at + 1];
}

const cert = option('cert');
const accounts = new Accounts(Number(option('ttl', '3600')));
const api = new Api(accounts);
const server = cert
	? https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(option('key')) })
	: http.createServer();

server.keepAliveTimeout = 30000;
server.on('request', (request, response) => api.answer(request, response));
server.listen(Number(option('port', '0')), '127.0.0.1', () => {
	const host = cert ? 'https://localhost' : 'http://127.0.0.1';
	const base = `${host}:${server.address().port}`;
	api.base = base;
	accounts.write(path.resolve(option('accounts', '.')), base);
	for (const name of (option('bucket', '')).split(',').filter(Boolean))
		api.buckets.create(name);
	for (const name of option('payers', '').split(',').filter(Boolean))
		api.payers.add(name);
	console.log('READY ' + base);
});
