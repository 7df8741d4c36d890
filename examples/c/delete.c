// Deletes a custom model, or what was downloaded for a model: delete [--cache] ID

#include <models_client.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool delete_cache(models_client *client, const char *id, models_error **error) {
    models_cache_output *output = models_delete_cache(client, id, NULL, error);
    models_free(output);
    return output != NULL;
}

int main(int argc, char **argv) {
    bool is_cache = argc == 3 && strcmp(argv[1], "--cache") == 0;
    if (argc != 2 && !is_cache) {
        fprintf(stderr, "usage: delete [--cache] ID\n");
        return 64;
    }
    const char *id = argv[argc - 1];
    models_error *error = NULL;
    models_client *client = models_client_new(NULL, &error);
    bool is_done = client && (is_cache ? delete_cache(client, id, &error)
                                       : models_delete(client, id, NULL, &error) == 0);
    if (!is_done) {
        // What the user can do about it, where there is something.
        const char *hint = models_error_metadata(error, "hint");
        fprintf(stderr, "%s: %s%s%s\n", models_code_name(models_error_code(error)), models_error_message(error),
                hint ? "; " : "", hint ? hint : "");
    }
    models_error_free(error);
    models_client_free(client);
    return is_done ? 0 : 1;
}
