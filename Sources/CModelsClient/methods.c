#include <string.h>

#include "internal.h"

#define MESSAGE(name) &pieces__models__v1__##name##__descriptor

static const mc_method methods[] = {
    {"ModelsSnapshot", MESSAGE(models_snapshot_request), MESSAGE(models), false, true},
    {"StreamModelsSnapshot", MESSAGE(stream_models_snapshot_request), MESSAGE(models), true, true},
    {"ModelsCreateNewModel", MESSAGE(models_create_new_model_request), MESSAGE(model), false, false},
    {"ModelsDeleteSpecificModel", MESSAGE(models_delete_specific_model_request), MESSAGE(empty), false, false},
    {"ModelsDeleteSpecificModelCache", MESSAGE(models_delete_specific_model_cache_request),
     MESSAGE(model_delete_cache_output), false, false},
    {"UnloadModels", MESSAGE(unload_models_request), MESSAGE(empty), false, false},
};

const mc_method *mc_find_method(const char *name) {
    for (size_t i = 0; name && i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].name, name) == 0) return &methods[i];
    return NULL;
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
