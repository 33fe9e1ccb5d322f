// SPDX-License-Identifier: MIT
//
// What goes wrong, as the API says it.
const REASONS = {
	400: 'invalid', 401: 'authError', 403: 'forbidden', 404: 'notFound', 409: 'conflict',
	410: 'uploadIdExpired', 411: 'required', 412: 'conditionNotMet',
	416: 'requestedRangeNotSatisfiable', 429: 'rateLimitExceeded', 500: 'backendError',
	503: 'backendError',
};

export class Failure extends Error {
	constructor(status, message, headers = {}) {
		super(message);
		this.status = status;
		this.headers = headers;
	}

	body() {
		const reason = REASONS[this.status] ?? 'invalid';
		const errors = [{ message: this.message, domain: 'global', reason }];
		return { error: { code: this.status, message: this.message, errors } };
	}
}
