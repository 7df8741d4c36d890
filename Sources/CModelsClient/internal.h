// What the files of this library share. Names begin with mc_, which is kept out of both libraries.
//
// A call is made by begin.c, goes out and comes back through connection.c and frames.c, and is told about by process.c
// (a loop's) or blocking.c.
#ifndef MC_INTERNAL_H
#define MC_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "models_client.h"

// --- Memory: everything comes from the client's allocator, which each block that outlives the client remembers.

ProtobufCAllocator mc_allocator(const ProtobufCAllocator *given);
void *mc_allocate(const ProtobufCAllocator *allocator, size_t size);
void mc_release(const ProtobufCAllocator *allocator, void *block);
char *mc_copy_text(const ProtobufCAllocator *allocator, const char *text);
// NULL with an error that says why.
ProtobufCMessage *mc_unpack(const ProtobufCAllocator *allocator, const ProtobufCMessageDescriptor *type, size_t length,
                            const uint8_t *bytes, models_error **error);

// --- Errors

// Text that need not end with a NUL.
typedef struct {
    const char *start;
    size_t length;
} mc_text;

mc_text mc_text_of(const char *text);

enum { MC_LARGEST_METADATA = 16 };

// What an error is made of.
typedef struct {
    models_code code;
    bool was_sent;
    mc_text message, reason;
    size_t pair_count;
    mc_text keys[MC_LARGEST_METADATA], values[MC_LARGEST_METADATA];
} mc_error_parts;

// Never NULL: without memory it is an error that says so.
models_error *mc_make_error(const ProtobufCAllocator *allocator, const mc_error_parts *parts);
models_error *mc_copy_error(const ProtobufCAllocator *allocator, const models_error *error);
__attribute__((format(printf, 4, 5))) models_error *mc_error(const ProtobufCAllocator *allocator, models_code code,
                                                             const char *reason, const char *format, ...);
// The two of most errors here.
#define mc_unavailable(client, ...) mc_error(&(client)->allocator, MODELS_UNAVAILABLE, "", __VA_ARGS__)
#define mc_invalid(allocator, ...) mc_error(allocator, MODELS_INVALID_ARGUMENT, "", __VA_ARGS__)
models_error *mc_out_of_memory(void);
// Hands the error over, or frees it where nobody wants it.
void mc_give_error(models_error **receiver, models_error *error);

// --- The wire (wire.c): protobuf by hand, as far as the envelopes need it.

enum { MC_HEADER_LENGTH = 10, MC_LARGEST_DATA = 4 << 20 };
enum { MC_REQUEST = 1, MC_RESPONSE = 2, MC_DATA = 3 };
enum { MC_REMOTE_CLOSED = 1, MC_NO_DATA = 4 };

typedef struct {
    const uint8_t *next, *end;
} mc_reader;

typedef struct {
    uint32_t number;
    // 0 a varint, 2 bytes; others are skipped.
    uint8_t type;
    uint64_t value;
    mc_reader bytes;
} mc_field;

// The next field: 1; at the end 0; -1 when it is not protobuf.
int mc_read_field(mc_reader *reader, mc_field *field);

// Counts what it would write while `next` is NULL.
typedef struct {
    uint8_t *next;
    size_t length;
} mc_writer;

void mc_write_varint(mc_writer *writer, uint32_t number, uint64_t value);
void mc_write_bytes(mc_writer *writer, uint32_t number, const void *bytes, size_t length);
void mc_write_tag(mc_writer *writer, uint32_t number, size_t length);

uint32_t mc_read_u32(const uint8_t *bytes);
void mc_write_u32(uint8_t *bytes, uint32_t value);

// A response's payload; or an error, which is what the gateway says or that it is no ttrpc.Response.
models_error *mc_read_response(const ProtobufCAllocator *allocator, mc_reader data, mc_reader *payload);

// --- Methods

typedef struct {
    const char *name, *service;
    // NULL: the request may be any message.
    const ProtobufCMessageDescriptor *request, *answer;
    bool is_stream;
    // Asking twice changes nothing.
    bool is_snapshot;
} mc_method;

// By its name, or by its name in full.
const mc_method *mc_find_method(const char *name);
// One that is not known here, by its name in full, whose copy is `text`.
mc_method mc_other_method(char *text);

// --- A client's way of being woken by another thread. Its calls hold it too, for a cancel may come after the client.

typedef struct {
    ProtobufCAllocator allocator;
    atomic_uint references;
    pid_t process;
    int descriptor;
} mc_wake;

mc_wake *mc_make_wake(const ProtobufCAllocator *allocator);
void mc_hold_wake(mc_wake *wake);
void mc_drop_wake(mc_wake *wake);
void mc_ring(mc_wake *wake);
void mc_silence(mc_wake *wake);

// --- Frames that go out

typedef struct mc_frame {
    struct mc_frame *previous, *next;
    // NULL: nobody waits for it (it is a Cancel, or its call is over).
    models_call *call;
    size_t length, written;
    uint8_t bytes[];
} mc_frame;

mc_frame *mc_make_request(const ProtobufCAllocator *allocator, const mc_method *method, const ProtobufCMessage *message,
                          int64_t timeout_ms, const char *const *metadata, models_error **error);
mc_frame *mc_make_cancel(const ProtobufCAllocator *allocator, uint32_t cancelled_id);

// --- Calls

// A message that has arrived and was not handed out yet.
typedef struct mc_part {
    struct mc_part *next;
    size_t length;
    uint8_t bytes[];
} mc_part;

struct models_call {
    ProtobufCAllocator allocator;
    // NULL once the client is freed.
    models_client *client;
    mc_wake *wake;
    const mc_method *method;
    // Where `method` leads when it is not known here, and its texts.
    mc_method other;
    char *other_text;
    // NULL for the calls that wait.
    models_done *done;
    void *context;
    // In milliseconds of the monotonic clock.
    int64_t deadline;
    atomic_bool is_cancelled;

    // 0: waits for a connection.
    uint32_t stream_id;
    // Until it is written; a snapshot's as long as it may be asked again. `is_queued`: it belongs to the write queue.
    mc_frame *request;
    bool is_queued;
    // Some of the request has gone out.
    bool was_sent;
    // The deadline has been put off for the gateway's own answer to it.
    bool has_grace;
    // An answer, or a part of one, has been seen.
    bool was_answered;
    // How often nothing of it had gone out when the connection was lost, and whether a snapshot has been asked again.
    uint8_t resends;
    bool was_repeated;

    mc_part *first_part, *last_part;
    bool has_ended;
    // Why it ended; NULL when all is well.
    models_error *error;
    // The end has been handed out.
    bool was_told;
    bool is_ready, is_freed;
    // How many `done` of it are running: freeing the client in one brings another.
    uint8_t being_told;

    models_call *previous, *next;
    models_call *next_of_bucket;
    models_call *next_ready;
};

enum { MC_BUCKETS = 256 };

struct models_client {
    ProtobufCAllocator allocator;
    // NULL when a descriptor was handed over.
    char *path;
    // What a message calls the other end.
    const char *name;
    bool is_default_path;
    int64_t timeout_ms;
    // Which process and which thread (0: none) is in here, and how deep.
    pid_t process;
    atomic_uintptr_t thread;
    unsigned depth;
    bool is_freed;

    int epoll, socket;
    // Something has come over this connection.
    bool was_answered;
    bool wants_to_write;
    mc_wake *wake;
    // When to try to connect again, until when that is worth it, and why it is needed (an errno).
    int64_t retry_at, retry_until;
    int retry_reason;

    uint8_t *input;
    size_t input_start, input_end, input_capacity;
    mc_frame *first_frame, *last_frame;

    uint32_t next_stream_id;
    // All that are not freed, in the order of their beginning.
    models_call *first_call, *last_call;
    models_call *buckets[MC_BUCKETS];
    // Of calls: without an id yet; with one and no end.
    size_t waiting, in_flight;
    // No deadline is earlier.
    int64_t earliest_deadline;
    // Bytes of parts that nobody has taken yet.
    size_t unread;
    models_call *first_ready, *last_ready;
    // What models_client_process has to tell.
    models_error *loss;
};

int64_t mc_now(void);

// Doors: false with an error where the caller must not come in. Each that was entered is left.
bool mc_enter(models_client *client, models_error **error);
void mc_leave(models_client *client);
void mc_forget_loss(models_client *client);

models_call *mc_begin(models_client *client, const char *method, const ProtobufCMessage *request,
                      const models_call_options *options, models_done *done, void *context, models_error **error);
models_call *mc_find_call(models_client *client, uint32_t stream_id);
// Ends a call; `error` (NULL: all is well) is the call's from then on.
void mc_end(models_call *call, models_error *error);
// Ends it on this side, and tells the gateway.
void mc_abandon(models_call *call, models_error *error);
// An error with what is known of the call.
models_error *mc_call_error(const models_call *call, models_code code, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool mc_add_part(models_call *call, mc_reader payload);
// The next message, or NULL: with an error when it cannot be understood. There has to be a part.
ProtobufCMessage *mc_take_part(models_call *call, models_error **error);
void mc_drop_parts(models_call *call);
void mc_mark_ready(models_call *call);
void mc_unlink_ready(models_call *call);
// A cancel from whatever thread ends the call, unless its answer is there already.
void mc_heed_cancel(models_call *call);
// Its end is another one.
void mc_change_end(models_call *call, models_error *error);
void mc_release_call(models_call *call);
// Puts the deadline off for the gateway's own answer to it.
void mc_put_off(models_call *call);
// Into, and out of, those that have a stream id.
void mc_file(models_call *call);
void mc_forget_stream(models_call *call);

// Waits at most so long for something to happen (-1: for ever), and sees to it.
void mc_step(models_client *client, int wait_ms);
// How long until something has to be done even when nothing happens.
int mc_wait(const models_client *client);
// Calls `done` for what has happened until now.
void mc_tell(models_client *client);

// --- The connection

// What the epoll says.
enum { MC_WAKE, MC_SOCKET };

bool mc_open_epoll(models_client *client);
bool mc_watch(models_client *client, int descriptor);
// The number, or one that is none of the three standard ones. The other is closed.
int mc_above_standard(int descriptor);
// Connects if need be, gives waiting calls their ids, and writes what can be written.
void mc_pump(models_client *client);
void mc_receive(models_client *client);
// Ends the calls in flight, but those that may be sent again, if that is worth it.
void mc_disconnect(models_client *client, bool may_resend, models_error *why);
void mc_close_socket(models_client *client);
// Why; `reason` is an errno, or 0 when the gateway has closed it.
models_error *mc_lost(const models_client *client, int reason);
// Tries to connect. Whom it fails is told.
void mc_connect(models_client *client);
bool mc_watch_writing(models_client *client, bool is_wanted);

// --- The write queue

// Gives the frame the next stream id.
uint32_t mc_queue(models_client *client, mc_frame *frame);
void mc_unqueue(models_client *client, mc_frame *frame);
void mc_drop_frames(models_client *client);
// 0, or an errno that ends the connection.
int mc_write_frames(models_client *client);

// --- Where the gateway is

// NULL with an error.
char *mc_default_path(const ProtobufCAllocator *allocator, models_error **error);
models_error *mc_cannot_connect(const models_client *client, int reason);
// Why a gateway of another user may have closed the connection at once; NULL when it is this one's, or nobody's.
models_error *mc_turned_away(const models_client *client);

#endif
