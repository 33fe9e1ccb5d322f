/* SPDX-License-Identifier: MIT */
/*
 * The envelope of a backup, numbers little-endian:
 *
 *	off len
 *	0   8   magic 89 4D 53 45 31 0D 0A 1A, "MSE1" in the middle
 *	8   1   major version, 1
 *	9   1   minor version, 0
 *	10  2   flags (preamble.h)
 *	12  4   length of the clear part, at most 65,536
 *	16  8   generation: 1, and one more with each rewrite
 *	24  1   cipher of the sealed part: 0 none, 1 Cobblestone-256
 *	25  1   codec of the container
 *	26  1   length of the backup id, 1 to 64
 *	27  64  backup id, zeros behind it
 *	91  16  container id
 *	107 8   length of the container
 *	115 32  SHA-256 of the container
 *	147 16  fingerprint of the secret           (zeros with cipher 0)
 *	163 12  nonce of the wrapped data key       (zeros with cipher 0)
 *	175 48  wrapped data key, with its tag      (zeros with cipher 0)
 *	223 …   fields; none is known yet
 *	sealed part, to 32 bytes before the end:
 *		cipher 0: the metadata
 *		cipher 1: a Cobblestone-256 stream of the metadata under the data key, with
 *		          context "schemafs/1 metadata" ‖ backup id ‖ SHA-256 of the clear part
 *	at the end, 32: SHA-256 of everything before
 *
 * wrapped data key = AES-256-GCM(secret, nonce, data key, additional data =
 * the two version bytes ‖ backup id ‖ generation as 8 bytes)
 */
#include "engine/codec/envelope.h"

#include <assert.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/secret.h"
#include "engine/codec/aead.h"
#include "engine/codec/cipher.h"
#include "engine/codec/cursor.h"
#include "engine/codec/preamble.h"

#define CLEAR_FIXED  223
#define WRAPPED_SIZE (CIPHER_KEY_SIZE + AEAD_TAG_SIZE)

static const struct preamble_kind kind = {
	.name = "envelope",
	.magic = { 0x89, 'M', 'S', 'E', '1', 0x0d, 0x0a, 0x1a },
	.fixed = CLEAR_FIXED,
};

/* The data key as it lies in the envelope. */
struct wrap {
	unsigned char nonce[AEAD_NONCE_SIZE];
	unsigned char wrapped[WRAPPED_SIZE];
};

/* An envelope taken apart; the pieces point into its bytes. */
struct pieces {
	struct envelope e;
	const struct cipher_ops *cipher;
	struct wrap wrap;
	struct str clear;
	struct str sealed;
};

static void wrap_binding(struct buf *out, const struct envelope *e)
{
	static const unsigned char version[] = { PREAMBLE_VERSION, 0 };

	buf_add(out, version, sizeof(version));
	buf_adds(out, e->backup_id);
	buf_add_u64(out, e->generation);
}

static int wrap_key(struct wrap *out, const struct envelope *e, const struct secret *secret,
                    const struct secret *data_key, struct error *err)
{
	DEFER(aead) *a = aead_new(secret_data(secret));
	autobuf binding = BUF_INIT;

	if (random_bytes(out->nonce, sizeof(out->nonce), err) < 0)
		return -1;
	wrap_binding(&binding, e);
	aead_seal(a, out->nonce, (struct str){ binding.data, binding.len },
	          (struct str){ (const char *)secret_data(data_key), CIPHER_KEY_SIZE },
	          out->wrapped);
	return 0;
}

static int unwrap_key(struct secret **out, const struct pieces *p, const struct secret *secret,
                      struct error *err)
{
	DEFER(aead) *a = aead_new(secret_data(secret));
	struct str wrapped = { (const char *)p->wrap.wrapped, sizeof(p->wrap.wrapped) };
	unsigned char key[CIPHER_KEY_SIZE];
	autobuf binding = BUF_INIT;
	bool good;

	wrap_binding(&binding, &p->e);
	good = aead_open(a, p->wrap.nonce, (struct str){ binding.data, binding.len }, wrapped,
	                 key);
	if (good)
		*out = secret_new(key, sizeof(key));
	secret_wipe(key, sizeof(key));
	if (!good)
		return error_set(err, ERR_CORRUPT,
		                 "envelope: the wrapped data key is not authentic");
	return 0;
}

static void metadata_context(struct buf *out, const struct envelope *e, struct str clear)
{
	struct digest d;

	digest_of(&d, clear.p, clear.n);
	buf_adds(out, "schemafs/1 metadata");
	buf_adds(out, e->backup_id);
	buf_add(out, d.bytes, sizeof(d.bytes));
}

static void write_clear(struct buf *out, const struct envelope *e, const struct wrap *wrap)
{
	static const unsigned char zeros[NAME_BACKUP_ID_MAX];
	size_t id_len = strlen(e->backup_id);
	size_t start = out->len;

	preamble_add(out, &kind, e->encrypted);
	buf_add_u64(out, e->generation);
	buf_addc(out, e->encrypted ? CIPHER_COBBLESTONE : CIPHER_NONE);
	buf_addc(out, (char)e->codec);
	buf_addc(out, (char)id_len);
	buf_add(out, e->backup_id, id_len);
	buf_add(out, zeros, NAME_BACKUP_ID_MAX - id_len);
	buf_add(out, e->container_id, sizeof(e->container_id));
	buf_add_u64(out, e->stored_size);
	buf_add(out, e->stored_sha256.bytes, sizeof(e->stored_sha256.bytes));
	buf_add(out, e->secret.bytes, sizeof(e->secret.bytes));
	buf_add(out, wrap->nonce, sizeof(wrap->nonce));
	buf_add(out, wrap->wrapped, sizeof(wrap->wrapped));
	assert(out->len - start == CLEAR_FIXED);
	preamble_close(out, start);
}

static int check_keys(const struct secret *secret, const struct secret *data_key,
                      struct error *err)
{
	assert(!secret == !data_key);
	if (secret && secret_len(secret) != KEYRING_SECRET_SIZE)
		return error_set(err, ERR_INVALID, "secret: want %d bytes, got %zu",
		                 KEYRING_SECRET_SIZE, secret_len(secret));
	if (data_key && secret_len(data_key) != CIPHER_KEY_SIZE)
		return error_set(err, ERR_INVALID, "data key: want %d bytes, got %zu",
		                 CIPHER_KEY_SIZE, secret_len(data_key));
	return 0;
}

static int check_envelope(const struct envelope *e, size_t len, struct error *err)
{
	if (!name_is_backup_id(e->backup_id))
		return error_set(err, ERR_INVALID,
		                 "backup id %s: want 1 to %d of A-Z a-z 0-9 _ -", e->backup_id,
		                 NAME_BACKUP_ID_MAX);
	if (e->generation == 0)
		return error_set(err, ERR_INVALID, "envelope of %s: generations begin with 1",
		                 e->backup_id);
	if (cipher_sealed_size(len) > ENVELOPE_MAX - PREAMBLE_CLEAR_MAX)
		return error_set(err, ERR_INVALID,
		                 "envelope of %s: metadata of %zu bytes, limit %zu",
		                 e->backup_id, len, ENVELOPE_MAX);
	return 0;
}

/* Appends everything but the closing SHA-256. */
static int write_open_end(struct buf *out, const struct envelope *e,
                          const struct secret *secret, const struct secret *data_key,
                          struct str metadata, struct error *err)
{
	size_t start = out->len;
	struct wrap wrap = { 0 };
	autobuf context = BUF_INIT;

	if (secret && wrap_key(&wrap, e, secret, data_key, err) < 0)
		return -1;
	write_clear(out, e, &wrap);
	if (!secret) {
		buf_add(out, metadata.p, metadata.n);
		return 0;
	}
	metadata_context(&context, e, (struct str){ out->data + start, out->len - start });
	return cipher_seal(out, &cipher_cobblestone, data_key,
	                   (struct str){ context.data, context.len }, metadata, err);
}

/* NOLINTNEXTLINE(readability-function-size): two keys and two texts */
int envelope_write(struct buf *out, struct envelope *e, const struct secret *secret,
                   const struct secret *data_key, const void *metadata, size_t len,
                   struct error *err)
{
	struct str text = { len > 0 ? metadata : "", len };
	size_t start = out->len;
	struct digest d;

	if (check_keys(secret, data_key, err) < 0 || check_envelope(e, len, err) < 0)
		return -1;
	e->encrypted = secret != NULL;
	e->secret = (struct fingerprint){ 0 };
	if (secret)
		fingerprint_of(&e->secret, secret);
	if (write_open_end(out, e, secret, data_key, text, err) < 0) {
		buf_truncate(out, start);
		return error_wrap(err, "envelope of %s", e->backup_id);
	}
	digest_of(&d, out->data + start, out->len - start);
	buf_add(out, d.bytes, sizeof(d.bytes));
	return 0;
}

/* Cuts the closing SHA-256 off, if it is right. */
static int check_closing(struct str *rest, struct str whole, struct error *err)
{
	char want[DIGEST_HEX_SIZE], got[DIGEST_HEX_SIZE];
	struct digest stored, computed;

	if (whole.n < CLEAR_FIXED + DIGEST_SIZE)
		return error_set(err, ERR_CORRUPT,
		                 "envelope is cut off: %zu bytes, at least %d", whole.n,
		                 CLEAR_FIXED + DIGEST_SIZE);
	if (whole.n > ENVELOPE_MAX)
		return error_set(err, ERR_CORRUPT, "envelope: %zu bytes, limit %zu", whole.n,
		                 ENVELOPE_MAX);
	*rest = str_slice(whole, 0, whole.n - DIGEST_SIZE);
	memcpy(stored.bytes, whole.p + rest->n, DIGEST_SIZE);
	digest_of(&computed, rest->p, rest->n);
	if (memcmp(stored.bytes, computed.bytes, DIGEST_SIZE) == 0)
		return 0;
	digest_hex(want, &stored);
	digest_hex(got, &computed);
	return error_set(err, ERR_CORRUPT,
	                 "envelope: checksum mismatch (expected: %s, got: %s)", want, got);
}

static int read_choices(struct pieces *p, uint16_t flags, struct cursor *c, struct error *err)
{
	unsigned int cipher = cursor_u8(c), codec = cursor_u8(c);

	p->cipher = cipher_by_id(cipher);
	if (!p->cipher)
		return error_set(err, ERR_UNSUPPORTED, "envelope has unknown cipher %u",
		                 cipher);
	if (!compress_by_id(codec))
		return error_set(err, ERR_UNSUPPORTED, "envelope has unknown codec %u", codec);
	p->e.codec = (enum compress_id)codec;
	p->e.encrypted = cipher != CIPHER_NONE;
	if (p->e.encrypted != ((flags & PREAMBLE_ENCRYPTED) != 0))
		return error_set(err, ERR_CORRUPT, "envelope has flags %#x and cipher %s",
		                 flags, p->cipher->name);
	return 0;
}

static bool is_zero(const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len > 0 && p[len - 1] == 0)
		len--;
	return len == 0;
}

static int read_id(struct pieces *p, struct cursor *c, const char *backup_id, struct error *err)
{
	size_t len = cursor_u8(c);

	cursor_copy(c, p->e.backup_id, NAME_BACKUP_ID_MAX);
	if (!name_is_backup_id(p->e.backup_id) || strlen(p->e.backup_id) != len ||
	    !is_zero(p->e.backup_id + len, NAME_BACKUP_ID_MAX - len))
		return error_set(err, ERR_CORRUPT,
		                 "envelope: backup id of %zu bytes is damaged", len);
	if (strcmp(p->e.backup_id, backup_id) != 0)
		return error_set(err, ERR_CORRUPT, "envelope is of backup %s, want %s",
		                 p->e.backup_id, backup_id);
	return 0;
}

static int note_field(void *arg, uint16_t type, struct str value, struct error *err)
{
	struct envelope *e = arg;

	(void)type;
	(void)value;
	(void)err;
	e->unknown_fields = true;
	return 0;
}

/* The fixed part behind the preamble, and the fields. */
static int read_clear(struct pieces *p, uint16_t flags, struct cursor *c, const char *backup_id,
                      struct error *err)
{
	p->e.generation = cursor_u64(c);
	if (read_choices(p, flags, c, err) < 0 || read_id(p, c, backup_id, err) < 0)
		return -1;
	cursor_copy(c, p->e.container_id, sizeof(p->e.container_id));
	p->e.stored_size = cursor_u64(c);
	cursor_copy(c, p->e.stored_sha256.bytes, sizeof(p->e.stored_sha256.bytes));
	cursor_copy(c, p->e.secret.bytes, sizeof(p->e.secret.bytes));
	cursor_copy(c, p->wrap.nonce, sizeof(p->wrap.nonce));
	cursor_copy(c, p->wrap.wrapped, sizeof(p->wrap.wrapped));
	if (p->e.generation == 0)
		return error_set(err, ERR_CORRUPT, "envelope has generation 0");
	if (!p->e.encrypted &&
	    !(is_zero(&p->e.secret, sizeof(p->e.secret)) && is_zero(&p->wrap, sizeof(p->wrap))))
		return error_set(err, ERR_CORRUPT,
		                 "envelope is not encrypted, and names a secret");
	return field_read_all(c, note_field, &p->e, err);
}

static int read_clear_part(struct pieces *p, const struct preamble *preamble, struct str clear,
                           const char *backup_id, struct error *err)
{
	struct cursor rest = { (const unsigned char *)clear.p + PREAMBLE_SIZE,
		               clear.n - PREAMBLE_SIZE };

	p->clear = clear;
	return read_clear(p, preamble->flags, &rest, backup_id, err);
}

static int take_apart(struct pieces *p, struct str whole, const char *backup_id,
                      struct error *err)
{
	struct cursor start = { (const unsigned char *)whole.p, whole.n };
	struct preamble preamble = { 0 };
	struct str rest = { 0 };

	if (preamble_read(&preamble, &kind, &start, err) < 0 ||
	    check_closing(&rest, whole, err) < 0)
		return -1;
	if (preamble.clear_length > rest.n)
		return error_set(err, ERR_CORRUPT,
		                 "envelope is cut off: want %u bytes, got %zu",
		                 preamble.clear_length, rest.n);
	p->sealed = str_slice(rest, preamble.clear_length, rest.n);
	return read_clear_part(p, &preamble, str_slice(rest, 0, preamble.clear_length),
	                       backup_id, err);
}

int envelope_peek(struct envelope *out, const void *data, size_t len, const char *backup_id,
                  struct error *err)
{
	struct pieces p = { 0 };

	if (take_apart(&p, (struct str){ data, len }, backup_id, err) < 0)
		return -1;
	*out = p.e;
	return 0;
}

static int find_key(struct secret **out, const struct pieces *p, const struct keyring *keyring,
                    struct error *err)
{
	const struct secret *secret = keyring ? keyring_find(keyring, &p->e.secret) : NULL;
	char hex[FINGERPRINT_HEX_SIZE];

	if (secret)
		return unwrap_key(out, p, secret, err);
	fingerprint_hex(hex, &p->e.secret);
	error_set(err, ERR_DENIED, "encrypted with secret %s, which is not configured", hex);
	return error_hint(err, "Configure that secret, or name its file in "
	                       "backup.encryption.previous_keys.");
}

static int open_sealed(struct secret **data_key, struct buf *metadata, const struct pieces *p,
                       const struct keyring *keyring, struct error *err)
{
	autobuf context = BUF_INIT;
	DEFER(secret) *key = NULL;

	if (find_key(&key, p, keyring, err) < 0)
		return -1;
	metadata_context(&context, &p->e, p->clear);
	if (cipher_open(metadata, p->cipher, key, (struct str){ context.data, context.len },
	                p->sealed, err) < 0) {
		err->code = ERR_CORRUPT; /* the key is right: unwrapping it has proved that */
		return error_wrap(err, "envelope: sealed metadata");
	}
	*data_key = take(key);
	return 0;
}

/* NOLINTNEXTLINE(readability-function-size): three results of two texts and the keys */
int envelope_open(struct envelope *out, struct secret **data_key, struct buf *metadata,
                  const void *data, size_t len, const char *backup_id,
                  const struct keyring *keyring, struct error *err)
{
	struct pieces p = { 0 };

	if (take_apart(&p, (struct str){ data, len }, backup_id, err) < 0)
		return -1;
	if (p.e.encrypted) {
		if (open_sealed(data_key, metadata, &p, keyring, err) < 0)
			return -1;
	} else {
		buf_add(metadata, p.sealed.p, p.sealed.n);
		*data_key = NULL;
	}
	*out = p.e;
	return 0;
}

struct str envelope_clear(const void *data, size_t len)
{
	struct cursor start = { data, len };
	struct preamble preamble = { 0 };
	struct error err = ERROR_INIT;

	if (preamble_read(&preamble, &kind, &start, &err) < 0)
		return (struct str){ "", 0 };
	return str_slice((struct str){ data, len }, 0, preamble.clear_length);
}

int envelope_open_clear(struct envelope *out, struct secret **data_key, struct str clear,
                        const char *backup_id, const struct keyring *keyring, struct error *err)
{
	struct cursor start = { (const unsigned char *)clear.p, clear.n };
	struct preamble preamble = { 0 };
	struct pieces p = { 0 };

	if (preamble_read(&preamble, &kind, &start, err) < 0)
		return -1;
	if (preamble.clear_length != clear.n)
		return error_set(err, ERR_CORRUPT,
		                 "envelope: want a clear part of %u bytes, got %zu",
		                 preamble.clear_length, clear.n);
	if (read_clear_part(&p, &preamble, clear, backup_id, err) < 0)
		return -1;
	*data_key = NULL;
	if (p.e.encrypted && find_key(data_key, &p, keyring, err) < 0)
		return -1;
	*out = p.e;
	return 0;
}
