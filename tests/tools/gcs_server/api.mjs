// SPDX-License-Identifier: MIT
//
// Requests and replies: which path does what.
import { checkConditions, Buckets } from './buckets.mjs';
import { Failure } from './failure.mjs';
import { Faults } from './faults.mjs';
import { pick } from './fields.mjs';
import { Uploads } from './uploads.mjs';

const BODY_MAX = 1 << 30;

function readBody(request) {
	return new Promise((resolve, reject) => {
		const parts = [];
		let length = 0;
		request.on('data', (part) => {
			length += part.length;
			if (length <= BODY_MAX)
				parts.push(part);
		});
		request.on('end', () => resolve(Buffer.concat(parts)));
		request.on('error', reject);
		request.on('aborted', () => reject(new Error('aborted')));
	});
}

function sendJson(response, status, value, headers = {}) {
	const body = Buffer.from(JSON.stringify(value));
	response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8',
		'content-length': body.length, ...headers });
	response.end(body);
}

// [first, last] of a Range header in an object of this size; null: the whole.
function parseRange(header, size) {
	const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
	if (!found || (!found[1] && !found[2]))
		return null;
	const first = found[1] === '' ? Math.max(0, size - Number(found[2])) : Number(found[1]);
	const last = found[1] === '' || found[2] === '' ? size - 1 : Math.min(size - 1, Number(found[2]));
	return [first, last];
}

export class Api {
	constructor(accounts) {
		this.accounts = accounts;
		this.buckets = new Buckets();
		this.uploads = new Uploads(this.buckets);
		this.faults = new Faults();
		this.payers = new Set(); // buckets whose requesters pay
		this.counts = {}; // requests by method and kind, for GET /__counts
		// Pattern of the path, then a handler per method. Names arrive decoded.
		this.routes = [
			[/^\/(?:resumable\/)?upload\/storage\/v1\/b\/([^/]+)\/o$/, { POST: this.upload,
				PUT: this.continueUpload, DELETE: this.cancelUpload }],
			[/^\/storage\/v1\/b$/, { POST: this.createBucket, GET: this.listBuckets }],
			[/^\/storage\/v1\/b\/([^/]+)$/, { GET: this.showBucket, DELETE: this.removeBucket }],
			[/^\/storage\/v1\/b\/([^/]+)\/o$/, { GET: this.list }],
			[/^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)\/(?:rewrite|copy)To\/b\/([^/]+)\/o\/([^/]+)$/,
				{ POST: this.copy }],
			[/^\/(?:download\/)?storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/, { GET: this.get,
				HEAD: this.get, DELETE: this.remove, PATCH: this.patch, PUT: this.patch }],
		];
	}

	async answer(request, response) {
		try {
			await this.dispatch(request, response);
		} catch (e) {
			if (response.headersSent || response.destroyed)
				return;
			const failure = e instanceof Failure ? e : new Failure(400, String(e));
			if (failure.status === 304)
				response.writeHead(304).end();
			else
				sendJson(response, failure.status, failure.body(), failure.headers);
		}
	}

	async dispatch(request, response) {
		const url = new URL(request.url, this.base);
		const fault = url.pathname.startsWith('/__') ? {} : this.faults.take(request);
		if (fault.reset)
			return void request.socket.resetAndDestroy();
		const body = await readBody(request);
		if (fault.delay)
			await new Promise((resolve) => setTimeout(resolve, fault.delay));
		if (fault.status)
			throw new Failure(fault.status, 'injected',
				fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) });
		if (fault.lostReply)
			response.writeHead = () => {
				request.socket.resetAndDestroy();
				return response; // what is written to it from now on goes nowhere
			};
		const call = { request, response, url, query: url.searchParams, body, fault };
		if (!this.ownPath(call))
			this.route(call);
	}

	// What is not the storage API: tokens, metadata, the tests' own.
	ownPath({ request, response, url, body }) {
		const pathname = url.pathname;
		if (pathname === '/token' && request.method === 'POST') {
			const reply = this.accounts.exchange(body.toString());
			this.counts.token = (this.counts.token ?? 0) + 1;
			sendJson(response, reply.status, reply.body);
		} else if (pathname.startsWith('/computeMetadata/')) {
			sendJson(response, 200, this.accounts.metadata(request, pathname),
				{ 'metadata-flavor': 'Google' });
		} else if (pathname === '/__fault') {
			this.faults.add(JSON.parse(body));
			sendJson(response, 200, {});
		} else if (pathname === '/__reset') {
			this.faults.clear();
			this.buckets.clear();
			this.counts = {};
			sendJson(response, 200, {});
		} else if (pathname === '/__counts') {
			sendJson(response, 200, this.counts);
		} else {
			return false;
		}
		return true;
	}

	route(call) {
		const { request, query, url } = call;
		// The address of an upload session carries its own authority.
		const session = query.has('upload_id') && ['PUT', 'DELETE'].includes(request.method);
		const role = session ? 'writer' : this.accounts.authenticate(request);
		for (const [pattern, handlers] of this.routes) {
			const match = pattern.exec(url.pathname);
			const handler = match && handlers[request.method];
			if (!handler)
				continue;
			if (role === 'reader' && !['GET', 'HEAD'].includes(request.method))
				throw new Failure(403, 'reader@project.iam.gserviceaccount.com does not have '
					+ 'storage.objects.create access to the Google Cloud Storage object. '
					+ "Permission 'storage.objects.create' denied on resource (or it may not exist).");
			if (this.payers.has(match[1]) && !query.has('userProject'))
				throw new Failure(400, 'Bucket is a requester pays bucket but no user project '
					+ 'provided.');
			const kind = `${request.method} ${handler.name}`;
			this.counts[kind] = (this.counts[kind] ?? 0) + 1;
			return handler.apply(this, [call, ...match.slice(1).map(decodeURIComponent)]);
		}
		throw new Failure(404, 'Not Found');
	}

	sendObject({ response, query }, bucket, object) {
		const resource = this.buckets.resource(bucket, object, this.base);
		sendJson(response, 200, pick(resource, query.get('fields')));
	}

	upload(call, bucket) {
		const { request, response, query, body, url } = call;
		this.buckets.get(bucket);
		switch (query.get('uploadType')) {
		case 'media':
			return this.sendObject(call, bucket,
				this.buckets.put(bucket, {}, body, query, request.headers));
		case 'multipart':
			return this.sendObject(call, bucket,
				this.uploads.multipart(bucket, request.headers['content-type'], body, query));
		case 'resumable': {
			const { id, name } = this.uploads.begin(bucket, body, query, request.headers);
			const location = new URL(url);
			location.searchParams.set('upload_id', id);
			location.searchParams.set('name', name);
			return response.writeHead(200, { location: location.href, 'x-guploader-uploadid': id,
				'content-length': 0 }).end();
		}
		default:
			throw new Failure(400, 'Invalid uploadType');
		}
	}

	continueUpload(call, bucket) {
		const { request, response, query, body, fault } = call;
		const session = this.uploads.add(query.get('upload_id'), body, request.headers, fault);
		if (session.object)
			return this.sendObject(call, bucket, session.object);
		// Go's client cannot see a 308 and says so.
		const hidden = request.headers['x-guploader-no-308'] === 'yes';
		response.writeHead(hidden ? 200 : 308, { 'content-length': 0,
			...(hidden ? { 'x-http-status-code-override': '308' } : {}),
			...(session.length ? { range: `bytes=0-${session.length - 1}` } : {}) }).end();
	}

	cancelUpload({ response, query }) {
		this.uploads.cancel(query.get('upload_id'));
		response.writeHead(499, { 'content-length': 0 }).end();
	}

	bucketResource(name) {
		return { kind: 'storage#bucket', name, id: name, location: 'US', storageClass: 'STANDARD',
			metageneration: '1', timeCreated: new Date().toISOString() };
	}

	createBucket({ response, body }) {
		const { name } = JSON.parse(body);
		this.buckets.create(name);
		sendJson(response, 200, this.bucketResource(name));
	}

	listBuckets({ response }) {
		const items = [...this.buckets.all.keys()].map((name) => this.bucketResource(name));
		sendJson(response, 200, { kind: 'storage#buckets', items });
	}

	showBucket({ response }, name) {
		this.buckets.get(name);
		sendJson(response, 200, this.bucketResource(name));
	}

	removeBucket({ response }, name) {
		this.buckets.remove(name);
		response.writeHead(204).end();
	}

	list({ response, query }, bucket) {
		const page = this.buckets.list(bucket, query, this.base);
		sendJson(response, 200, pick(page, query.get('fields')));
	}

	copy({ request, response, query, body }, bucket, name, toBucket, toName) {
		const from = this.buckets.object(bucket, name, null);
		const change = body.length ? JSON.parse(body) : {};
		const object = this.buckets.put(toBucket, { contentType: from.contentType,
			metadata: from.metadata, ...change, name: toName }, from.data, query);
		const resource = this.buckets.resource(toBucket, object, this.base);
		sendJson(response, 200, request.url.includes('/copyTo/') ? resource
			: { kind: 'storage#rewriteResponse', totalBytesRewritten: resource.size,
				objectSize: resource.size, done: true, resource });
	}

	remove({ response, query }, bucket, name) {
		checkConditions(query, this.buckets.object(bucket, name, query));
		this.buckets.get(bucket).delete(name);
		response.writeHead(204).end();
	}

	patch(call, bucket, name) {
		const object = this.buckets.object(bucket, name, call.query);
		checkConditions(call.query, object);
		const change = JSON.parse(call.body);
		object.contentType = change.contentType ?? object.contentType;
		object.metadata = { ...object.metadata, ...change.metadata };
		object.metageneration++;
		object.updated = new Date().toISOString();
		this.sendObject(call, bucket, object);
	}

	get(call, bucket, name) {
		const { request, query, url } = call;
		const object = this.buckets.object(bucket, name, query);
		checkConditions(query, object, true);
		if (query.get('alt') === 'media' || url.pathname.startsWith('/download/'))
			return this.sendMedia(call, object);
		return this.sendObject(call, bucket, object);
	}

	sendMedia({ request, response, fault }, object) {
		const size = object.data.length;
		const range = parseRange(request.headers.range, size);
		if (range && (range[0] >= size || range[0] > range[1])) {
			response.writeHead(416, { 'content-range': `bytes */${size}`,
				'content-type': 'text/html' });
			return response.end('The requested range cannot be satisfied.');
		}
		const [first, last] = range ?? [0, size - 1];
		const data = Buffer.from(object.data.subarray(first, last + 1));
		const crc = fault.badCrc ? 'AAAAAA==' : object.crc32c;
		response.writeHead(range ? 206 : 200, { 'content-type': object.contentType,
			'content-length': data.length, 'accept-ranges': 'bytes',
			'x-goog-generation': String(object.generation),
			'x-goog-metageneration': String(object.metageneration),
			'x-goog-stored-content-length': String(size), 'x-goog-storage-class': 'STANDARD',
			'last-modified': new Date(object.updated).toUTCString(),
			'x-goog-hash': `crc32c=${crc},md5=${object.md5}`, etag: `"${object.generation}"`,
			...(range ? { 'content-range': `bytes ${first}-${last}/${size}` } : {}) });
		if (fault.truncate !== undefined) {
			response.write(data.subarray(0, fault.truncate));
			return setTimeout(() => request.socket.destroy(), 50);
		}
		if (fault.corrupt && data.length)
			data[0] ^= 1;
		return response.end(data);
	}
}
