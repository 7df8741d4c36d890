// What the tests of the C client share: checks, and a gateway that does what a test tells it.
#ifndef TEST_H
#define TEST_H

#include <models_client.h>
#include <stdbool.h>
#include <stdint.h>

// --- Checks. A failed one ends its test.

void check_failed(const char *file, int line, const char *what);
#define CHECK(condition) \
    do { \
        if (!(condition)) check_failed(__FILE__, __LINE__, #condition); \
    } while (0)
#define CHECK_TEXT(text, part) check_text(__FILE__, __LINE__, text, part)
void check_text(const char *file, int line, const char *text, const char *part);

typedef struct {
    const char *name;
    void (*run)(void);
} test;

// Runs those whose name has `only` (NULL: all) in it; the last line is 'N passed, N failed'.
int run_tests(const test *tests, size_t count, const char *only);

// A directory for this test, and a path in it.
const char *path_of(const char *name);
// Ends a process that was forked as another program does, for it need not free what its parent has.
__attribute__((noreturn)) void end_child(bool is_good);
int64_t now_ms(void);

// --- A gateway that is told what to do

typedef struct {
    uint32_t id;
    uint8_t type, flags;
    char service[64], method[64];
    int64_t timeout_nano;
    // "key=value;" for each.
    char metadata[256];
    uint8_t payload[256];
    size_t payload_length;
    size_t length;
} request;

int fake_listen(const char *path);
int fake_accept(int listener);
// Waits for a request: false at the end of the connection.
bool fake_read(int peer, request *request);
void fake_send(int peer, uint8_t type, uint8_t flags, uint32_t id, const void *data, size_t length);
void fake_respond(int peer, uint32_t id, const ProtobufCMessage *payload);
void fake_part(int peer, uint32_t id, const char *name);
void fake_end(int peer, uint32_t id);
// `pairs` is key, value, ..., NULL.
void fake_fail(int peer, uint32_t id, int code, const char *message, const char *reason, const char *const *pairs);
// Reads and answers one call: a snapshot of one model that is named so.
uint32_t fake_snapshot(int peer, const char *name);
// True if nothing comes within so long.
bool is_quiet(int peer, int ms);

// Runs a gateway beside the test; join_fake waits for its end.
void start_fake(void (*run)(void *), void *argument);
void join_fake(void);

// --- A client whose other end is `peer`

models_client *make_pair(int *peer);
models_client *client_of(const char *path);

// What `done` was told.
typedef struct {
    int messages, ends, errors;
    models_code code;
    bool was_sent;
    char text[512], name[64], reason[64];
    // Of any message that is not freed here, for it is kept.
    ProtobufCMessage *kept;
    bool keeps;
} outcome;

void take(models_call *call, ProtobufCMessage *message, const models_error *error, void *context);
models_call *begin(models_client *client, const char *method, outcome *outcome);
bool is_over(const outcome *outcome);
// The contract of an event loop, until it is over. What the last process has returned.
int turn_until_over(models_client *client, const outcome *outcome);
// One turn that waits for something to happen.
int turn(models_client *client);

// Takes an error's words and frees it.
typedef struct {
    models_code code;
    bool was_sent;
    char message[1100], reason[64], operation[64], request_sent[8];
} words;
words words_of(models_error *error);

extern const test call_tests[], loop_tests[], loss_tests[], life_tests[], hostile_tests[], path_tests[], thread_tests[],
    id_tests[], daemon_tests[];
extern const size_t call_test_count, loop_test_count, loss_test_count, life_test_count, hostile_test_count,
    path_test_count, thread_test_count, id_test_count, daemon_test_count;
#define TESTS(name) \
    const size_t name##_test_count = sizeof name##_tests / sizeof name##_tests[0]

#endif
