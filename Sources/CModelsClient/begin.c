// A call begins: what cannot be sent is refused here, and the rest waits for a connection.

#include <string.h>

#include "internal.h"

static models_error *check_options(const models_client *client, const models_call_options *options) {
    if (options->struct_size < sizeof *options)
        return mc_invalid(&client->allocator,
                          "models_call_options.struct_size is %zu: begin with MODELS_CALL_OPTIONS_INIT.",
                          options->struct_size);
    size_t count = 0;
    while (options->metadata && options->metadata[count]) count++;
    if (count % 2 == 0) return NULL;
    return mc_invalid(&client->allocator, "The metadata '%.100s' has no value.", options->metadata[count - 1]);
}

static models_error *check_request(const models_client *client, const mc_method *method,
                                   const ProtobufCMessage *request) {
    if (!request) return NULL;
    bool is_bytes = request->descriptor == &pieces__models__v1__empty__descriptor;
    if (is_bytes || (request->descriptor && !method->request) || request->descriptor == method->request) return NULL;
    if (!request->descriptor)
        return mc_invalid(&client->allocator,
                          "The request of %s was not initialised: begin with the __INIT of its type.", method->name);
    return mc_invalid(&client->allocator, "The request of %s is a %s, not a %s.", method->name,
                      request->descriptor->name, method->request->name);
}

static void link_call(models_client *client, models_call *call) {
    call->client = client;
    call->previous = client->last_call;
    if (client->last_call) client->last_call->next = call;
    else client->first_call = call;
    client->last_call = call;
    client->waiting++;
}

static void set_deadline(models_call *call, int64_t timeout_ms) {
    models_client *client = call->client;
    int64_t now = mc_now(), earliest = INT64_MAX;
    if (timeout_ms >= 0 && timeout_ms < INT64_MAX / 2 - now) earliest = now + timeout_ms;
    // The clock has been rounded down, so that is up to a millisecond early. A loop is not told to wait longer, though.
    call->deadline = earliest == INT64_MAX ? INT64_MAX : earliest + 1;
    if (earliest < client->earliest_deadline) client->earliest_deadline = earliest;
}

// `other_text` is the call's from then on, if the method is one that is not known here.
static models_call *make_call(models_client *client, const mc_method *method, char *other_text, mc_frame *frame) {
    models_call *call = mc_allocate(&client->allocator, sizeof *call);
    if (!call) return NULL;
    *call = (models_call){.allocator = client->allocator, .wake = client->wake, .method = method, .request = frame};
    if (other_text) {
        call->other = *method;
        call->other_text = other_text;
        call->method = &call->other;
    }
    mc_hold_wake(call->wake);
    frame->call = call;
    link_call(client, call);
    return call;
}

models_call *mc_begin(models_client *client, const char *name, const ProtobufCMessage *request,
                      const models_call_options *options, models_done *done, void *context, models_error **error) {
    static const models_call_options defaults = MODELS_CALL_OPTIONS_INIT;
    if (!options) options = &defaults;
    mc_method other;
    const mc_method *method = mc_find_method(name);
    char *text = !method && name && strchr(name, '/') ? mc_copy_text(&client->allocator, name) : NULL;
    if (text) {
        other = mc_other_method(text);
        method = &other;
    }
    models_error *problem = check_options(client, options);
    if (!problem && !method)
        problem = mc_error(&client->allocator, MODELS_UNIMPLEMENTED, "UNKNOWN_METHOD", "There is no method '%.100s'.",
                           name ? name : "(null)");
    if (!problem && client->is_freed)
        problem = mc_error(&client->allocator, MODELS_FAILED_PRECONDITION, "", "The client is being freed.");
    if (!problem) problem = check_request(client, method, request);

    int64_t timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : client->timeout_ms;
    mc_frame *frame = NULL;
    if (!problem)
        frame = mc_make_request(&client->allocator, method, request, timeout_ms, options->metadata, &problem);
    models_call *call = frame ? make_call(client, method, text, frame) : NULL;
    if (!call) {
        mc_release(&client->allocator, text);
        mc_release(&client->allocator, frame);
        mc_give_error(error, problem ? problem : mc_out_of_memory());
        return NULL;
    }
    call->done = done;
    call->context = context;
    set_deadline(call, timeout_ms);
    mc_pump(client);
    return call;
}

models_call *models_begin(models_client *client, const char *method, const ProtobufCMessage *request,
                          const models_call_options *options, models_done *done, void *context, models_error **error) {
    if (!mc_enter(client, error)) return NULL;
    models_call *call = NULL;
    if (done) call = mc_begin(client, method, request, options, done, context, error);
    else mc_give_error(error, mc_invalid(&client->allocator, "A call needs a `done`."));
    mc_leave(client);
    return call;
}
