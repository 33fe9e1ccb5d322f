/* SPDX-License-Identifier: MIT */
#include "cli/tags.h"

#include <stdlib.h>

#include "cli/command.h"
#include "engine/base/mem.h"
#include "engine/repo/create.h"

int tags_parse(struct tags *out, const struct opt_list *texts, struct error *err)
{
	out->items = mem_array(texts->count, sizeof(*out->items));
	for (out->count = 0; out->count < texts->count; out->count++) {
		if (create_parse_tag(&out->items[out->count], texts->items[out->count], err) <
		    0)
			return -1;
	}
	return 0;
}

void tags_finish(struct tags *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->items[i].key);
		free(t->items[i].value);
	}
	free(t->items);
	*t = (struct tags){ 0 };
}
