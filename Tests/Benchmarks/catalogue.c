#include "catalogue.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "\"schema\":{\"migration\":0,\"semantic\":\"MAJOR_0_MINOR_0_PATCH_1\"}"

struct family {
    const char *name, *unique, *foundation, *provider, *description;
    bool cloud;
    int total, output;  // tokens
};

static const struct family families[] = {
    {"GPT-4o Chat Model", "gpt-4o", "GPT_4", "OPENAI", "OpenAI's flagship model for conversation over text and images.",
     true, 128000, 4096},
    {"Claude 3.5 Sonnet Chat Model", "claude-3-5-sonnet@20240620", "CLAUDE_3.5", "ANTHROPIC",
     "Anthropic's model between speed and depth; good at reading and writing code.", true, 200000, 8192},
    {"Gemini 1.5 Pro Chat Model", "gemini-1.5-pro", "GEMINI_1.5", "GOOGLE",
     "Google's model for long contexts: whole repositories, papers, transcripts.", true, 1048576, 8192},
    {"Llama 3 8B Instruct", "Llama-3-8B-Instruct-q4f16_1-MLC", "LLAMA_3_8B", "META",
     "Runs on this machine. Needs a GPU with 6 GB of memory or patience.", false, 8192, 2048},
    {"Phi 3 Mini 128K", "Phi-3-mini-128k-instruct-q4f16_1-MLC", "PHI_3_MINI", "MICROSOFT",
     "Small, quick, for machines without a GPU.\\nBest for short questions.", false, 131072, 4096},
    {"Granite Code 8B", "granite-8b-code-instruct-128k-q4f16_1-MLC", "GRANITE_8B", "IBM",
     "Trained on code under licences that permit it: \\\"enterprise-ready\\\".", false, 131072, 4096},
    {"Mistral 7B Instruct", "Mistral-7B-Instruct-v0.3-q4f16_1-MLC", "MISTRAL_7B", "UNKNOWN",
     "Modèle généraliste, à l'aise en français comme en anglais.", false, 32768, 4096},
    {"Command R+", "command-r-plus", "COMMAND_R+", "TOGETHER_AI",
     "Made for answers that cite what they were found in.", true, 128000, 4000},
    {"Gemma 1.1 2B", "gemma-1.1-2b-it-q4f16_1-MLC", "GEMMA_1.1_2B", "GOOGLE", "The smallest one that still follows.",
     false, 8192, 1024},
    {"CodeBERT Embedding", "unixcoder-base-quantized", "UNIXCODER", "MICROSOFT",
     "Turns pieces of code into vectors; used by search, never in a conversation.", false, 512, 512},
};
enum { FAMILIES = sizeof families / sizeof *families };

static const char *const types[] = {"BALANCED", "SPEED", "ACCURACY"};

const char list_head[] = "{" SCHEMA ",\"iterable\":[";
const char list_tail[] = "],\"score\":{" SCHEMA ",\"manual\":0,\"automatic\":60}}";
enum { LIST_FRAME = sizeof list_head - 1 + sizeof list_tail - 1 };

struct entry {
    char text[MODEL_MAX];
    size_t length, index, serial;  // index and serial: offsets
};
static struct entry catalogue[CATALOGUE_MODELS];
static size_t catalogue_length;

static const char *boolean(bool value) { return value ? "true" : "false"; }

static int print_size(char *to, size_t size, const char *member, double gigabytes) {
    return snprintf(to, size, "\"%s\":{" SCHEMA ",\"readable\":\"%.2f GB\",\"value\":%.0f},", member, gigabytes,
                    gigabytes * 1073741824);
}

// What a model has that runs on this machine.
static int print_local(char *to, size_t size, size_t i) {
    double gigabytes = 1.5 + (double)(i % 12) * 0.37;
    int at = print_size(to, size, "bytes", gigabytes);
    at += print_size(to + at, size - (size_t)at, "ram", gigabytes * 1.25);
    return at + snprintf(to + at, size - (size_t)at,
                         "\"quantization\":\"q4f16_1\",\"cpu\":%s,\"downloaded\":%s,\"downloading\":false,"
                         "\"loaded\":%s,",
                         boolean(i % 4 == 0), boolean(i % 3 == 0), boolean(i % 9 == 0));
}

static int print_created(char *to, size_t size, size_t i) {
    return snprintf(to, size,
                    "\"created\":{" SCHEMA ",\"value\":\"2024-%02zu-%02zuT08:%02zu:16.%0*zuZ\","
                    "\"readable\":\"%zu months ago\"},",
                    1 + i % 12, 1 + i % 28, i % 60, i % 2 ? 3 : 6, 100 + i * 7, 1 + i % 11);
}

static int print_limits(char *to, size_t size, size_t i, const struct family *family) {
    char parameters[16], output[16];
    snprintf(parameters, sizeof parameters, i % 10 ? "%.1f" : "null", 1 + (double)(i % 16) * 2.3);
    snprintf(output, sizeof output, i % 10 != 3 ? "%d" : "null", family->output);
    return snprintf(to, size,
                    "\"parameters\":%s,\"maxTokens\":{" SCHEMA ",\"total\":%d,\"input\":%d,\"output\":%s},"
                    "\"capabilities\":{" SCHEMA ",\"images\":%s,\"temporal\":true,\"codebases\":true,\"documents\":%s,"
                    "\"assets\":true,\"websites\":true,\"videos\":false}",
                    parameters, family->total, family->total - family->output, output,
                    boolean(family->cloud), boolean(i % 2));
}

static void make_entry(struct entry *entry, size_t i) {
    const struct family *family = &families[i % FAMILIES];
    char *to = entry->text;
    size_t size = sizeof entry->text;
    int at = snprintf(to, size,
                      "{" SCHEMA ",\"id\":\"00000000" ID_MARKER "000000000000\",\"version\":\"0.0.%zu\",", 1 + i % 7);
    at += print_created(to + at, size - (size_t)at, i);
    at += snprintf(to + at, size - (size_t)at,
                   "\"name\":\"%s\",\"description\":\"%s\",\"cloud\":%s,\"type\":\"%s\",\"usage\":\"%s\","
                   "\"foundation\":\"%s\",\"provider\":\"%s\",\"unique\":\"%s\",\"custom\":%s,\"denied\":false,",
                   family->name, family->description, boolean(family->cloud), types[i % 3],
                   i % FAMILIES == 9 ? "TEXT_EMBEDDING" : "CODE_CONVERSATION", family->foundation, family->provider,
                   family->unique, boolean(i % 20 == 19));
    if (!family->cloud) at += print_local(to + at, size - (size_t)at, i);
    if (i % 2)
        at += snprintf(to + at, size - (size_t)at,
                       "\"organization\":{" SCHEMA ",\"id\":\"9b2f7c60-3d41-4f0e-a9d5-0000000000%02zu\"},"
                       "\"score\":{" SCHEMA ",\"manual\":%zu,\"automatic\":%zu,\"reuse\":0},",
                       i, i * 3, i * 11);
    at += print_limits(to + at, size - (size_t)at, i, family);
    at += snprintf(to + at, size - (size_t)at, "}");

    entry->length = (size_t)at;
    entry->serial = (size_t)(strstr(to, ID_MARKER) - to) + ID_MARKER_LENGTH;
    entry->index = entry->serial - ID_MARKER_LENGTH - INDEX_DIGITS;
}

void make_catalogue(void) {
    for (size_t i = 0; i < CATALOGUE_MODELS; i++) {
        make_entry(&catalogue[i], i);
        catalogue_length += catalogue[i].length;
    }
}

size_t list_length(size_t models) {
    size_t length = LIST_FRAME + models / CATALOGUE_MODELS * catalogue_length;
    for (size_t i = 0; i < models % CATALOGUE_MODELS; i++) length += catalogue[i].length;
    return length + (models ? models - 1 : 0);
}

size_t write_model(char *to, size_t index, uint64_t serial) {
    const struct entry *entry = &catalogue[index % CATALOGUE_MODELS];
    memcpy(to, entry->text, entry->length);
    write_hex(to + entry->index, INDEX_DIGITS, index);
    if (serial) write_hex(to + entry->serial, SERIAL_DIGITS, serial);
    return entry->length;
}

void make_body(struct body *body, size_t models) {
    *body = (struct body){.models = models, .length = list_length(models)};
    body->text = malloc(body->length + MODEL_MAX);
    body->serials = calloc(models + 1, sizeof *body->serials);
    if (!body->text || !body->serials) abort();
    char *to = stpcpy(body->text, list_head);
    for (size_t i = 0; i < models; i++) {
        if (i) *to++ = ',';
        body->serials[i] = (size_t)(to - body->text) + catalogue[i % CATALOGUE_MODELS].serial;
        to += write_model(to, i, 0);
    }
    strcpy(to, list_tail);
}

void free_body(struct body *body) {
    free(body->text);
    free(body->serials);
    *body = (struct body){0};
}

void set_serial(struct body *body, uint64_t serial, size_t different) {
    char digits[SERIAL_DIGITS];
    write_hex(digits, SERIAL_DIGITS, serial);
    size_t first = first_different(body->models, different);
    for (size_t i = first; i < first + different; i++) memcpy(body->text + body->serials[i], digits, SERIAL_DIGITS);
}

size_t first_different(size_t models, size_t different) { return (models - different) / 2; }

void write_hex(char *to, int digits, uint64_t value) {
    for (int i = digits - 1; i >= 0; i--, value >>= 4) to[i] = "0123456789abcdef"[value & 15];
}
