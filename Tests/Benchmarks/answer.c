#include "answer.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Lists up to this length are held whole; longer ones are made while they are sent, a slice at a time.
enum { LARGEST_HELD = 2000, SLICE = 65536 };

// MARK: Choosing

static void set_answer(struct answer *answer, const char *status, const char *type, const void *body, size_t length) {
    char *head = answer->head;
    size_t size = sizeof answer->head;
    int count = type ? snprintf(head, size, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status,
                                type, length)
                     : snprintf(head, size, "HTTP/1.1 %s\r\n\r\n", status);
    answer->out[0] = (struct iovec){head, (size_t)count};
    answer->out[1] = (struct iovec){(void *)body, body ? length : 0};
}

static void set_json(struct answer *answer, const void *body, size_t length) {
    set_answer(answer, "200 OK", "application/json; charset=utf-8", body, length);
}

static void set_text(struct answer *answer, const char *status, const char *text) {
    set_answer(answer, status, "text/plain; charset=utf-8", text, strlen(text));
}

static struct body *held_body(size_t models) {
    static struct body held[8];
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        if (!held[i].text) make_body(&held[i], models);
        if (held[i].models == models) return &held[i];
    }
    errx(1, "too many lengths of lists in one run");
}

static struct body *own_body(struct answer *answer, size_t models, size_t different) {
    struct body *body = &answer->own;
    if (!body->text || body->models != models || answer->different != different) {
        free_body(body);
        make_body(body, models);
        answer->different = different;
    }
    set_serial(body, answer->serial, different);
    return body;
}

static void choose_snapshot(struct answer *answer, struct control *control) {
    size_t models = control->models;
    uint64_t serial = ++control->snapshots;
    answer->serial = control->different ? serial : 0;
    if (models > LARGEST_HELD) {
        set_json(answer, NULL, list_length(models));
        answer->slice = malloc(SLICE);
        if (!answer->slice) err(1, "malloc");
        answer->list_models = models;
        answer->list_next = 0;
    } else {
        struct body *body = answer->serial ? own_body(answer, models, control->different) : held_body(models);
        set_json(answer, body->text, body->length);
    }
}

static bool ends_with(const char *text, size_t length, const char *end) {
    return length >= strlen(end) && !memcmp(text + length - strlen(end), end, strlen(end));
}

static void choose_post(struct answer *answer, struct control *control, const char *path) {
    static const char cache[] = "{\"model\":{\"id\":\"00000000" ID_MARKER "000000000000\"}}";
    static char model[MODEL_MAX];
    static size_t model_length;
    if (!model_length) model_length = write_model(model, 0, 0);

    control->posts++;
    size_t length = strcspn(path, " \r");
    if (ends_with(path, length, "/unload") || ends_with(path, length, "/delete")) {
        set_answer(answer, "204 No Content", NULL, NULL, 0);
    } else if (ends_with(path, length, "/delete/cache")) {
        set_json(answer, cache, sizeof cache - 1);
    } else {
        set_json(answer, model, model_length);
    }
}

void choose_answer(struct answer *answer, struct control *control, const char *request) {
    static const char snapshot[] = "GET /models ", health[] = "GET /.well-known/health ", post[] = "POST ";
    if (!strncmp(request, snapshot, sizeof snapshot - 1)) {
        choose_snapshot(answer, control);
    } else if (!strncmp(request, post, sizeof post - 1)) {
        choose_post(answer, control, request + sizeof post - 1);
    } else if (!strncmp(request, health, sizeof health - 1)) {
        set_text(answer, "200 OK", "ok:7c5f8f0e-5f3a-4c1d-8e21-2f1d6f1f7a10");
    } else {
        set_text(answer, "404 Not Found", "no such path");
    }
}

// MARK: Sending

static void fill_slice(struct answer *answer) {
    char *to = answer->slice;
    if (answer->list_next == 0) to = stpcpy(to, list_head);
    while (answer->list_next < answer->list_models && to - answer->slice < SLICE - 2 * MODEL_MAX) {
        if (answer->list_next) *to++ = ',';
        to += write_model(to, answer->list_next++, answer->serial);
    }
    if (answer->list_next == answer->list_models) {
        to = stpcpy(to, list_tail);
        answer->list_next++;
    }
    answer->out[1] = (struct iovec){answer->slice, (size_t)(to - answer->slice)};
}

static void advance(struct answer *answer, size_t count) {
    for (int i = 0; i < 2; i++) {
        struct iovec *part = &answer->out[i];
        size_t taken = count < part->iov_len ? count : part->iov_len;
        part->iov_base = (char *)part->iov_base + taken;
        part->iov_len -= taken;
        count -= taken;
    }
}

enum progress send_answer(struct answer *answer, struct control *control, int fd) {
    uint64_t rate = control->bytes_per_ms, used = 0;
    for (;;) {
        if (!answer->out[0].iov_len && !answer->out[1].iov_len) {
            if (!answer->slice || answer->list_next > answer->list_models) break;
            if (rate && used >= rate) return ANSWER_PAUSED;
            fill_slice(answer);
        }
        bool head_is_sent = !answer->out[0].iov_len;
        ssize_t count = writev(fd, answer->out + head_is_sent, 2 - head_is_sent);
        if (count < 0) return ANSWER_BLOCKED;
        advance(answer, (size_t)count);
        used += (size_t)count;
        if (answer->slice) control->list_bytes += (size_t)count;
    }
    free(answer->slice);
    answer->slice = NULL;
    return ANSWER_SENT;
}

void free_answer(struct answer *answer) {
    free_body(&answer->own);
    free(answer->slice);
}
