// The JSON of GET /models as Pieces OS would write it: every list is the same sixty models over and over, about 1.1 KB
// each, some with the nulls, escapes and fractions that real ones have.
//
// The id of a model is INDEX-5f3a-4c1d-8e21-SERIAL: eight hexadecimal digits of its place in the list, and twelve of
// the answer's serial number (zero in models that do not differ), so that whoever reads it can tell which request it was
// made for. Where not all models of a list are to differ, those in its middle do.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { CATALOGUE_MODELS = 60, INDEX_DIGITS = 8, SERIAL_DIGITS = 12 };

// Stands between index and serial number of an id and nowhere else, in JSON as in protobuf.
#define ID_MARKER "-5f3a-4c1d-8e21-"
enum { ID_MARKER_LENGTH = sizeof ID_MARKER - 1 };

// A list of models as JSON text, held whole.
struct body {
    size_t models;
    char *text;
    size_t length;
    size_t *serials;  // offsets of the serial numbers, one a model
};

// What stands before the first model and behind the last one.
extern const char list_head[], list_tail[];

// Fills the catalogue; call it once, first.
void make_catalogue(void);

// Length of the JSON of a whole list.
size_t list_length(size_t models);

// Writes the `index`th model of a list at `to` and returns its length, at most MODEL_MAX; no comma.
enum { MODEL_MAX = 2048 };
size_t write_model(char *to, size_t index, uint64_t serial);

void make_body(struct body *body, size_t models);
void free_body(struct body *body);
// Sets the serial number of `different` models.
void set_serial(struct body *body, uint64_t serial, size_t different);

// The first of so many models in the middle of a list.
size_t first_different(size_t models, size_t different);

// Writes `digits` hexadecimal digits of `value`.
void write_hex(char *to, int digits, uint64_t value);
