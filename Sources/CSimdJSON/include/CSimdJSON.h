#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// simdjson's first stage, which finds where the tokens of a JSON text begin, with the memory that it keeps from one text to
/// the next.
typedef struct simdjson_indexer simdjson_indexer;

/// Bytes that must be readable behind a text; what is in them does not matter.
enum { SIMDJSON_PADDING_BYTES = 64 };

/// NULL if there is no memory.
simdjson_indexer *simdjson_indexer_create(void);
void simdjson_indexer_destroy(simdjson_indexer *indexer);

/// How many tokens `text` has, or 0 if it is refused: when it is not UTF-8, or a string has no end or a control character
/// in it. Whether the tokens make JSON is not looked at.
size_t simdjson_indexer_run(simdjson_indexer *indexer, const void *text, size_t length);

/// Where each token of the last text begins, in order: a bracket, a comma, a colon, the first byte of a string, number or
/// literal. A number or literal goes on up to whitespace or the next token. Behind the last token stands a 0. Valid until the
/// next call with this indexer.
const uint32_t *simdjson_indexer_tokens(const simdjson_indexer *indexer);

/// Gives back the indexer's memory if it is enough for more than `capacity` bytes of text.
void simdjson_indexer_trim(simdjson_indexer *indexer, size_t capacity);

#ifdef __cplusplus
}
#endif
