// Makes a custom model and prints its id: create NAME

#include <models_client.h>
#include <stdio.h>
#include <time.h>

// The least that Pieces OS asks of a new model.
static models_model *create(models_client *client, const char *name, models_error **error) {
    Pieces__Models__V1__Timestamp now = models_timestamp(time(NULL), 0);
    Pieces__Models__V1__GroupedTimestamp created = PIECES__MODELS__V1__GROUPED_TIMESTAMP__INIT;
    models_seed seed = PIECES__MODELS__V1__SEEDED_MODEL__INIT;
    created.value = &now;
    seed.created = &created;
    seed.name = (char *)name;
    seed.version = (char *)"1";
    seed.has_type = seed.has_usage = seed.has_cloud = 1;
    seed.type = PIECES__MODELS__V1__MODEL_TYPE__MODEL_TYPE_SPEED;
    seed.usage = PIECES__MODELS__V1__MODEL_USAGE__MODEL_USAGE_CODE_GENERATION;
    return models_create(client, &seed, NULL, error);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: create NAME\n");
        return 64;
    }
    models_error *error = NULL;
    models_client *client = models_client_new(NULL, &error);
    models_model *model = client ? create(client, argv[1], &error) : NULL;
    if (model) {
        puts(model->id);
    } else {
        fprintf(stderr, "%s: %s\n", models_code_name(models_error_code(error)), models_error_message(error));
        // A program that would try again has to know.
        if (models_error_was_sent(error)) fprintf(stderr, "It may have been made all the same.\n");
    }
    models_free(model);
    models_error_free(error);
    models_client_free(client);
    return model ? 0 : 1;
}
