#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What simdjson says of a text: 1 it is JSON, 0 it is none, -1 that is left open, because simdjson also refuses some
/// numbers, strings and depths that are JSON.
int simdjson_verdict(const void *text, size_t length);

#ifdef __cplusplus
}
#endif
