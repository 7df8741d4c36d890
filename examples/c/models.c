// The calls of the Models API from the command line, through the gateway's socket.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pieces/models/v1/models.pb-c.h"
#include "ttrpc.h"

typedef Pieces__Models__V1__Model Model;
typedef Pieces__Models__V1__Models Models;

static const char USAGE[] = "usage: models-client [--timeout SECONDS] SOCKET COMMAND [ARGUMENT]\n";
static const char HELP[] =
    "\n"
    "  snapshot          every model that Pieces OS knows\n"
    "  stream            the same, printed as the parts arrive\n"
    "  create NAME       makes a custom model of that name\n"
    "  delete ID         deletes a custom model\n"
    "  delete-cache ID   deletes what was downloaded for a model\n"
    "  unload            takes all models out of memory\n"
    "  all               every one of these, and an error. It deletes the cache of the first downloaded\n"
    "                    model: for the simulator, not for the Pieces OS that you work with\n"
    "\n"
    "Without --timeout the gateway's own deadline counts. Exit code 0: done; 1: an error, which standard\n"
    "error tells in a sentence; 64: wrong command line.\n"
    "\n"
    "  models-client $XDG_RUNTIME_DIR/models-gateway/gateway.sock snapshot\n"
    "  models-client --timeout 0.5 gateway.sock create \"My model\"\n";

static const ProtobufCServiceDescriptor *const service = &pieces__models__v1__models_service__descriptor;

// How many models a table shows before it only counts them.
static size_t rows = SIZE_MAX;

// `width` characters of it, filled up with blanks; -1 is all of it. Text from elsewhere must not drive the terminal, so
// control characters come out as blanks.
static void print_text(FILE *file, const char *text, int width) {
    if (!text || !*text) text = "-";
    for (; *text; text++) {
        bool begins_character = (*text & 0xC0) != 0x80;
        if (begins_character && width-- == 0) break;
        bool control = (unsigned char)*text < 0x20 || *text == 0x7F;
        fputc(control ? ' ' : *text, file);
    }
    fprintf(file, "%*s", width > 0 ? width : 0, "");
}

static void print_model(const Model *model) {
    char tokens[32] = "-";
    if (model->max_tokens && model->max_tokens->has_total)
        snprintf(tokens, sizeof tokens, "%.8g", model->max_tokens->total);
    print_text(stdout, model->name, 30);
    putchar(' ');
    print_text(stdout, model->provider, 14);
    printf(" %-5s %8s ", model->cloud ? "cloud" : "local", tokens);
    print_text(stdout, model->bytes ? model->bytes->readable : NULL, 9);
    printf(" %-11s ", model->loaded        ? "loaded"
                      : model->downloading ? "downloading"
                      : model->downloaded  ? "downloaded"
                      : model->custom      ? "custom"
                                           : "-");
    print_text(stdout, model->id, -1);
    putchar('\n');
}

static void print_models(const Models *models, size_t *count) {
    if (*count == 0)
        printf("%-30s %-14s %-5s %8s %-9s %-11s %s\n", "NAME", "PROVIDER", "WHERE", "TOKENS", "SIZE", "STATE", "ID");
    for (size_t i = 0; i < models->n_iterable; i++)
        if (++*count <= rows) print_model(models->iterable[i]);
}

static void print_result(const char *text, const char *id) {
    fputs(text, stdout);
    print_text(stdout, id, -1);
    putchar('\n');
}

static void print_error(FILE *file, const ttrpc_error *error) {
    fflush(stdout);
    if (error->code != 0)
        fprintf(file, "The gateway answered %s%s%s%s: ", ttrpc_code_name(error->code), error->reason[0] ? " (" : "",
                error->reason, error->reason[0] ? ")" : "");
    print_text(file, error->message[0] ? error->message : "no message", -1);
    fputc('\n', file);
}

// The answer, to be released, or NULL. `http` is what the gateway makes of the call.
static void *call(ttrpc_client *client, const char *method, const char *http, const void *request) {
    printf("--- %s: %s\n", method, http);
    ProtobufCMessage *response;
    return ttrpc_call(client, service, method, request, &response) ? response : NULL;
}

// True if there was one.
static bool release(void *message) {
    protobuf_c_message_free_unpacked(message, NULL);
    return message != NULL;
}

static Models *get_snapshot(ttrpc_client *client) {
    Pieces__Models__V1__ModelsSnapshotRequest request = PIECES__MODELS__V1__MODELS_SNAPSHOT_REQUEST__INIT;
    Models *models = call(client, "ModelsSnapshot", "GET /models", &request);
    if (!models) return NULL;
    size_t count = 0;
    print_models(models, &count);
    printf("%zu models\n", count);
    return models;
}

static bool snapshot(ttrpc_client *client, const char *unused) {
    (void)unused;
    return release(get_snapshot(client));
}

static bool stream(ttrpc_client *client, const char *unused) {
    (void)unused;
    Pieces__Models__V1__StreamModelsSnapshotRequest request = PIECES__MODELS__V1__STREAM_MODELS_SNAPSHOT_REQUEST__INIT;
    puts("--- StreamModelsSnapshot: GET /models");
    if (!ttrpc_start(client, service, "StreamModelsSnapshot", &request.base)) return false;
    size_t count = 0, messages = 0;
    ProtobufCMessage *part;
    bool ok;
    for (; (ok = ttrpc_next(client, &part)) && part; messages++) {
        print_models((Models *)part, &count);
        release(part);
    }
    if (ok) printf("%zu models, in messages: %zu\n", count, messages);
    return ok;
}

// Sends the least that Pieces OS asks of a new model.
static Model *make_model(ttrpc_client *client, const char *name) {
    Google__Protobuf__Timestamp now = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    now.has_seconds = 1;
    now.seconds = time(NULL);
    Pieces__Models__V1__GroupedTimestamp created = PIECES__MODELS__V1__GROUPED_TIMESTAMP__INIT;
    created.value = &now;
    Pieces__Models__V1__SeededModel seed = PIECES__MODELS__V1__SEEDED_MODEL__INIT;
    seed.name = (char *)name;
    seed.version = (char *)"1";
    seed.has_type = seed.has_usage = seed.has_cloud = true;
    seed.type = PIECES__MODELS__V1__MODEL_TYPE__MODEL_TYPE_SPEED;
    seed.usage = PIECES__MODELS__V1__MODEL_USAGE__MODEL_USAGE_CODE_GENERATION;
    seed.created = &created;
    Pieces__Models__V1__ModelsCreateNewModelRequest request = PIECES__MODELS__V1__MODELS_CREATE_NEW_MODEL_REQUEST__INIT;
    request.seeded_model = &seed;
    Model *model = call(client, "ModelsCreateNewModel", "POST /models/create", &request);
    if (!model) return NULL;
    print_models(&(Models){.n_iterable = 1, .iterable = &model}, &(size_t){0});
    return model;
}

static bool create(ttrpc_client *client, const char *name) {
    return release(make_model(client, name));
}

static bool delete(ttrpc_client *client, const char *id) {
    Pieces__Models__V1__ModelsDeleteSpecificModelRequest request =
        PIECES__MODELS__V1__MODELS_DELETE_SPECIFIC_MODEL_REQUEST__INIT;
    request.model = (char *)id;
    if (!release(call(client, "ModelsDeleteSpecificModel", "POST /models/{model}/delete", &request))) return false;
    print_result("deleted ", id);
    return true;
}

static bool delete_cache(ttrpc_client *client, const char *id) {
    Pieces__Models__V1__ModelsDeleteSpecificModelCacheRequest request =
        PIECES__MODELS__V1__MODELS_DELETE_SPECIFIC_MODEL_CACHE_REQUEST__INIT;
    request.model = (char *)id;
    Pieces__Models__V1__ModelDeleteCacheOutput *output =
        call(client, "ModelsDeleteSpecificModelCache", "POST /models/{model}/delete/cache", &request);
    // Some releases of Pieces OS leave the model out.
    if (output) print_result("deleted the cache of ", output->model ? output->model->id : id);
    return release(output);
}

static bool unload(ttrpc_client *client, const char *unused) {
    (void)unused;
    Pieces__Models__V1__UnloadModelsRequest request = PIECES__MODELS__V1__UNLOAD_MODELS_REQUEST__INIT;
    if (!release(call(client, "UnloadModels", "POST /models/unload", &request))) return false;
    puts("unloaded all models");
    return true;
}

static bool delete_first_cache(ttrpc_client *client, const Models *models) {
    for (size_t i = 0; i < models->n_iterable; i++)
        if (models->iterable[i]->downloaded && !models->iterable[i]->cloud)
            return delete_cache(client, models->iterable[i]->id);
    puts("No model has been downloaded, so there is no cache to delete.");
    return true;
}

static bool delete_in_vain(ttrpc_client *client, const char *id) {
    if (delete(client, id)) {
        client->error = (ttrpc_error){.message = "A model that was gone has been deleted again."};
        return false;
    }
    if (client->error.code == 0) return false;
    print_error(stdout, &client->error);
    return true;
}

static bool all(ttrpc_client *client, const char *unused) {
    (void)unused;
    char name[40];
    snprintf(name, sizeof name, "Made by C %d", (int)getpid());
    rows = 5;
    Models *models = get_snapshot(client);
    Model *created = models ? make_model(client, name) : NULL;
    bool ok = created && stream(client, NULL) && delete_first_cache(client, models) && unload(client, NULL) &&
              delete(client, created->id) && delete_in_vain(client, created->id);
    release(created);
    release(models);
    return ok;
}

static const struct command {
    const char *name;
    int argument_count;
    bool (*run)(ttrpc_client *client, const char *argument);
} commands[] = {
    {"snapshot", 0, snapshot}, {"stream", 0, stream},
    {"create", 1, create},     {"delete", 1, delete}, {"delete-cache", 1, delete_cache},
    {"unload", 0, unload},     {"all", 0, all},
};

static const struct command *find_command(int count, char **words) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (count == 2 + commands[i].argument_count && !strcmp(words[1], commands[i].name)) return &commands[i];
    return NULL;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--help")) return printf("%s%s", USAGE, HELP) < 0;

    char **words = argv + 1, *end = NULL;
    double timeout = 0;
    if (argc > 2 && !strcmp(words[0], "--timeout")) {
        timeout = strtod(words[1], &end);
        if (*end || !(timeout >= 1e-9 && timeout < 1e9)) words = argv + argc;
        else words += 2;
    }
    const struct command *command = find_command((int)(argv + argc - words), words);
    if (!command) {
        fprintf(stderr, "%sMore with --help.\n", USAGE);
        return 64;
    }

    ttrpc_client client;
    bool ok = ttrpc_connect(&client, words[0]);
    client.timeout_nano = (int64_t)(timeout * 1e9);
    ok = ok && command->run(&client, words[2]);
    if (!ok) print_error(stderr, &client.error);
    ttrpc_close(&client);
    return ok ? 0 : 1;
}
