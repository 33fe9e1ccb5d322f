// SPDX-License-Identifier: MIT
//
// Buckets and objects: what is stored, and the rules about it.
import crypto from 'node:crypto';
import { Failure } from './failure.mjs';

const NAME_BYTES_MAX = 1024;
const PAGE_MAX = 1000;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
	let value = byte;
	for (let bit = 0; bit < 8; bit++)
		value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
	return value >>> 0;
});

function crc32c(data) {
	let value = ~0;
	for (const byte of data)
		value = crcTable[(value ^ byte) & 255] ^ (value >>> 8);
	const out = Buffer.alloc(4);
	out.writeUInt32BE(~value >>> 0);
	return out.toString('base64');
}

const md5 = (data) => crypto.createHash('md5').update(data).digest('base64');
const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));

// "crc32c=AAAAAA==,md5=..." of x-goog-hash
function googHash(header = '') {
	const pairs = header.split(',').filter(Boolean).map((part) => part.trim());
	return Object.fromEntries(pairs.map((pair) => {
		const at = pair.indexOf('=');
		return [pair.slice(0, at), pair.slice(at + 1)];
	}));
}

// The ...Match parameters of a request against the object that is there, or is not.
export function checkConditions(query, object, reading = false) {
	const numbers = {
		Generation: BigInt(object?.generation ?? 0),
		Metageneration: BigInt(object?.metageneration ?? 0),
	};
	for (const [name, value] of Object.entries(numbers)) {
		const want = query.get(`if${name}Match`), avoid = query.get(`if${name}NotMatch`);
		if (want !== null && BigInt(want) !== value)
			throw new Failure(412, 'At least one of the pre-conditions you specified did not hold.');
		if (avoid !== null && BigInt(avoid) === value)
			throw new Failure(reading ? 304 : 412, 'At least one of the pre-conditions you '
				+ 'specified did not hold.');
	}
}

export class Buckets {
	constructor() {
		this.all = new Map(); // name: Map of name to object
		this.generation = Date.now() * 1000;
	}

	clear() {
		for (const bucket of this.all.values())
			bucket.clear();
	}

	create(name) {
		if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(name ?? ''))
			throw new Failure(400, `Invalid bucket name: '${name}'`);
		if (this.all.has(name))
			throw new Failure(409, 'Your previous request to create the named bucket succeeded '
				+ 'and you already own it.');
		this.all.set(name, new Map());
	}

	remove(name) {
		if (this.get(name).size)
			throw new Failure(409, 'The bucket you tried to delete is not empty.');
		this.all.delete(name);
	}

	get(name) {
		const bucket = this.all.get(name);
		if (!bucket)
			throw new Failure(404, 'The specified bucket does not exist.');
		return bucket;
	}

	object(bucket, name, query) {
		const object = this.get(bucket).get(name);
		const generation = query?.get('generation') ?? null;
		if (!object || (generation !== null && generation !== String(object.generation)))
			throw new Failure(404, `No such object: ${bucket}/${name}`);
		return object;
	}

	// Stores an object: metadata as JSON, query with conditions, headers with checksums.
	put(bucketName, metadata, data, query, headers = {}) {
		const bucket = this.get(bucketName), name = metadata.name || query.get('name');
		if (!name)
			throw new Failure(400, 'Required object name');
		if (Buffer.byteLength(name) > NAME_BYTES_MAX || /[\r\n]/.test(name))
			throw new Failure(400, 'Invalid object name');
		checkConditions(query, bucket.get(name));
		const object = { name, data, generation: ++this.generation, metageneration: 1,
			md5: md5(data), crc32c: crc32c(data), created: new Date().toISOString(),
			contentType: metadata.contentType || headers['x-upload-content-type']
				|| headers['content-type'] || 'application/octet-stream',
			metadata: metadata.metadata, storageClass: metadata.storageClass ?? 'STANDARD' };
		object.updated = object.created;
		const given = googHash(headers['x-goog-hash']);
		for (const want of [metadata.md5Hash, given.md5, headers['content-md5']])
			if (want && want !== object.md5)
				throw new Failure(400, `Provided MD5 hash "${want}" doesn't match calculated MD5 `
					+ `hash "${object.md5}".`);
		for (const want of [metadata.crc32c, given.crc32c])
			if (want && want !== object.crc32c)
				throw new Failure(400, `Provided CRC32C "${want}" doesn't match calculated CRC32C `
					+ `"${object.crc32c}".`);
		bucket.set(name, object);
		return object;
	}

	resource(bucket, object, base) {
		const { name, generation, metageneration } = object;
		const at = `${base}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
		return { kind: 'storage#object', id: `${bucket}/${name}/${generation}`, name, bucket,
			selfLink: at, mediaLink: at.replace('/storage/', '/download/storage/') + '?alt=media',
			generation: String(generation), metageneration: String(metageneration),
			contentType: object.contentType, storageClass: object.storageClass,
			size: String(object.data.length), md5Hash: object.md5, crc32c: object.crc32c,
			etag: Buffer.from(`${generation}/${metageneration}`).toString('base64'),
			timeCreated: object.created, updated: object.updated, metadata: object.metadata };
	}

	list(bucketName, query, base) {
		const bucket = this.get(bucketName);
		const prefix = query.get('prefix') ?? '', delimiter = query.get('delimiter') ?? '';
		const start = query.get('startOffset'), end = query.get('endOffset');
		const asked = Number(query.get('maxResults') ?? PAGE_MAX);
		const limit = Math.min(Math.max(asked, 1), PAGE_MAX);
		const after = pageToken(query.get('pageToken'));
		const items = [], prefixes = new Set();
		let last = null;
		for (const name of [...bucket.keys()].sort(byBytes)) {
			if (!name.startsWith(prefix) || (start !== null && byBytes(name, start) < 0)
				|| (end !== null && byBytes(name, end) >= 0))
				continue;
			const cut = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
			const entry = cut < 0 ? name : name.slice(0, cut + delimiter.length);
			if ((after !== null && byBytes(entry, after) <= 0) || prefixes.has(entry))
				continue;
			if (items.length + prefixes.size >= limit)
				return { kind: 'storage#objects', items, prefixes: [...prefixes],
					nextPageToken: Buffer.from(last).toString('base64url') };
			if (cut < 0)
				items.push(this.resource(bucketName, bucket.get(name), base));
			else
				prefixes.add(entry);
			last = entry;
		}
		return { kind: 'storage#objects', ...(items.length ? { items } : {}),
			...(prefixes.size ? { prefixes: [...prefixes] } : {}) };
	}
}

function pageToken(token) {
	if (!token)
		return null;
	const after = Buffer.from(token, 'base64url').toString();
	if (Buffer.from(after).toString('base64url') !== token)
		throw new Failure(400, 'Invalid pageToken');
	return after;
}
