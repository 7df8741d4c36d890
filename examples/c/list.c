// Prints every model that Pieces OS knows. The gateway's socket is where it is by default, or $MODELS_GATEWAY_SOCKET.

#include <models_client.h>
#include <stdbool.h>
#include <stdio.h>

// Text from elsewhere must not drive the terminal, so control characters come out as blanks.
static void print_text(const char *text, int width) {
    for (text = text && *text ? text : "-"; *text; text++) {
        // UTF-8: only the first byte of a character is counted.
        bool begins = (*text & 0xC0) != 0x80;
        if (begins && width-- == 0) break;
        putchar((unsigned char)*text < 0x20 || *text == 0x7F ? ' ' : *text);
    }
    printf("%*s", width > 0 ? width + 1 : 1, "");
}

static void print_model(const models_model *model) {
    print_text(model->name, 30);
    print_text(model->provider, 14);
    print_text(model->cloud ? "cloud" : "local", 5);
    print_text(model->bytes ? model->bytes->readable : NULL, 9);
    print_text(model->loaded ? "loaded" : model->downloaded ? "downloaded" : NULL, 10);
    print_text(model->id, -1);
    putchar('\n');
}

int main(void) {
    models_error *error = NULL;
    models_call_options options = MODELS_CALL_OPTIONS_INIT;
    options.timeout_ms = 10000;
    models_client *client = models_client_new(NULL, &error);
    models_list *list = client ? models_snapshot(client, &options, &error) : NULL;
    if (list) {
        for (size_t i = 0; i < list->n_iterable; i++) print_model(list->iterable[i]);
        printf("%zu models\n", list->n_iterable);
    } else {
        fprintf(stderr, "%s: %s\n", models_code_name(models_error_code(error)), models_error_message(error));
    }
    models_free(list);
    models_error_free(error);
    models_client_free(client);
    return list ? 0 : 1;
}
