/* SPDX-License-Identifier: MIT */
#include "engine/codec/compress.h"

#include <strings.h>

#include "engine/base/cleanup.h"

static const struct compress_ops *const algorithms[] = {
	&compress_none,
	&compress_gzip,
	&compress_lz4,
	&compress_zstd,
};

const struct compress_ops *compress_at(size_t i)
{
	return i < ARRAY_SIZE(algorithms) ? algorithms[i] : NULL;
}

const struct compress_ops *compress_by_id(unsigned int id)
{
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
		if (algorithms[i]->id == id)
			return algorithms[i];
	}
	return NULL;
}

const struct compress_ops *compress_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
		if (strcasecmp(algorithms[i]->name, name) == 0)
			return algorithms[i];
	}
	return NULL;
}
