#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// simdjson's DOM parser with the memory that it keeps from one text to the next.
typedef struct simdjson_parser simdjson_parser;

/// Bytes that must be readable behind a text; what is in them does not matter.
enum { SIMDJSON_PADDING_BYTES = 64 };

/// NULL if there is no memory.
simdjson_parser *simdjson_parser_create(void);
void simdjson_parser_destroy(simdjson_parser *parser);

/// Whether `text` was parsed. If so, tape and strings are valid until the next call with this parser. A refusal does
/// not say that the text is no JSON: simdjson refuses some that is.
int simdjson_parser_parse(simdjson_parser *parser, const void *text, size_t length);

/// The tape of the last text, as simdjson's doc/tape.md describes it.
const uint64_t *simdjson_parser_tape(const simdjson_parser *parser);

/// The strings that the tape refers to. A few bytes behind the last one are readable.
const uint8_t *simdjson_parser_strings(const simdjson_parser *parser);

/// Gives back the parser's memory if it is enough for more than `capacity` bytes of text.
void simdjson_parser_trim(simdjson_parser *parser, size_t capacity);

#ifdef __cplusplus
}
#endif
