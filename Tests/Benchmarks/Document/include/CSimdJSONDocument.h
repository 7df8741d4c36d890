#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Parses `text`, behind which 64 bytes must be readable, into a document that nobody looks at. Returns 0 if it is refused.
int simdjson_document_parse(const void *text, size_t length);

#ifdef __cplusplus
}
#endif
