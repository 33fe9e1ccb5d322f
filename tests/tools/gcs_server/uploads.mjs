// SPDX-License-Identifier: MIT
//
// The three ways to upload: media, multipart, resumable.
import crypto from 'node:crypto';
import { checkConditions } from './buckets.mjs';
import { Failure } from './failure.mjs';

const CHUNK_UNIT = 256 * 1024;
const CR = 13, LF = 10;

// The two parts of a multipart/related body: [{ head, data }]. Lines may end with LF alone
// (gcloud), a part may have no headers (rclone).
export function parseMultipart(contentType, body) {
	const found = /boundary=(?:"([^"]+)"|'([^']+)'|([^;]+))/.exec(contentType ?? '');
	if (!found)
		throw new Failure(400, 'Missing boundary in the Content-Type header.');
	const boundary = Buffer.from('--' + (found[1] ?? found[2] ?? found[3]).trim());
	const parts = [];
	let at = body.indexOf(boundary);
	while (at >= 0 && parts.length < 2) {
		const start = lineEnd(body, at + boundary.length);
		const next = nextBoundary(body, boundary, start);
		if (start < 0 || next < 0)
			break;
		const { head, data } = headEnd(body, start);
		parts.push({ head: body.subarray(start, head).toString(),
			data: body.subarray(data, body[next - 2] === CR ? next - 2 : next - 1) });
		at = next;
	}
	if (parts.length !== 2)
		throw new Failure(400, 'Malformed multipart body.');
	return parts;
}

// Behind the end of the line at `at`, or -1 when the line does not end there.
function lineEnd(body, at) {
	if (body[at] === CR)
		at++;
	return body[at] === LF ? at + 1 : -1;
}

function nextBoundary(body, boundary, from) {
	for (let at = body.indexOf(boundary, from); at >= 0; at = body.indexOf(boundary, at + 1)) {
		const behind = body[at + boundary.length];
		if (body[at - 1] === LF && [CR, LF, '-'.charCodeAt(0)].includes(behind))
			return at;
	}
	return -1;
}

// Where a part's headers end and its data begins.
function headEnd(body, start) {
	const empty = lineEnd(body, start);
	if (empty >= 0)
		return { head: start, data: empty };
	const ends = [['\r\n\r\n', 4], ['\n\n', 2]]
		.map(([text, length]) => ({ head: body.indexOf(text, start), length }))
		.filter((end) => end.head >= 0).sort((a, b) => a.head - b.head);
	if (!ends.length)
		throw new Failure(400, 'Malformed multipart body.');
	return { head: ends[0].head, data: ends[0].head + ends[0].length };
}

export class Uploads {
	constructor(buckets) {
		this.buckets = buckets;
		this.sessions = new Map();
	}

	// uploadType=multipart: stores the object.
	multipart(bucket, contentType, body, query) {
		const [first, second] = parseMultipart(contentType, body);
		const metadata = JSON.parse(first.data.toString());
		const partType = /content-type:\s*([^\r\n]+)/i.exec(second.head)?.[1];
		if (metadata.contentType && partType && metadata.contentType !== partType)
			throw new Failure(400, `Content-Type specified in the upload (${partType}) does not `
				+ `match Content-Type specified in metadata (${metadata.contentType}).`);
		return this.buckets.put(bucket, { contentType: partType, ...metadata }, second.data, query);
	}

	// uploadType=resumable: opens a session and returns its id and the object's name.
	begin(bucket, body, query, headers) {
		const metadata = body.length ? JSON.parse(body) : {};
		const name = metadata.name || query.get('name');
		if (!name)
			throw new Failure(400, 'Required object name');
		checkConditions(query, this.buckets.get(bucket).get(name));
		const id = crypto.randomBytes(12).toString('hex');
		this.sessions.set(id, { bucket, query, metadata: { ...metadata, name }, chunks: [],
			length: 0, headers: { 'x-upload-content-type': headers['x-upload-content-type'] } });
		return { id, name };
	}

	session(id, removing) {
		const session = this.sessions.get(id);
		if (!session)
			throw new Failure(404, 'No such upload');
		if (session.cancelled)
			throw new Failure(removing ? 404 : 410, 'The upload was cancelled.');
		return session;
	}

	cancel(id) {
		this.session(id, true).cancelled = true;
	}

	// A chunk, or the question how far it got: the object when complete, else the session.
	add(id, body, headers, fault) {
		const session = this.session(id, false);
		if (session.object)
			return session;
		const given = headers['content-range'];
		const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(given ?? '');
		if (given && !range)
			throw new Failure(400, 'Failed to parse Content-Range header.');
		if (range && range[1] === undefined) {
			if (Number(range[3]) === session.length) // "*" is not a number
				this.finish(session, headers);
			return session;
		}
		const last = !range || (range[3] !== '*' && Number(range[2]) + 1 === Number(range[3]));
		if (range && Number(range[2]) - Number(range[1]) + 1 !== body.length)
			throw new Failure(400, 'Content-Range does not match the length of the body.');
		let added = body.subarray(this.overlap(session, range ? Number(range[1]) : 0));
		if (!last && body.length % CHUNK_UNIT)
			throw new Failure(400, 'Invalid request. The number of bytes uploaded is required to '
				+ 'be equal or greater than 262144, except for the final request.');
		if (fault.partial !== undefined)
			added = added.subarray(0, fault.partial);
		session.chunks.push(added);
		session.length += added.length;
		if (last && fault.partial === undefined)
			this.finish(session, headers);
		return session;
	}

	overlap(session, start) {
		if (start > session.length)
			throw new Failure(503, 'The chunk starts beyond what was received.');
		return session.length - start;
	}

	finish(session, headers) {
		session.object = this.buckets.put(session.bucket, session.metadata,
			Buffer.concat(session.chunks), session.query,
			{ ...session.headers, 'x-goog-hash': headers['x-goog-hash'] });
		session.chunks = [];
	}
}
