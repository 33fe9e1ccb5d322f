/* SPDX-License-Identifier: MIT */
/*
 * xml: the short XML documents that object stores answer with, over expat.
 *
 * Every element that ends is handed to a function: its path from the root
 * ("ListBucketResult/Contents/Key") and the text directly in it. Documents come
 * from a network: those with a DOCTYPE, deeper than 16 or with a text over
 * 16 KB are refused, and entities other than the five are never expanded.
 * Thread-safe.
 */
#ifndef ENGINE_STORE_XML_H
#define ENGINE_STORE_XML_H

#include <stddef.h>

struct error;

typedef int xml_fn(void *arg, const char *path, const char *text, struct error *err);

/* ERR_STORE when it is not well-formed, is cut off, or breaks a limit; else fn's -1. */
int xml_parse(const char *data, size_t len, xml_fn *fn, void *arg, struct error *err);

#endif
