#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "containerd/ttrpc/ttrpc.pb-c.h"
#include "google/rpc/error_details.pb-c.h"

static jmp_buf test_end;
static bool has_failed;
static char directory[64];

void check_failed(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    has_failed = true;
    longjmp(test_end, 1);
}

void check_text(const char *file, int line, const char *text, const char *part) {
    if (text && strstr(text, part)) return;
    fprintf(stderr, "'%s' has no '%s'\n", text ? text : "(null)", part);
    check_failed(file, line, "text");
}

static void remove_directory(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    if (system(command) != 0) perror(command);
}

static bool run_test(const test *test) {
    has_failed = false;
    strcpy(directory, "/tmp/models-client-XXXXXX");
    if (!mkdtemp(directory)) perror("mkdtemp");
    if (!setjmp(test_end)) test->run();
    remove_directory();
    printf("%s: %s\n", has_failed ? "FAILED" : "ok", test->name);
    fflush(stdout);
    return !has_failed;
}

int run_tests(const test *tests, size_t count, const char *only) {
    int passed = 0, failed = 0;
    for (size_t i = 0; i < count; i++)
        if (!only || strstr(tests[i].name, only)) *(run_test(&tests[i]) ? &passed : &failed) += 1;
    printf("%d passed, %d failed\n", passed, failed);
    fflush(stdout);
    return failed > 0 || passed == 0;
}

const char *path_of(const char *name) {
    static char path[4][200];
    static int next;
    char *result = path[next++ % 4];
    snprintf(result, sizeof path[0], "%s/%s", directory, name);
    return result;
}

void end_child(bool is_good) {
    execl(is_good ? "/bin/true" : "/bin/false", "end", (char *)NULL);
    abort();
}

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// --- The gateway

int fake_listen(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 16) == 0);
    return listener;
}

int fake_accept(int listener) {
    return accept(listener, NULL, NULL);
}

static bool read_all(int peer, void *bytes, size_t length) {
    return length == 0 || recv(peer, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

static uint32_t number(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool fake_read(int peer, request *request) {
    uint8_t header[10];
    memset(request, 0, sizeof *request);
    if (!read_all(peer, header, sizeof header)) return false;
    request->length = number(header);
    request->id = number(header + 4);
    request->type = header[8];
    request->flags = header[9];
    uint8_t *data = malloc(request->length + 1);
    bool is_whole = read_all(peer, data, request->length);
    Ttrpc__Request *envelope = is_whole ? ttrpc__request__unpack(NULL, request->length, data) : NULL;
    if (envelope) {
        snprintf(request->service, sizeof request->service, "%s", envelope->service);
        snprintf(request->method, sizeof request->method, "%s", envelope->method);
        request->timeout_nano = envelope->timeout_nano;
        request->payload_length = envelope->payload.len;
        if (envelope->payload.len <= sizeof request->payload && envelope->payload.len > 0)
            memcpy(request->payload, envelope->payload.data, envelope->payload.len);
        for (size_t i = 0; i < envelope->n_metadata; i++)
            snprintf(request->metadata + strlen(request->metadata), 100, "%s=%s;", envelope->metadata[i]->key,
                     envelope->metadata[i]->value);
        ttrpc__request__free_unpacked(envelope, NULL);
    }
    free(data);
    return envelope != NULL;
}

static void send_all(int peer, const void *bytes, size_t length) {
    const char *next = bytes;
    while (length > 0) {
        ssize_t sent = send(peer, next, length, MSG_NOSIGNAL);
        if (sent <= 0) return;
        next += sent;
        length -= (size_t)sent;
    }
}

void fake_send(int peer, uint8_t type, uint8_t flags, uint32_t id, const void *data, size_t length) {
    uint8_t header[10] = {(uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length,
                          (uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id, type, flags};
    send_all(peer, header, sizeof header);
    send_all(peer, data, length);
}

static void send_response(int peer, uint32_t id, const Ttrpc__Response *response) {
    size_t length = ttrpc__response__get_packed_size(response);
    uint8_t *bytes = malloc(length + 1);
    ttrpc__response__pack(response, bytes);
    fake_send(peer, 2, 0, id, bytes, length);
    free(bytes);
}

void fake_respond(int peer, uint32_t id, const ProtobufCMessage *payload) {
    Ttrpc__Response response = TTRPC__RESPONSE__INIT;
    uint8_t bytes[1024];
    if (payload) response.payload = (ProtobufCBinaryData){protobuf_c_message_pack(payload, bytes), bytes};
    send_response(peer, id, &response);
}

static void with_model(const char *name, void (*use)(int, uint32_t, const ProtobufCMessage *), int peer, uint32_t id) {
    models_model model = PIECES__MODELS__V1__MODEL__INIT, *models[] = {&model};
    models_list list = PIECES__MODELS__V1__MODELS__INIT;
    model.name = (char *)name;
    list.n_iterable = 1;
    list.iterable = models;
    use(peer, id, &list.base);
}

static void send_data(int peer, uint32_t id, const ProtobufCMessage *message) {
    uint8_t bytes[1024];
    fake_send(peer, 3, 0, id, bytes, protobuf_c_message_pack(message, bytes));
}

void fake_part(int peer, uint32_t id, const char *name) {
    with_model(name, send_data, peer, id);
}

void fake_end(int peer, uint32_t id) {
    fake_send(peer, 3, 5, id, NULL, 0);
}

uint32_t fake_snapshot(int peer, const char *name) {
    request request;
    if (!fake_read(peer, &request)) return 0;
    with_model(name, fake_respond, peer, request.id);
    return request.id;
}

void fake_fail(int peer, uint32_t id, int code, const char *message, const char *reason, const char *const *pairs) {
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry entries[8], *entry_list[8];
    info.reason = (char *)reason;
    info.domain = (char *)"models-gateway";
    info.metadata = entry_list;
    for (; pairs && *pairs; pairs += 2) {
        Google__Rpc__ErrorInfo__MetadataEntry *entry = &entries[info.n_metadata];
        google__rpc__error_info__metadata_entry__init(entry);
        entry->key = (char *)pairs[0];
        entry->value = (char *)pairs[1];
        entry_list[info.n_metadata++] = entry;
    }
    uint8_t bytes[1024];
    Google__Protobuf__Any detail = GOOGLE__PROTOBUF__ANY__INIT, *details[] = {&detail};
    detail.type_url = (char *)"type.googleapis.com/google.rpc.ErrorInfo";
    detail.value = (ProtobufCBinaryData){google__rpc__error_info__pack(&info, bytes), bytes};
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    status.code = code;
    status.message = (char *)message;
    status.n_details = 1;
    status.details = details;
    Ttrpc__Response response = TTRPC__RESPONSE__INIT;
    response.status = &status;
    send_response(peer, id, &response);
}

bool is_quiet(int peer, int ms) {
    return poll(&(struct pollfd){.fd = peer, .events = POLLIN}, 1, ms) == 0;
}

static pthread_t fake_thread;
static struct {
    void (*run)(void *);
    void *argument;
} fake;

static void *run_fake(void *unused) {
    (void)unused;
    fake.run(fake.argument);
    return NULL;
}

void start_fake(void (*run)(void *), void *argument) {
    fake.run = run;
    fake.argument = argument;
    CHECK(pthread_create(&fake_thread, NULL, run_fake, NULL) == 0);
}

void join_fake(void) {
    pthread_join(fake_thread, NULL);
}

// --- The client

models_client *client_of(const char *path) {
    models_options options = MODELS_OPTIONS_INIT;
    options.path = path;
    models_client *client = models_client_new(&options, NULL);
    CHECK(client);
    return client;
}

models_client *make_pair(int *peer) {
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    models_options options = MODELS_OPTIONS_INIT;
    options.descriptor = ends[0];
    models_client *client = models_client_new(&options, NULL);
    CHECK(client);
    *peer = ends[1];
    return client;
}

void take(models_call *call, ProtobufCMessage *message, const models_error *error, void *context) {
    outcome *outcome = context;
    (void)call;
    if (message) {
        outcome->messages++;
        if (message->descriptor == &pieces__models__v1__models__descriptor && ((models_list *)message)->n_iterable > 0)
            snprintf(outcome->name, sizeof outcome->name, "%s", ((models_list *)message)->iterable[0]->name);
        if (outcome->keeps) outcome->kept = message;
        else models_free(message);
    } else if (error) {
        outcome->errors++;
        outcome->code = models_error_code(error);
        outcome->was_sent = models_error_was_sent(error);
        snprintf(outcome->text, sizeof outcome->text, "%s", models_error_message(error));
        snprintf(outcome->reason, sizeof outcome->reason, "%s", models_error_reason(error));
    } else {
        outcome->ends++;
    }
}

models_call *begin(models_client *client, const char *method, outcome *outcome) {
    models_call *call = models_begin(client, method, NULL, NULL, take, outcome, NULL);
    CHECK(call);
    return call;
}

bool is_over(const outcome *outcome) {
    return outcome->messages + outcome->errors + outcome->ends > 0;
}

int turn(models_client *client) {
    struct pollfd watched = {.fd = models_client_get_descriptor(client), .events = models_client_get_events(client)};
    // Nothing here takes ten seconds, so a turn that would is one that nobody ends.
    int wait = models_client_get_timeout(client);
    CHECK(poll(&watched, 1, wait < 0 || wait > 10000 ? 10000 : wait) > 0 || (wait >= 0 && wait <= 10000));
    return models_client_process(client, NULL);
}

int turn_until_over(models_client *client, const outcome *outcome) {
    int result = 0;
    while (!is_over(outcome)) result = turn(client);
    return result;
}

words words_of(models_error *error) {
    words words = {.code = models_error_code(error), .was_sent = models_error_was_sent(error)};
    const char *operation = models_error_metadata(error, "operation");
    const char *sent = models_error_metadata(error, "request_sent");
    CHECK(error);
    snprintf(words.message, sizeof words.message, "%s", models_error_message(error));
    snprintf(words.reason, sizeof words.reason, "%s", models_error_reason(error));
    snprintf(words.operation, sizeof words.operation, "%s", operation ? operation : "");
    snprintf(words.request_sent, sizeof words.request_sent, "%s", sent ? sent : "");
    models_error_free(error);
    return words;
}

int main(int argc, char **argv) {
    struct {
        const char *name;
        const test *tests;
        size_t count;
    } const suites[] = {
        {"calls", call_tests, call_test_count},    {"loop", loop_tests, loop_test_count},
        {"loss", loss_tests, loss_test_count},     {"life", life_tests, life_test_count},
        {"hostile", hostile_tests, hostile_test_count}, {"paths", path_tests, path_test_count},
        {"threads", thread_tests, thread_test_count}, {"ids", id_tests, id_test_count},
        {"daemon", daemon_tests, daemon_test_count},
    };
    for (size_t i = 0; argc > 1 && i < sizeof suites / sizeof suites[0]; i++)
        if (!strcmp(argv[1], suites[i].name)) return run_tests(suites[i].tests, suites[i].count, argv[2]);
    fprintf(stderr, "usage: client-tests SUITE [PART-OF-A-NAME]\n");
    return 64;
}
