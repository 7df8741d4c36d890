#include "CSimdJSONDocument.h"

#include <simdjson.h>

int simdjson_document_parse(const void *text, size_t length) {
    static simdjson::dom::parser parser;
    return !parser.parse(static_cast<const uint8_t *>(text), length, false).error();
}
