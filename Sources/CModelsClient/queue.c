// The write queue: frames in the order of their stream ids, written as the socket takes them.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "internal.h"

enum { LARGEST_BATCH = 64 };

uint32_t mc_queue(models_client *client, mc_frame *frame) {
    uint32_t stream_id = client->next_stream_id;
    client->next_stream_id += 2;
    mc_write_u32(frame->bytes + 4, stream_id);
    frame->next = NULL;
    frame->previous = client->last_frame;
    if (client->last_frame) client->last_frame->next = frame;
    else client->first_frame = frame;
    client->last_frame = frame;
    if (frame->call) frame->call->is_queued = true;
    return stream_id;
}

void mc_unqueue(models_client *client, mc_frame *frame) {
    if (frame->previous) frame->previous->next = frame->next;
    else client->first_frame = frame->next;
    if (frame->next) frame->next->previous = frame->previous;
    else client->last_frame = frame->previous;
    if (frame->call) frame->call->is_queued = false;
}

void mc_drop_frames(models_client *client) {
    for (mc_frame *frame; (frame = client->first_frame);) {
        mc_unqueue(client, frame);
        if (!frame->call) mc_release(&client->allocator, frame);
    }
}

static void finish(models_client *client, mc_frame *frame) {
    models_call *call = frame->call;
    mc_unqueue(client, frame);
    if (call && !call->has_grace) mc_put_off(call);
    // A snapshot may be asked once more.
    if (call && call->method->is_snapshot && !call->was_repeated) return;
    if (call) call->request = NULL;
    mc_release(&client->allocator, frame);
}

static void take_written(models_client *client, size_t count) {
    while (count > 0) {
        mc_frame *frame = client->first_frame;
        size_t left = frame->length - frame->written, part = left < count ? left : count;
        frame->written += part;
        count -= part;
        if (frame->call) frame->call->was_sent = true;
        if (part == left) finish(client, frame);
    }
}

static ssize_t write_some(models_client *client) {
    struct iovec pieces[LARGEST_BATCH];
    struct msghdr message = {.msg_iov = pieces};
    for (mc_frame *frame = client->first_frame; frame && message.msg_iovlen < LARGEST_BATCH; frame = frame->next)
        pieces[message.msg_iovlen++] = (struct iovec){frame->bytes + frame->written, frame->length - frame->written};
    // Without MSG_NOSIGNAL a gateway that has gone would end this process with SIGPIPE. MSG_DONTWAIT, because a
    // descriptor that was handed over may have its flags in common with others.
    return sendmsg(client->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int mc_write_frames(models_client *client) {
    while (client->first_frame) {
        ssize_t written = write_some(client);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno != EAGAIN) return errno;
        if (written < 0) return mc_watch_writing(client, true) ? 0 : errno;
        take_written(client, (size_t)written);
    }
    return mc_watch_writing(client, false) ? 0 : errno;
}
