/* SPDX-License-Identifier: MIT */
/*
 * cleanup: variables that release themselves at the end of their scope.
 *
 *	autofree char *path = path_join(dir, name);
 *	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
 *	DEFER(model) *m = model_new();          // needs DEFINE_DEFER(model, model_free)
 *
 * Initialise where you declare; hand ownership on with take(). Files that are
 * written are closed explicitly, since a cleanup cannot report close(2)'s error.
 */
#ifndef ENGINE_BASE_CLEANUP_H
#define ENGINE_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define autofree  __attribute__((cleanup(cleanup_free)))
#define autoclose __attribute__((cleanup(cleanup_close)))

/* Defines the cleanup of DEFER(type) variables: free_fn takes struct type *, NULL is fine. */
#define DEFINE_DEFER(type, free_fn)                                              \
	static inline __attribute__((unused)) void defer_##type(struct type **p) \
	{                                                                        \
		free_fn(*p);                                                     \
	}
#define DEFER(type) __attribute__((cleanup(defer_##type))) struct type

/* Moves a pointer out of a variable, leaving NULL behind. */
#define take(p)                            \
	(__extension__({                   \
		__typeof__(p) take_ = (p); \
		(p) = NULL;                \
		take_;                     \
	}))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
