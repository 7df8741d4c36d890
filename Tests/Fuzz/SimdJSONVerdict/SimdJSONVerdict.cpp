#include "SimdJSONVerdict.h"

#include <simdjson.h>

int simdjson_verdict(const void *text, size_t length) {
    static simdjson::dom::parser parser;
    switch (parser.parse(static_cast<const uint8_t *>(text), length, true).error()) {
    case simdjson::SUCCESS: return 1;
    case simdjson::NUMBER_ERROR:
    case simdjson::STRING_ERROR:
    case simdjson::DEPTH_ERROR:
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return -1;
    default: return 0;
    }
}
