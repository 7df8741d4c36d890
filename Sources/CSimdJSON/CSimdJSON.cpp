#include "CSimdJSON.h"

#include <new>
#include <simdjson.h>

namespace dom = simdjson::dom;

struct simdjson_parser {
    dom::parser parser;
};

static_assert(SIMDJSON_PADDING_BYTES >= simdjson::SIMDJSON_PADDING, "simdjson reads further than we promise");

namespace {

/// Memory for `length` bytes, in powers of two: simdjson by itself would grow to the very byte, anew for every text
/// that is a little longer than the last.
bool reserve(dom::parser &parser, size_t length) {
    if (parser.doc.capacity() >= length && parser.capacity() >= length) return true;
    size_t capacity = 4096;
    while (capacity < length) capacity *= 2;
    return !parser.doc.allocate(capacity) && !parser.allocate(capacity, simdjson::DEFAULT_MAX_DEPTH);
}

}  // namespace

simdjson_parser *simdjson_parser_create(void) {
    return new (std::nothrow) simdjson_parser;
}

void simdjson_parser_destroy(simdjson_parser *parser) {
    delete parser;
}

int simdjson_parser_parse(simdjson_parser *parser, const void *text, size_t length) {
    if (length == 0 || !reserve(parser->parser, length)) return 0;
    return !parser->parser.parse(static_cast<const uint8_t *>(text), length, false).error();
}

const uint64_t *simdjson_parser_tape(const simdjson_parser *parser) {
    return parser->parser.doc.tape.get();
}

const uint8_t *simdjson_parser_strings(const simdjson_parser *parser) {
    return parser->parser.doc.string_buf.get();
}

void simdjson_parser_trim(simdjson_parser *parser, size_t capacity) {
    if (parser->parser.doc.capacity() <= capacity) return;
    parser->parser = dom::parser();
}
