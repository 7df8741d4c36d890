#include "CSimdJSON.h"

#include <memory>
#include <new>
#include <simdjson.h>

struct simdjson_indexer {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

static_assert(SIMDJSON_PADDING_BYTES >= simdjson::SIMDJSON_PADDING, "simdjson reads further than we promise");

namespace {

/// Memory for `length` bytes, in powers of two: growing to the very byte would be done anew for every text that is a little
/// longer than the last. The depth is the second stage's, which is not used.
bool reserve(simdjson_indexer *indexer, size_t length) {
    if (indexer->parser && indexer->parser->capacity() >= length) return true;
    size_t capacity = 4096;
    while (capacity < length) capacity *= 2;
    if (indexer->parser) return !indexer->parser->set_capacity(capacity);
    return !simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, indexer->parser);
}

}  // namespace

simdjson_indexer *simdjson_indexer_create(void) {
    return new (std::nothrow) simdjson_indexer;
}

void simdjson_indexer_destroy(simdjson_indexer *indexer) {
    delete indexer;
}

size_t simdjson_indexer_run(simdjson_indexer *indexer, const void *text, size_t length) {
    if (length == 0 || !reserve(indexer, length)) return 0;
    auto &parser = *indexer->parser;
    const auto mode = simdjson::stage1_mode::regular;
    if (parser.stage1(static_cast<const uint8_t *>(text), length, mode)) return 0;
    parser.structural_indexes[parser.n_structural_indexes] = 0;
    return parser.n_structural_indexes;
}

const uint32_t *simdjson_indexer_tokens(const simdjson_indexer *indexer) {
    return indexer->parser->structural_indexes.get();
}

void simdjson_indexer_trim(simdjson_indexer *indexer, size_t capacity) {
    if (indexer->parser && indexer->parser->capacity() > capacity) indexer->parser.reset();
}
