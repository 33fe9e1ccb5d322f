// SPDX-License-Identifier: MIT
//
// Faults on demand: POST /__fault with a list of
//
//     { method, path, times, ...what }
//
// method and path (a regular expression on the URL) say which requests, times how many (without
// it: all). What: status with retryAfter; delay (ms, then as usual); reset (before anything is
// read); lostReply (the request is done, the reply is not sent); partial (a chunk of an upload is
// kept up to so many bytes); truncate (a download ends after so many bytes); corrupt (its first
// byte is another); badCrc (its checksum is).
export class Faults {
	constructor() {
		this.list = [];
	}

	add(faults) {
		this.list.push(...faults);
	}

	clear() {
		this.list = [];
	}

	// The fault for this request, counted; an empty object when there is none.
	take(request) {
		const fault = this.list.find((f) => f.times !== 0
			&& (!f.method || f.method === request.method)
			&& new RegExp(f.path ?? '.').test(request.url));
		if (fault?.times > 0)
			fault.times--;
		return fault ?? {};
	}
}
