// SPDX-License-Identifier: MIT
//
// The parameter fields: "items(name,size),nextPageToken" leaves only those members.

// Splits at commas that are not within parentheses.
function split(text) {
	const parts = [''];
	let depth = 0;
	for (const c of text) {
		depth += (c === '(') - (c === ')');
		if (c === ',' && depth === 0)
			parts.push('');
		else
			parts[parts.length - 1] += c;
	}
	return parts.map((part) => part.trim()).filter(Boolean);
}

function merge(old, value) {
	if (Array.isArray(old) && Array.isArray(value))
		return value.map((element, i) => merge(old[i], element));
	return old && typeof old === 'object' && !Array.isArray(old) ? { ...old, ...value } : value;
}

export function pick(value, fields) {
	if (!fields)
		return value;
	if (Array.isArray(value))
		return value.map((element) => pick(element, fields));
	if (!value || typeof value !== 'object')
		return value;
	const out = {};
	for (const field of split(fields)) {
		const [, name, inParentheses, behindSlash]
			= /^([^(/]+)(?:\((.*)\)|\/(.*))?$/.exec(field) ?? [];
		if (name === '*')
			Object.assign(out, value);
		else if (name && name in value)
			out[name] = merge(out[name], pick(value[name], inParentheses ?? behindSlash));
	}
	return out;
}
