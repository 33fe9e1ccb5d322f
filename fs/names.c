/* SPDX-License-Identifier: MIT */
#include "fs/names.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"

/* A number is a slot and how often the slot was used before: a late one finds nothing. */
#define SLOT_BITS 22
#define SLOT_MAX  (1U << SLOT_BITS)
#define USE_MASK  ((1U << (NAMES_ID_BITS - SLOT_BITS)) - 1)

struct name {
	char *key; /* in the map: both parts, escaped; NULL: a free slot */
	char *first;
	char *second;
	uint64_t references;
	unsigned int use;
	unsigned int next_free; /* slot, of a free one; 0: none */
};

struct names {
	pthread_mutex_t lock;
	struct map *by_key;  /* guarded by lock, like all below */
	struct name **slots; /* [0] is not used */
	size_t count;
	size_t capacity;
	size_t used;
	unsigned int free_slot;
};

struct names *names_new(void)
{
	struct names *n = mem_alloc(sizeof(*n));

	pthread_mutex_init(&n->lock, NULL);
	n->by_key = map_new();
	MEM_GROW(n->slots, n->count, n->capacity);
	n->slots[n->count++] = NULL;
	return n;
}

static void empty_name(struct name *name)
{
	free(name->key);
	free(name->first);
	free(name->second);
	name->key = name->first = name->second = NULL;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	for (size_t i = 1; i < n->count; i++) {
		empty_name(n->slots[i]);
		free(n->slots[i]);
	}
	free(n->slots);
	map_free(n->by_key);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

static int64_t id_of(unsigned int slot, const struct name *name)
{
	return (int64_t)(name->use & USE_MASK) << SLOT_BITS | slot;
}

/* Under the lock. */
static struct name *name_at(const struct names *n, int64_t id, unsigned int *slot)
{
	unsigned int i = (unsigned int)id & (SLOT_MAX - 1);
	struct name *name;

	if (id <= 0 || i == 0 || i >= n->count)
		return NULL;
	name = n->slots[i];
	if (slot)
		*slot = i;
	return name->key && id_of(i, name) == id ? name : NULL;
}

/* '/' does not occur in what name_escape() makes. */
static void build_key(struct buf *out, const char *a, const char *b)
{
	name_escape(out, a);
	if (b) {
		buf_addc(out, '/');
		name_escape(out, b);
	}
}

/* The map's values are slot numbers dressed as pointers. */
static unsigned int slot_of(const struct names *n, const char *key)
{
	return (unsigned int)(uintptr_t)map_get(n->by_key, key);
}

/* Under the lock. 0: all are taken. */
static unsigned int new_slot(struct names *n)
{
	unsigned int slot = n->free_slot;

	if (slot != 0) {
		n->free_slot = n->slots[slot]->next_free;
		return slot;
	}
	if (n->count == SLOT_MAX)
		return 0;
	MEM_GROW(n->slots, n->count, n->capacity);
	slot = (unsigned int)n->count++;
	n->slots[slot] = mem_alloc(sizeof(struct name));
	return slot;
}

/* Under the lock. A name without references in a slot of its own; 0: there is none free. */
static unsigned int add_name(struct names *n, const char *key, const char *a, const char *b)
{
	unsigned int slot = new_slot(n);
	struct name *name;

	if (slot == 0)
		return 0;
	name = n->slots[slot];
	name->first = mem_strdup(a);
	name->second = mem_strdup(b ? b : "");
	name->key = mem_strdup(key);
	name->references = 0;
	map_set(n->by_key, key, (void *)(uintptr_t)slot); // NOLINT(performance-no-int-to-ptr)
	n->used++;
	return slot;
}

int64_t names_take(struct names *n, const char *a, const char *b)
{
	autobuf key = BUF_INIT;
	unsigned int slot;
	int64_t id = 0;

	build_key(&key, a, b);
	pthread_mutex_lock(&n->lock);
	slot = slot_of(n, key.data);
	if (slot == 0)
		slot = add_name(n, key.data, a, b);
	if (slot != 0) {
		n->slots[slot]->references++;
		id = id_of(slot, n->slots[slot]);
	}
	pthread_mutex_unlock(&n->lock);
	return id;
}

void names_hold(struct names *n, int64_t id)
{
	struct name *name;

	pthread_mutex_lock(&n->lock);
	name = name_at(n, id, NULL);
	assert(name);
	name->references++;
	pthread_mutex_unlock(&n->lock);
}

void names_drop(struct names *n, int64_t id, uint64_t references)
{
	struct name *name;
	unsigned int slot = 0;

	pthread_mutex_lock(&n->lock);
	name = name_at(n, id, &slot);
	if (name) {
		assert(name->references >= references);
		name->references -= references;
		if (name->references == 0) {
			map_remove(n->by_key, name->key);
			empty_name(name);
			name->use++;
			name->next_free = n->free_slot;
			n->free_slot = slot;
			n->used--;
		}
	}
	pthread_mutex_unlock(&n->lock);
}

int64_t names_find(struct names *n, const char *a, const char *b)
{
	autobuf key = BUF_INIT;
	unsigned int slot;
	int64_t id = 0;

	build_key(&key, a, b);
	pthread_mutex_lock(&n->lock);
	slot = slot_of(n, key.data);
	if (slot != 0)
		id = id_of(slot, n->slots[slot]);
	pthread_mutex_unlock(&n->lock);
	return id;
}

const char *names_first(struct names *n, int64_t id)
{
	const struct name *name;
	const char *text;

	pthread_mutex_lock(&n->lock);
	name = name_at(n, id, NULL);
	text = name ? name->first : NULL;
	pthread_mutex_unlock(&n->lock);
	return text;
}

const char *names_second(struct names *n, int64_t id)
{
	const struct name *name;
	const char *text;

	pthread_mutex_lock(&n->lock);
	name = name_at(n, id, NULL);
	text = name ? name->second : NULL;
	pthread_mutex_unlock(&n->lock);
	return text;
}

size_t names_count(struct names *n)
{
	size_t used;

	pthread_mutex_lock(&n->lock);
	used = n->used;
	pthread_mutex_unlock(&n->lock);
	return used;
}
