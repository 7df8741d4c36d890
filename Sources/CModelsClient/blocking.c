// The calls that wait: turns of the same loop until there is something to hand out.

#include "internal.h"

static void wait_for_part(models_call *call) {
    while (!call->first_part && !call->has_ended) mc_step(call->client, mc_wait(call->client));
}

// A loss that no other call has noticed is over with this one.
static void leave(models_client *client) {
    if (!client->first_ready) mc_forget_loss(client);
    mc_leave(client);
}

static void *answer(models_client *client, const char *method, const ProtobufCMessage *request,
                    const models_call_options *options, models_error **error) {
    if (!mc_enter(client, error)) return NULL;
    ProtobufCMessage *message = NULL;
    models_call *call = mc_begin(client, method, request, options, NULL, NULL, error);
    if (call) {
        models_error *problem = NULL;
        wait_for_part(call);
        if (call->first_part) message = mc_take_part(call, &problem);
        else problem = mc_copy_error(&call->allocator, call->error);
        if (problem) mc_give_error(error, problem);
        models_call_free(call);
    }
    leave(client);
    return message;
}

static int outcome(void *message) {
    models_free(message);
    return message ? 0 : -1;
}

static bool has_id(const char *id, models_error **error) {
    if (id) return true;
    ProtobufCAllocator allocator = mc_allocator(NULL);
    mc_give_error(error, mc_invalid(&allocator, "There is no id."));
    return false;
}

models_list *models_snapshot(models_client *client, const models_call_options *options, models_error **error) {
    return answer(client, "ModelsSnapshot", NULL, options, error);
}

models_model *models_create(models_client *client, const models_seed *seed, const models_call_options *options,
                            models_error **error) {
    Pieces__Models__V1__ModelsCreateNewModelRequest request = PIECES__MODELS__V1__MODELS_CREATE_NEW_MODEL_REQUEST__INIT;
    request.seeded_model = (models_seed *)seed;
    return answer(client, "ModelsCreateNewModel", &request.base, options, error);
}

int models_delete(models_client *client, const char *id, const models_call_options *options, models_error **error) {
    Pieces__Models__V1__ModelsDeleteSpecificModelRequest request =
        PIECES__MODELS__V1__MODELS_DELETE_SPECIFIC_MODEL_REQUEST__INIT;
    request.model = (char *)id;
    if (!has_id(id, error)) return -1;
    return outcome(answer(client, "ModelsDeleteSpecificModel", &request.base, options, error));
}

models_cache_output *models_delete_cache(models_client *client, const char *id, const models_call_options *options,
                                         models_error **error) {
    Pieces__Models__V1__ModelsDeleteSpecificModelCacheRequest request =
        PIECES__MODELS__V1__MODELS_DELETE_SPECIFIC_MODEL_CACHE_REQUEST__INIT;
    request.model = (char *)id;
    if (!has_id(id, error)) return NULL;
    return answer(client, "ModelsDeleteSpecificModelCache", &request.base, options, error);
}

int models_unload(models_client *client, const models_call_options *options, models_error **error) {
    return outcome(answer(client, "UnloadModels", NULL, options, error));
}

// --- Streams

models_call *models_stream(models_client *client, const models_call_options *options, models_error **error) {
    if (!mc_enter(client, error)) return NULL;
    models_call *call = mc_begin(client, "StreamModelsSnapshot", NULL, options, NULL, NULL, error);
    while (call && !call->was_sent && !call->has_ended) mc_step(client, mc_wait(client));
    if (call && !call->was_sent) {
        mc_give_error(error, mc_copy_error(&call->allocator, call->error));
        models_call_free(call);
        call = NULL;
    }
    leave(client);
    return call;
}

static models_list *next_part(models_call *call, models_error **problem) {
    mc_heed_cancel(call);
    if (call->client) wait_for_part(call);
    if (!call->first_part) {
        if (call->error) *problem = mc_copy_error(&call->allocator, call->error);
        return NULL;
    }
    models_list *part = (models_list *)mc_take_part(call, problem);
    if (!part) {
        mc_drop_parts(call);
        mc_change_end(call, mc_copy_error(&call->allocator, *problem));
    }
    return part;
}

models_list *models_stream_next(models_call *call, models_error **error) {
    models_client *client = call ? call->client : NULL;
    models_error *problem = NULL;
    models_list *part = NULL;
    if (!call || !call->method->is_stream || call->done) {
        ProtobufCAllocator allocator = mc_allocator(NULL);
        problem = mc_invalid(&allocator, "This call was not made by models_stream.");
    } else if (!client) {
        part = next_part(call, &problem);
    } else if (mc_enter(client, error)) {
        part = next_part(call, &problem);
        if (call->client) mc_pump(client);
        leave(client);
    }
    if (problem) mc_give_error(error, problem);
    return part;
}
