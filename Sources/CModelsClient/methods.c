#include <string.h>

#include "internal.h"

#define SERVICE "pieces.models.v1.ModelsService"
#define MESSAGE(name) &pieces__models__v1__##name##__descriptor

static const mc_method methods[] = {
    {"ModelsSnapshot", SERVICE, MESSAGE(models_snapshot_request), MESSAGE(models), false, true},
    {"StreamModelsSnapshot", SERVICE, MESSAGE(stream_models_snapshot_request), MESSAGE(models), true, true},
    {"ModelsCreateNewModel", SERVICE, MESSAGE(models_create_new_model_request), MESSAGE(model), false, false},
    {"ModelsDeleteSpecificModel", SERVICE, MESSAGE(models_delete_specific_model_request), MESSAGE(empty), false, false},
    {"ModelsDeleteSpecificModelCache", SERVICE, MESSAGE(models_delete_specific_model_cache_request),
     MESSAGE(model_delete_cache_output), false, false},
    {"UnloadModels", SERVICE, MESSAGE(unload_models_request), MESSAGE(empty), false, false},
};

const mc_method *mc_find_method(const char *name) {
    if (name && strncmp(name, SERVICE "/", sizeof SERVICE) == 0) name += sizeof SERVICE;
    for (size_t i = 0; name && i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].name, name) == 0) return &methods[i];
    return NULL;
}

mc_method mc_other_method(char *text) {
    char *slash = strrchr(text, '/');
    *slash = 0;
    // What an Empty does not know it keeps as it is, and gives back when it is packed.
    return (mc_method){.service = text, .name = slash + 1, .answer = MESSAGE(empty)};
}

Pieces__Models__V1__Timestamp models_timestamp(int64_t seconds, int32_t nanos) {
    Pieces__Models__V1__Timestamp timestamp = PIECES__MODELS__V1__TIMESTAMP__INIT;
    timestamp.has_seconds = timestamp.has_nanos = 1;
    timestamp.seconds = seconds;
    timestamp.nanos = nanos;
    return timestamp;
}

const char *models_client_version(void) {
    return MODELS_CLIENT_VERSION;
}
