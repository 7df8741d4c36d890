// What comes in: bytes become frames, and frames answers.

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "internal.h"

enum { SMALLEST_INPUT = 64 << 10, LARGEST_TURN = 16 << 20 };

#define NO_GATEWAY "The other end of %s is no gateway: it sent "

static void take_response(models_call *call, mc_reader data) {
    mc_reader payload;
    models_error *error = mc_read_response(&call->allocator, data, &payload);
    if (!error && call->method->is_stream)
        error = mc_call_error(call, MODELS_INTERNAL, "", "The gateway ended a stream with an answer that is no error.");
    else if (!error && !mc_add_part(call, payload))
        error = mc_out_of_memory();
    mc_end(call, error);
}

static void take_data(models_call *call, uint8_t flags, mc_reader data) {
    // Of a method that is not known here, this is how it is learnt.
    call->other.is_stream = true;
    if (!call->method->is_stream)
        mc_abandon(call, mc_call_error(call, MODELS_INTERNAL, "", "The gateway answered %s with a stream.",
                                       call->method->name));
    else if (!(flags & MC_NO_DATA) && !mc_add_part(call, data))
        mc_abandon(call, mc_call_error(call, MODELS_RESOURCE_EXHAUSTED, "",
                                       "More of the stream has come than there is room for: take its parts sooner."));
    else if (flags & MC_REMOTE_CLOSED) mc_end(call, NULL);
    else if (call->done) mc_mark_ready(call);
}

static models_error *take_frame(models_client *client, const uint8_t *header, mc_reader data) {
    uint32_t stream_id = mc_read_u32(header + 4);
    uint8_t type = header[8], flags = header[9];
    if (type != MC_RESPONSE && type != MC_DATA)
        return mc_unavailable(client, NO_GATEWAY "a frame of type %d.", client->name, type);
    if (stream_id % 2 == 0 || stream_id >= client->next_stream_id)
        return mc_unavailable(client, NO_GATEWAY "a frame for stream %u, which there is not.", client->name, stream_id);
    if (type == MC_DATA && (flags & MC_NO_DATA) && data.next != data.end)
        return mc_unavailable(client, NO_GATEWAY "data in a frame that says it has none.", client->name);
    // The answer to a cancel, or one that comes too late, is nobody's.
    models_call *call = mc_find_call(client, stream_id);
    if (!call) return NULL;
    call->was_answered = true;
    if (type == MC_RESPONSE) take_response(call, data);
    else take_data(call, flags, data);
    return NULL;
}

// Room for the rest of the frame that has begun, or for some small ones.
static bool make_room(models_client *client) {
    size_t have = client->input_end - client->input_start, need = SMALLEST_INPUT;
    if (have >= MC_HEADER_LENGTH) {
        size_t frame = MC_HEADER_LENGTH + mc_read_u32(client->input + client->input_start);
        if (frame > need) need = frame;
    }
    if (have > 0 && client->input_start > 0) memmove(client->input, client->input + client->input_start, have);
    client->input_start = 0;
    client->input_end = have;
    // What one large frame has needed is given back after it.
    if (client->input_capacity >= need && (have > 0 || client->input_capacity == need)) return true;
    uint8_t *larger = mc_allocate(&client->allocator, need);
    if (!larger) return false;
    if (have > 0) memcpy(larger, client->input, have);
    mc_release(&client->allocator, client->input);
    client->input = larger;
    client->input_capacity = need;
    return true;
}

static models_error *take_frames(models_client *client) {
    while (client->input_end - client->input_start >= MC_HEADER_LENGTH) {
        const uint8_t *header = client->input + client->input_start, *data = header + MC_HEADER_LENGTH;
        uint32_t length = mc_read_u32(header);
        if (length > MC_LARGEST_DATA)
            return mc_unavailable(client, NO_GATEWAY "a frame of %u bytes, and %d are allowed.", client->name, length,
                                  MC_LARGEST_DATA);
        if (client->input_end - client->input_start < MC_HEADER_LENGTH + length) return NULL;
        models_error *problem = take_frame(client, header, (mc_reader){data, data + length});
        if (problem) return problem;
        client->input_start += MC_HEADER_LENGTH + length;
    }
    return NULL;
}

// What the socket has is in the buffer: false when the connection is over, which then has been seen to.
static bool read_more(models_client *client, size_t *count) {
    if (!make_room(client)) {
        mc_disconnect(client, false, mc_out_of_memory());
        return false;
    }
    ssize_t got;
    do got = recv(client->socket, client->input + client->input_end, client->input_capacity - client->input_end,
                  MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    *count = got > 0 ? (size_t)got : 0;
    if (got > 0) client->was_answered = true;
    if (got > 0 || (got < 0 && errno == EAGAIN)) return true;
    mc_disconnect(client, true, mc_lost(client, got < 0 ? errno : 0));
    return false;
}

void mc_receive(models_client *client) {
    size_t count, turn = 0;
    bool is_full;
    // A gateway that sends without end does not keep this from looking at deadlines. It is more than a socket holds.
    do {
        if (!read_more(client, &count)) return;
        client->input_end += count;
        turn += count;
        is_full = client->input_end == client->input_capacity;
        models_error *problem = take_frames(client);
        if (problem) {
            mc_disconnect(client, false, problem);
            return;
        }
    } while (is_full && turn < LARGEST_TURN);
}
